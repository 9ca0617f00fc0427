-- A role for monitoring, which may read /metrics and nothing else. Adding a value to an enum rewrites no table and waits
-- for no row; the value is first used in a later transaction.
ALTER TYPE role ADD VALUE IF NOT EXISTS 'MONITOR' BEFORE 'ADMIN';
