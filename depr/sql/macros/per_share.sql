-- Earnings per share, from what is restated (statements.sql); the rule is that of depr/restate/lines.py.
CREATE OR REPLACE MACRO eps(
    life_years := 'default', method VARCHAR := 'default', convention VARCHAR := 'default',
    as_of DATE := NULL, grain VARCHAR := 'quarter', book VARCHAR := NULL, bound VARCHAR := 'mid',
    mode VARCHAR := 'as_if', tax VARCHAR := 'default', change_date DATE := NULL, lives DOUBLE[] := NULL
) AS TABLE (
    SELECT
        r.issuer, r.book, r.mode, r.called, r.bound, r.period_type, r.fiscal_year, r.fiscal_quarter, r.period_end,
        r.currency, r.understatement, r.tax_effect, r.net_income_reported, r.net_income_restated, r.basic_shares,
        r.diluted_shares, r.eps_basic_reported, r.eps_basic_restated, r.eps_diluted_reported, r.eps_diluted_restated,
        r.eps_basic_rule, r.eps_diluted_rule, r.eps_change, r.eps_compression, r.tax_rate, r.tax_kind, r.tax_source,
        r.tax_missing
    FROM restated(lives, life_years, method, convention, book, asked_date(as_of), bound, grain, mode, tax, change_date) AS r
    ORDER BY r.issuer, r.book, r.period_end
);
COMMENT ON MACRO TABLE eps IS 'Earnings per share of every period that has a statement, as reported and restated: income restated / shares, or as the rule says; a loss is over basic shares and has no compression; tax_missing says why there is no tax; currency per share';
