-- Proposed links: the version of the matcher that weighed them, and the due time of the run that did so last.

ALTER TABLE link_proposal ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE link_proposal ADD COLUMN due_at timestamptz(3);
UPDATE link_proposal SET due_at = proposed_at;
ALTER TABLE link_proposal ALTER COLUMN due_at SET NOT NULL;
-- Lists by age, and the proposals of one customer.
CREATE INDEX link_proposal_status_id_idx ON link_proposal (status, id DESC);
CREATE INDEX link_proposal_high_id_idx ON link_proposal (high_id);
