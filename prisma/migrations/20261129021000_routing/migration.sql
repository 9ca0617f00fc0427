-- The load of agents is the sum of their open cases at every request: found without reading the resolved ones.

CREATE INDEX service_case_agent_id_open_idx ON service_case (agent_id) WHERE status = 'OPEN';
