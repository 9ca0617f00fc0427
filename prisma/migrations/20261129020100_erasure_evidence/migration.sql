-- Who had to acknowledge an erasure, and did, is evidence: it outlives the webhook, of which the host name is kept. The host name is
-- empty in rows of the release before, which does not write it; while their webhook exists it is read from there.
ALTER TABLE erasure_acknowledgement DROP CONSTRAINT erasure_acknowledgement_endpoint_id_fkey;
ALTER TABLE erasure_acknowledgement ADD COLUMN host text NOT NULL DEFAULT '';

UPDATE erasure_acknowledgement a
SET host = coalesce(lower(substring(e.url FROM '^[^:]+://([^/?#]+)')), '')
FROM webhook_endpoint e WHERE e.id = a.endpoint_id;
