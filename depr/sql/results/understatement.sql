-- What the macro understatement says of every plain alternative, for the view of the same name.
CREATE OR REPLACE TABLE understatement_prepared AS
SELECT u.* EXCLUDE (fiscal_month), 'as_if' AS mode
FROM understatement_of(
    (SELECT coalesce(list(a.book), []::VARCHAR[]) FROM alternatives AS a WHERE a.life_years IS NOT NULL), NULL, 'quarter', 'mid'
) AS u
ORDER BY issuer, generation, method, convention, life_years, period_end;
COMMENT ON TABLE understatement_prepared IS 'What the view understatement shows, as it was prepared';
COMMENT ON COLUMN understatement_prepared.issuer IS 'owner';
COMMENT ON COLUMN understatement_prepared.generation IS 'GPU generation';
COMMENT ON COLUMN understatement_prepared.currency IS 'ISO 4217 code';
COMMENT ON COLUMN understatement_prepared.book IS 'name of the alternative';
COMMENT ON COLUMN understatement_prepared.bound IS 'reading of an estimated cost: mid; the macro understatement answers for low and high';
COMMENT ON COLUMN understatement_prepared.life_years IS 'useful life (years)';
COMMENT ON COLUMN understatement_prepared.method IS 'method';
COMMENT ON COLUMN understatement_prepared.convention IS 'convention';
COMMENT ON COLUMN understatement_prepared.fiscal_year IS 'fiscal year, named by the year it ends in';
COMMENT ON COLUMN understatement_prepared.fiscal_quarter IS 'quarter of the fiscal year (1-4)';
COMMENT ON COLUMN understatement_prepared.period_end IS 'last day of the quarter';
COMMENT ON COLUMN understatement_prepared.depreciation_reported IS 'depreciation of the fleet under the reported book (units of the currency)';
COMMENT ON COLUMN understatement_prepared.depreciation_alternative IS 'depreciation of the fleet under the alternative (units of the currency)';
COMMENT ON COLUMN understatement_prepared.understatement IS 'alternative less reported: positive when too little is reported (units of the currency)';
COMMENT ON COLUMN understatement_prepared.understatement_cumulative IS 'sum of understatement from the first quarter of the fleet (units of the currency)';
COMMENT ON COLUMN understatement_prepared.losses IS 'losses on disposals and impairments: alternative less reported (units of the currency)';
COMMENT ON COLUMN understatement_prepared.carried_over IS 'carrying amount at the end: reported less alternative (units of the currency)';
COMMENT ON COLUMN understatement_prepared.mode IS 'as_if: the alternative has always applied';
