-- Plain columns for clients that know no macros: they work qualified too, after ATTACH 'fleet.duckdb' AS fleet.
CREATE OR REPLACE VIEW schedule AS
SELECT s.lot_id, s.issuer, s.generation, s.currency, s.book, s.fiscal_year, s.fiscal_quarter, s.period_start, s.period_end,
    s.depreciation, s.accumulated
FROM schedule(grain := 'quarter') AS s;
COMMENT ON VIEW schedule IS 'Depreciation of every lot by fiscal quarter, as its issuer reports; the macro of the same name takes any life';
COMMENT ON COLUMN schedule.lot_id IS 'name of the lot';
COMMENT ON COLUMN schedule.issuer IS 'owner';
COMMENT ON COLUMN schedule.generation IS 'GPU generation';
COMMENT ON COLUMN schedule.currency IS 'ISO 4217 code';
COMMENT ON COLUMN schedule.book IS 'book of what the issuer reports';
COMMENT ON COLUMN schedule.fiscal_year IS 'fiscal year, named by the year it ends in';
COMMENT ON COLUMN schedule.fiscal_quarter IS 'quarter of the fiscal year (1-4)';
COMMENT ON COLUMN schedule.period_start IS 'first day of the quarter';
COMMENT ON COLUMN schedule.period_end IS 'last day of the quarter';
COMMENT ON COLUMN schedule.depreciation IS 'depreciation of the quarter (units of the currency)';
COMMENT ON COLUMN schedule.accumulated IS 'depreciation accumulated at its end (units of the currency)';

CREATE OR REPLACE VIEW rollforward AS
SELECT r.* EXCLUDE (fiscal_month) FROM rollforward(grain := 'quarter') AS r;
COMMENT ON VIEW rollforward IS 'From opening to closing balances by owner, generation and fiscal quarter, as each issuer reports; the macro of the same name takes any life and grain';
COMMENT ON COLUMN rollforward.issuer IS 'owner';
COMMENT ON COLUMN rollforward.generation IS 'GPU generation';
COMMENT ON COLUMN rollforward.currency IS 'ISO 4217 code';
COMMENT ON COLUMN rollforward.fiscal_year IS 'fiscal year, named by the year it ends in';
COMMENT ON COLUMN rollforward.fiscal_quarter IS 'quarter of the fiscal year (1-4)';
COMMENT ON COLUMN rollforward.period_end IS 'last day of the quarter';
COMMENT ON COLUMN rollforward.movement IS 'opening_balance, what moved it, or closing_balance';
COMMENT ON COLUMN rollforward.construction_units IS 'units under construction';
COMMENT ON COLUMN rollforward.units IS 'units in service';
COMMENT ON COLUMN rollforward.construction IS 'cost under construction (units of the currency)';
COMMENT ON COLUMN rollforward.cost IS 'cost in service (units of the currency)';
COMMENT ON COLUMN rollforward.accumulated IS 'accumulated depreciation (units of the currency)';
COMMENT ON COLUMN rollforward.impairment IS 'accumulated impairment (units of the currency)';
COMMENT ON COLUMN rollforward.carrying IS 'construction + cost - accumulated - impairment (units of the currency)';
COMMENT ON COLUMN rollforward.proceeds IS 'proceeds of disposals; in no balance (units of the currency)';

CREATE OR REPLACE VIEW understatement AS
SELECT u.* FROM understatement_prepared AS u
WHERE CASE
    WHEN getvariable('as_of') IS NOT NULL THEN error('the view understatement is of all that was recorded; leave out as_of '
        || '(RESET VARIABLE as_of), or ask the macro: FROM understatement(3)')::BOOLEAN
    WHEN getvariable('known_at')::TIMESTAMP < (SELECT max(b.recorded_at) FROM batches AS b)
        THEN error('the view understatement is of all that was recorded; leave out known_at '
        || '(RESET VARIABLE known_at), or ask depr restate LEDGER --known-at')::BOOLEAN
    ELSE true
