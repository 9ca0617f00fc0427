-- Runs of jobs that several machines share: the partitions of a run with their outcome, and the machines that execute them.

-- What is to be done, and what came of it. The queue (schema graphile_worker) only hands partitions out: a row here that
-- is not finished and has no entry there is queued again.
CREATE TABLE job_partition (
  job text NOT NULL,
  due_at timestamptz(3) NOT NULL,
  stage text NOT NULL,
  number integer NOT NULL,
  task jsonb NOT NULL,
  -- Who finished it, when, and with which counts; an error when all its attempts failed.
  worker text,
  finished_at timestamptz(3),
  result jsonb,
  error text,
  PRIMARY KEY (job, due_at, stage, number),
  FOREIGN KEY (job, due_at) REFERENCES job_run ON DELETE CASCADE ON UPDATE CASCADE
);

-- Heartbeats by the database's clock. What a worker without one has locked in the queue is unlocked for the others.
CREATE TABLE job_worker (
  id text PRIMARY KEY,
  runner text NOT NULL,
  started_at timestamptz(3) NOT NULL DEFAULT now(),
  heartbeat_at timestamptz(3) NOT NULL DEFAULT now()
);
