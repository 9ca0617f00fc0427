-- What an agent's one query looks for: open cases and promises of an identifier, without reading its closed ones.

CREATE INDEX service_case_identifier_id_open_idx ON service_case (identifier_id, last_contact_at DESC) WHERE status = 'OPEN';
CREATE INDEX contact_identifier_id_promise_idx ON contact (identifier_id, at DESC) WHERE promise IS NOT NULL;
CREATE INDEX contact_case_id_outbound_idx ON contact (case_id, at DESC) WHERE direction = 'OUTBOUND';
