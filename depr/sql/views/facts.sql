-- The rule of depr/ledger/positions.py (effective) in SQL.
CREATE OR REPLACE VIEW facts AS
WITH known AS (
    SELECT e.*, b.recorded_at, b.file AS source_file
    FROM events e
    JOIN batches b ON b.batch = e.batch
    WHERE b.recorded_at <= coalesce(getvariable('known_at')::TIMESTAMP, TIMESTAMP '9999-12-31')
)
SELECT
    k.seq, k.kind, k.lot_id, k.effective_date, k.recorded_at, k.issuer, k.generation, k.units,
    k.cost_minor, k.cost_low_minor, k.cost_high_minor, k.residual_minor, k.amount_minor, k.currency, k.life_months,
    k.book, k.location, k.serial, k.document, k.reason, k.source_file, k.source_row
FROM known k
WHERE k.kind NOT IN ('correction', 'period_closed', 'period_reopened', 'adopted', 'posted')
    AND k.effective_date <= coalesce(getvariable('as_of')::DATE, DATE '9999-12-31')
    AND k.seq NOT IN (SELECT c.reverses FROM known c WHERE c.reverses IS NOT NULL);
COMMENT ON VIEW facts IS 'Events of lots that stand: no correction took them back. SET VARIABLE as_of = DATE ... and known_at = TIMESTAMP ... (UTC) ask for what was effective on a date and recorded by a time';
COMMENT ON COLUMN facts.seq IS 'position in the journal, from 1';
COMMENT ON COLUMN facts.kind IS 'kind of event';
COMMENT ON COLUMN facts.lot_id IS 'lot it concerns';
COMMENT ON COLUMN facts.effective_date IS 'when it took effect';
COMMENT ON COLUMN facts.recorded_at IS 'when it was recorded, UTC';
COMMENT ON COLUMN facts.issuer IS 'owner: of an acquisition, of units without a cost, or of a period';
COMMENT ON COLUMN facts.generation IS 'GPU generation: of an acquisition, or of units without a cost';
COMMENT ON COLUMN facts.units IS 'units: acquired, or disposed of in part';
COMMENT ON COLUMN facts.cost_minor IS 'cost (minor units): of an acquisition';
COMMENT ON COLUMN facts.cost_low_minor IS 'low end of an estimated cost (minor units)';
COMMENT ON COLUMN facts.cost_high_minor IS 'high end of an estimated cost (minor units)';
COMMENT ON COLUMN facts.residual_minor IS 'residual value (minor units): of an acquisition or a new estimate';
COMMENT ON COLUMN facts.amount_minor IS 'amount (minor units): accumulated depreciation, cost, loss or proceeds, by kind';
COMMENT ON COLUMN facts.currency IS 'ISO 4217 code of the amounts';
COMMENT ON COLUMN facts.life_months IS 'new useful life from the start (months): of an estimate';
COMMENT ON COLUMN facts.book IS 'book it counts in; null for every book that it can concern';
COMMENT ON COLUMN facts.location IS 'site: of an acquisition or a transfer';
COMMENT ON COLUMN facts.serial IS 'serial number: of an acquisition';
COMMENT ON COLUMN facts.document IS 'document reference';
COMMENT ON COLUMN facts.reason IS 'why, in words';
COMMENT ON COLUMN facts.source_file IS 'file it was imported from';
COMMENT ON COLUMN facts.source_row IS 'row in that file; the header is row 1';