END;
COMMENT ON VIEW understatement IS 'Depreciation under every prepared life, method and convention less that under what each issuer reports, by generation and fiscal quarter; analysis, not a GAAP restatement';
COMMENT ON COLUMN understatement.issuer IS 'owner';
COMMENT ON COLUMN understatement.generation IS 'GPU generation';
COMMENT ON COLUMN understatement.currency IS 'ISO 4217 code';
COMMENT ON COLUMN understatement.book IS 'name of the alternative';
COMMENT ON COLUMN understatement.bound IS 'reading of an estimated cost: mid; the macro understatement answers for low and high';
COMMENT ON COLUMN understatement.life_years IS 'useful life (years)';
COMMENT ON COLUMN understatement.method IS 'method';
COMMENT ON COLUMN understatement.convention IS 'convention';
COMMENT ON COLUMN understatement.fiscal_year IS 'fiscal year, named by the year it ends in';
COMMENT ON COLUMN understatement.fiscal_quarter IS 'quarter of the fiscal year (1-4)';
COMMENT ON COLUMN understatement.period_end IS 'last day of the quarter';
COMMENT ON COLUMN understatement.depreciation_reported IS 'depreciation of the fleet under the reported book (units of the currency)';
COMMENT ON COLUMN understatement.depreciation_alternative IS 'depreciation of the fleet under the alternative (units of the currency)';
COMMENT ON COLUMN understatement.understatement IS 'alternative less reported: positive when too little is reported (units of the currency)';
COMMENT ON COLUMN understatement.understatement_cumulative IS 'sum of understatement from the first quarter of the fleet (units of the currency)';
COMMENT ON COLUMN understatement.losses IS 'losses on disposals and impairments: alternative less reported (units of the currency)';
COMMENT ON COLUMN understatement.carried_over IS 'carrying amount at the end: reported less alternative (units of the currency)';
COMMENT ON COLUMN understatement.mode IS 'as_if: the alternative has always applied';

CREATE OR REPLACE VIEW positions AS
SELECT
    l.issuer, l.generation, l.status, l.location, l.currency, count(*) AS lots, sum(l.units_held)::BIGINT AS units_held,
    sum(l.cost) AS cost
FROM lots AS l GROUP BY ALL;
COMMENT ON VIEW positions IS 'What is held where: lots by owner, generation, status and site';
COMMENT ON COLUMN positions.issuer IS 'owner';
COMMENT ON COLUMN positions.generation IS 'GPU generation';
COMMENT ON COLUMN positions.status IS 'under_construction, in_service, held_for_sale or disposed';
COMMENT ON COLUMN positions.location IS 'site, after transfers';
COMMENT ON COLUMN positions.currency IS 'ISO 4217 code';
COMMENT ON COLUMN positions.lots IS 'number of lots';
COMMENT ON COLUMN positions.units_held IS 'units held';
COMMENT ON COLUMN positions.cost IS 'cost of the lots as acquired (units of the currency)';

CREATE OR REPLACE VIEW curves AS
WITH first_of AS (
    SELECT t.book, min(s.in_service_date) AS in_service_date, arg_min(s.share_id, (s.in_service_date, s.calendar)) AS share_id
    FROM tracks AS t JOIN starts AS s ON s.track = t.track AND s.stage = 0
    WHERE s.in_service_date <= coalesce(getvariable('as_of')::DATE, DATE '9999-12-31')
    GROUP BY t.book
)
SELECT
    a.book, a.life_years, a.method, a.convention, f.in_service_date, h.step + 1 AS month, h.num, h.den,
    (h.num::HUGEINT * 1000000 // h.den)::DECIMAL(18,0) * 0.000001::DECIMAL(7,6) AS share_used
FROM alternatives AS a JOIN first_of AS f ON f.book = a.book JOIN shares AS h ON h.share_id = f.share_id
WHERE a.life_years IS NOT NULL AND CASE
    WHEN getvariable('known_at')::TIMESTAMP < (SELECT max(b.recorded_at) FROM batches AS b)
        THEN error('the view curves is of all that was recorded; leave out known_at (RESET VARIABLE known_at)')::BOOLEAN
    ELSE true
END;
COMMENT ON VIEW curves IS 'The curve of every prepared life, method and convention: the share used up by the end of each month of a lot placed in service on a date';
COMMENT ON COLUMN curves.book IS 'name of the alternative';
COMMENT ON COLUMN curves.life_years IS 'useful life (years)';
COMMENT ON COLUMN curves.method IS 'method';
COMMENT ON COLUMN curves.convention IS 'convention';
COMMENT ON COLUMN curves.in_service_date IS 'the first date of service of the ledger, which the clock of the curve starts from';
COMMENT ON COLUMN curves.month IS 'fiscal month since it was placed in service, from 1';
COMMENT ON COLUMN curves.num IS 'numerator of the share used up by its end, exactly';
COMMENT ON COLUMN curves.den IS 'denominator of it';
COMMENT ON COLUMN curves.share_used IS 'the share to six decimals, cut off';
