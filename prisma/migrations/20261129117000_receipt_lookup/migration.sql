-- Agents find the customer of a till receipt by its number, also when an import of sales brought it. The index covers purchases and refunds
-- at tills only. Ten million of them take about half a minute, in which they can be read but not written.
CREATE INDEX interaction_receipt_idx ON interaction ((facts ->> 'receipt')) WHERE kind IN ('PURCHASE', 'REFUND');
