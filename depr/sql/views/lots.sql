CREATE OR REPLACE VIEW lots AS
SELECT
    a.lot_id, a.issuer, a.generation, a.units,
    a.cost_minor * c.unit_per_minor AS cost,
    a.cost_low_minor * c.unit_per_minor AS cost_low,
    a.cost_high_minor * c.unit_per_minor AS cost_high,
    a.residual_minor * c.unit_per_minor AS residual,
    a.currency, a.effective_date AS purchase_date, s.effective_date AS in_service_date, a.location, a.document,
    b.file AS source_file, a.source_row
FROM events a
JOIN currencies c ON c.currency = a.currency
JOIN batches b ON b.batch = a.batch
LEFT JOIN events s ON s.lot_id = a.lot_id AND s.kind = 'placed_in_service'
WHERE a.kind = 'acquisition';
COMMENT ON VIEW lots IS 'Positions: one row a lot, amounts in units of its currency; in_service_date is null while under construction';
COMMENT ON COLUMN lots.lot_id IS 'name of the lot';
COMMENT ON COLUMN lots.issuer IS 'owner';
COMMENT ON COLUMN lots.generation IS 'GPU generation';
COMMENT ON COLUMN lots.units IS 'units held';
COMMENT ON COLUMN lots.cost IS 'cost';
COMMENT ON COLUMN lots.cost_low IS 'low end of an estimated cost; null when the cost is known';
COMMENT ON COLUMN lots.cost_high IS 'high end of an estimated cost; null when the cost is known';
COMMENT ON COLUMN lots.residual IS 'residual value; null leaves it to the book';
COMMENT ON COLUMN lots.currency IS 'ISO 4217 code';
COMMENT ON COLUMN lots.purchase_date IS 'date of purchase';
COMMENT ON COLUMN lots.in_service_date IS 'date placed in service; null while under construction';
COMMENT ON COLUMN lots.location IS 'site';
COMMENT ON COLUMN lots.document IS 'document reference: invoice, filing, dataset';
COMMENT ON COLUMN lots.source_file IS 'file it was imported from';
COMMENT ON COLUMN lots.source_row IS 'row in that file; the header is row 1';
