-- The cash gap, from what is restated (statements.sql); the rule is that of depr/restate/lines.py. Cash is the same in
-- every book, and a quarter stands beside a quarter.
CREATE OR REPLACE MACRO cash_gap(
    life_years := 'default', method VARCHAR := 'default', convention VARCHAR := 'default',
    as_of DATE := NULL, grain VARCHAR := 'quarter', book VARCHAR := NULL, bound VARCHAR := 'mid',
    mode VARCHAR := 'as_if', tax VARCHAR := 'default', change_date DATE := NULL, lives DOUBLE[] := NULL
) AS TABLE (
    SELECT
        r.issuer, r.book, r.mode, r.called, r.bound, r.period_type, r.fiscal_year, r.fiscal_quarter, r.period_end,
        r.currency, r.capex, r.cash_from_operations, r.depreciation_reported, r.depreciation_restated,
        r.cash_gap_reported, r.cash_gap_restated, r.capex_to_depreciation_reported,
        r.capex_to_depreciation_restated, r.capex_to_revenue, r.free_cash_flow,
        r.replacement_capex, r.owner_earnings, r.funding_gap, r.quarters_of_cash
    FROM restated(lives, life_years, method, convention, book, asked_date(as_of), bound, grain, mode, tax, change_date) AS r
    ORDER BY r.issuer, r.book, r.period_end
);
COMMENT ON MACRO TABLE cash_gap IS 'Capital expenditure beside depreciation of every period that has a statement, as reported and restated, and who pays for it; units of the currency';
