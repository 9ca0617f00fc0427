-- Picked units that went back to their shelf: the reason of the move.

ALTER TYPE move_reason ADD VALUE IF NOT EXISTS 'PICK_UNDONE';
