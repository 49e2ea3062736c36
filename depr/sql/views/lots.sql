-- The rules of depr/ledger/positions.py (acquired, holdings) in SQL.
CREATE OR REPLACE VIEW lots AS
WITH told AS (
    SELECT
        lot_id,
        min(effective_date) FILTER (kind = 'placed_in_service') AS in_service_date,
        min(effective_date) FILTER (kind = 'disposal') AS disposal_date,
        coalesce(sum(units) FILTER (kind = 'partial_disposal'), 0)::BIGINT AS sold,
        max_by(location, (effective_date, kind = 'transfer', seq))
            FILTER (kind IN ('acquisition', 'transfer') AND location IS NOT NULL) AS location,
        max_by(kind, (effective_date, kind = 'back_in_use', seq))
            FILTER (kind IN ('held_for_sale', 'back_in_use')) = 'held_for_sale' AS for_sale
    FROM facts GROUP BY lot_id
)
SELECT
    a.lot_id, a.issuer, a.generation,
    CASE
        WHEN t.disposal_date IS NOT NULL OR t.sold = a.units THEN 'disposed'
        WHEN t.in_service_date IS NULL THEN 'under_construction'
        WHEN t.for_sale THEN 'held_for_sale'
        ELSE 'in_service'
    END AS status,
    a.units, CASE WHEN t.disposal_date IS NULL THEN a.units - t.sold ELSE 0 END::BIGINT AS units_held,
    a.cost_minor * c.unit_per_minor AS cost,
    a.cost_low_minor * c.unit_per_minor AS cost_low,
    a.cost_high_minor * c.unit_per_minor AS cost_high,
    a.residual_minor * c.unit_per_minor AS residual,
    a.currency, a.effective_date AS purchase_date, t.in_service_date, t.disposal_date, t.location, a.serial, a.document,
    a.source_file, a.source_row
FROM facts a
JOIN told t ON t.lot_id = a.lot_id
JOIN currencies c ON c.currency = a.currency
WHERE a.kind = 'acquisition';
COMMENT ON VIEW lots IS 'Positions: one row a lot, amounts in units of its currency; as of and as known at the variables of the view facts';
COMMENT ON COLUMN lots.lot_id IS 'name of the lot';
COMMENT ON COLUMN lots.issuer IS 'owner';
COMMENT ON COLUMN lots.generation IS 'GPU generation';
COMMENT ON COLUMN lots.status IS 'under_construction, in_service, held_for_sale or disposed';
COMMENT ON COLUMN lots.units IS 'units acquired';
COMMENT ON COLUMN lots.units_held IS 'units held; 0 when disposed of';
COMMENT ON COLUMN lots.cost IS 'cost';
COMMENT ON COLUMN lots.cost_low IS 'low end of an estimated cost; null when the cost is known';
COMMENT ON COLUMN lots.cost_high IS 'high end of an estimated cost; null when the cost is known';
COMMENT ON COLUMN lots.residual IS 'residual value; null leaves it to the book';
COMMENT ON COLUMN lots.currency IS 'ISO 4217 code';
COMMENT ON COLUMN lots.purchase_date IS 'date of purchase';
COMMENT ON COLUMN lots.in_service_date IS 'date placed in service; null while under construction';
COMMENT ON COLUMN lots.disposal_date IS 'date of disposal; null while any is held';
COMMENT ON COLUMN lots.location IS 'site, after transfers';
COMMENT ON COLUMN lots.serial IS 'serial number';
COMMENT ON COLUMN lots.document IS 'document reference: invoice, filing, dataset';
COMMENT ON COLUMN lots.source_file IS 'file it was imported from';
COMMENT ON COLUMN lots.source_row IS 'row in that file; the header is row 1';
