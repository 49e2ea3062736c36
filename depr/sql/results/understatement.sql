-- What the macro of the same name says of every plain alternative, as a table for clients that know no macros.
CREATE OR REPLACE TABLE understatement AS
SELECT u.* EXCLUDE (fiscal_month), 'as_if' AS mode
FROM understatement_of(
    (SELECT coalesce(list(a.book), []::VARCHAR[]) FROM alternatives AS a WHERE a.life_years IS NOT NULL), NULL, 'quarter', 'mid'
) AS u
ORDER BY issuer, generation, method, convention, life_years, period_end;
COMMENT ON TABLE understatement IS 'Depreciation under every prepared life, method and convention less that under what each issuer reports, by generation and fiscal quarter; analysis, not a GAAP restatement';
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
