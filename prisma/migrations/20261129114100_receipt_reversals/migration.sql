-- Receipts that were posted by mistake and taken back, and transfers that were recalled: the reasons of the moves, and the records.

ALTER TYPE move_reason ADD VALUE IF NOT EXISTS 'RECEIPT_REVERSED';
ALTER TYPE move_reason ADD VALUE IF NOT EXISTS 'TRANSFER_RECALLED';

CREATE TABLE transfer_receipt_reversal (
  id uuid PRIMARY KEY,
  transfer_id uuid NOT NULL REFERENCES transfer ON DELETE CASCADE ON UPDATE CASCADE,
  actor_id integer NOT NULL REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  command_id bigint NOT NULL,
  reason text NOT NULL,
  units integer NOT NULL,
  received_at timestamptz(3),
  reversed_at timestamptz(3) NOT NULL
);
CREATE INDEX transfer_receipt_reversal_transfer_id_idx ON transfer_receipt_reversal (transfer_id, id);
CREATE INDEX transfer_receipt_reversal_actor_id_idx ON transfer_receipt_reversal (actor_id);

CREATE TABLE purchase_receipt_reversal (
  id uuid PRIMARY KEY,
  purchase_id uuid NOT NULL REFERENCES purchase_order ON DELETE CASCADE ON UPDATE CASCADE,
  actor_id integer NOT NULL REFERENCES actor ON DELETE RESTRICT ON UPDATE CASCADE,
  command_id bigint NOT NULL,
  reason text NOT NULL,
  units integer NOT NULL,
  received_at timestamptz(3),
  reversed_at timestamptz(3) NOT NULL
);
CREATE INDEX purchase_receipt_reversal_purchase_id_idx ON purchase_receipt_reversal (purchase_id, id);
CREATE INDEX purchase_receipt_reversal_actor_id_idx ON purchase_receipt_reversal (actor_id);
