-- The understatement carried through the statements: depr/restate/statements.py, ratios.py, per_share.py and cash.py in
-- SQL. What is taxed or split is in whole minor units, lines of statements are in units of the currency.
CREATE OR REPLACE MACRO round_half_even(numerator, denominator) AS
    (sign(numerator) * divide_half_even(abs(numerator), denominator))::BIGINT;
COMMENT ON MACRO round_half_even IS 'numerator / denominator of whole numbers, denominator positive, rounded half to even';

CREATE OR REPLACE MACRO money(amount) AS amount::DECIMAL(28,3);
COMMENT ON MACRO money IS 'An amount in units of a currency, as tables have it';

CREATE OR REPLACE MACRO thousandths(amount) AS (amount::DECIMAL(28,3) * 1000::DECIMAL(4,0))::HUGEINT;
COMMENT ON MACRO thousandths IS 'An amount in units of a currency as so many thousandths';

CREATE OR REPLACE MACRO in_minor(amount, unit_per_minor) AS
    thousandths(amount) // thousandths(unit_per_minor);
COMMENT ON MACRO in_minor IS 'Units of the currency as minor units';

CREATE OR REPLACE MACRO millionths(number) AS (number::DECIMAL(18,0) * 0.000001)::DECIMAL(18,6);
COMMENT ON MACRO millionths IS 'So many millionths, as a number with six decimals';

CREATE OR REPLACE MACRO ratio_ppm(part, whole) AS CASE WHEN whole > 0
    THEN round_half_even(thousandths(part) * 1000000, thousandths(whole)) END;
COMMENT ON MACRO ratio_ppm IS 'part / whole of two amounts in parts per million, half to even; null where the whole is not positive';

CREATE OR REPLACE MACRO ratio(part, whole) AS millionths(ratio_ppm(part, whole));
COMMENT ON MACRO ratio IS 'part / whole of two amounts to six decimals, half to even; null where the whole is not positive';

CREATE OR REPLACE MACRO taxed(minor, rate_ppm) AS round_half_even(minor::HUGEINT * rate_ppm, 1000000);
COMMENT ON MACRO taxed IS 'Tax on minor units at a rate in parts per million, half to even';

CREATE OR REPLACE MACRO per_share(amount, shares) AS CASE WHEN shares > 0
    THEN millionths(round_half_even(thousandths(amount) * 1000000, shares::HUGEINT * 1000)) END;
COMMENT ON MACRO per_share IS 'An amount in units over shares, to six decimals, half to even';

-- The rule of depr/restate/per_share.py, in its words.
CREATE OR REPLACE MACRO eps_small(printed, before, after, shares) AS
    coalesce(abs(per_share(after - before, shares)) < abs(printed - per_share(before, shares)), false);
COMMENT ON MACRO eps_small IS 'Whether a change in income moves earnings per share by less than what the reported figure was rounded by';

CREATE OR REPLACE MACRO eps_restated(own, printed, follows, before, after, shares) AS (CASE
    WHEN own IS NOT NULL AND after = before THEN own
    WHEN printed IS NOT NULL AND (NOT coalesce(follows, true) OR eps_small(printed, before, after, shares))
        THEN printed + per_share(after - before, shares)
    ELSE per_share(after, shares) END)::DECIMAL(18,6);
COMMENT ON MACRO eps_restated IS 'Income restated / shares where the reported figure follows from income and shares, else reported + change / shares, as for a change that is less than its rounding';

CREATE OR REPLACE MACRO eps_rule(own, printed, follows, before, after, shares, restated, uncounted) AS CASE WHEN restated IS NOT NULL THEN CASE
    WHEN printed IS NOT NULL AND NOT coalesce(follows, true) THEN
        'as reported + change in income / shares: the figure does not follow from the filer''s income and shares'
    WHEN printed IS NOT NULL AND (own IS NULL OR after <> before) AND eps_small(printed, before, after, shares) THEN
        'as reported + change in income / shares: the change is less than what the figure was rounded by'
    WHEN own IS NULL THEN
        'income restated / shares; the filer gives no figure, so the one as reported is computed too'
    ELSE 'income restated / shares' END || CASE WHEN uncounted THEN
        '; basic shares, since the statement of a loss does not count those that would dilute a profit'
    ELSE '' END END;
COMMENT ON MACRO eps_rule IS 'How earnings per share are restated, and over which shares';

CREATE OR REPLACE MACRO ratio_of_shares(part, whole) AS CASE WHEN whole > 0
    THEN millionths(round_half_even((part::DECIMAL(18,6) * 1000000::DECIMAL(7,0))::HUGEINT * 1000000,
        (whole::DECIMAL(18,6) * 1000000::DECIMAL(7,0))::HUGEINT)) END;
COMMENT ON MACRO ratio_of_shares IS 'The ratio of two amounts per share';

CREATE OR REPLACE MACRO of_year(of_type, figure) AS CASE WHEN of_type = 'FY' THEN figure END;
COMMENT ON MACRO of_year IS 'A figure of a year; null for a quarter';

CREATE OR REPLACE MACRO has_statements() AS (
    SELECT CASE
        WHEN count(*) > 0 THEN true
        ELSE error('no statement of these issuers is in the file; run: depr prepare LEDGER, or: depr restate LEDGER --statements FILE --save NAME')::BOOLEAN
    END
    FROM statements AS s WHERE s.issuer IN (SELECT f.issuer FROM fleets AS f)
);
COMMENT ON MACRO has_statements IS 'True when there is a statement of anyone who owns lots; else an error';

-- Only what a statement is there for is shown, but what lies between two of them counts.
CREATE OR REPLACE MACRO stated_gaps(of_books, of_date, of_bound, of_change, of_grain, of_tax) AS TABLE (
    WITH lines AS (
        SELECT
            g.*, s.issuer IS NOT NULL AS stated, s.currency AS stated_in,
            s.* EXCLUDE (issuer, period_type, fiscal_year, fiscal_quarter, period_end, currency, source)
        FROM gaps_in_books(of_books, of_date, of_bound, of_change) AS g
        LEFT JOIN statements AS s ON s.issuer = g.issuer AND s.period_type = g.period_type
            AND s.fiscal_year = g.fiscal_year AND s.fiscal_quarter IS NOT DISTINCT FROM g.fiscal_quarter
        WHERE one_of(of_grain, ['quarter', 'year'], 'grain')
            AND g.period_type = CASE of_grain WHEN 'year' THEN 'FY' ELSE 'Q' END
    ), within AS (
        SELECT l.*
        FROM lines AS l
        WINDOW w AS (PARTITION BY l.issuer, l.currency, l.book)
        QUALIFY l.period_end
            BETWEEN min(l.period_end) FILTER (l.stated) OVER w AND max(l.period_end) FILTER (l.stated) OVER w
    ), kinds AS (
        SELECT r.issuer, list(r.kind) AS names FROM tax_rates AS r GROUP BY r.issuer
    ), rated AS (
        SELECT
            w.*, c.unit_per_minor,
            CASE of_tax
                WHEN 'effective' THEN ratio_ppm(w.income_tax, w.pretax_income)
                ELSE round_half_even(r.rate_num::HUGEINT * 1000000, r.rate_den::HUGEINT)
            END AS rate_ppm,
            CASE
                WHEN of_tax = 'effective' AND ratio_ppm(w.income_tax, w.pretax_income) IS NULL
                    THEN 'no effective rate: income before tax is not positive, or one of the lines is not sourced'
                WHEN of_tax <> 'effective' AND r.issuer IS NULL
                    THEN w.issuer || ' has no ' || of_tax || ' tax rate; it has: '
                        || in_one_line(list_append(coalesce(k.names, []), 'effective'))
            END AS tax_missing,
            CASE of_tax WHEN 'effective' THEN of_tax ELSE r.rate_kind END AS tax_kind,
            CASE of_tax WHEN 'effective' THEN 'income tax / income before tax of the period' ELSE r.source
                END AS tax_source,
            round_half_even(m.rate_num::HUGEINT * 1000000, m.rate_den::HUGEINT) AS marginal_ppm,
            round_half_even(w.understatement * f.first_num, f.first_den::HUGEINT) AS first_part,
            round_half_even(w.understatement * f.both_num, f.both_den::HUGEINT) AS both_parts
        FROM within AS w
        JOIN currencies AS c ON c.currency = w.currency
        LEFT JOIN function_splits AS f ON f.issuer = w.issuer AND w.period_end >= f.applies_from
            AND w.period_end < f.applies_until
        LEFT JOIN tax_rates AS r ON r.issuer = w.issuer AND r.kind = of_tax AND w.period_end >= r.applies_from
            AND w.period_end < r.applies_until
        LEFT JOIN tax_rates AS m ON m.issuer = w.issuer AND m.kind = 'marginal' AND w.period_end >= m.applies_from
            AND w.period_end < m.applies_until
        LEFT JOIN kinds AS k ON k.issuer = w.issuer
        WHERE one_of(of_tax, (SELECT list_sort(list_distinct(list_append(flatten(list(o.names)), 'effective')))
            FROM kinds AS o), 'tax rate') AND CASE
            WHEN w.stated_in <> w.currency THEN error('lots of ' || w.issuer || ' are in ' || w.currency
                || ', its statements in ' || w.stated_in)::BOOLEAN
            ELSE true
        END
    ), effects AS (
        SELECT
            r.*, r.understatement + r.losses AS less, taxed(r.understatement + r.losses, r.rate_ppm) AS tax_effect,
            taxed(r.understatement + r.losses, r.marginal_ppm) AS tax_marginal,
            taxed(r.carried_over_before, r.rate_ppm) AS tax_before
        FROM rated AS r
    ), deferred AS (
        SELECT
            e.*, CASE WHEN count(*) FILTER (e.tax_effect IS NULL) OVER w = 0
                THEN first_value(e.tax_before) OVER w + sum(e.tax_effect) OVER w END AS deferred_closing
        FROM effects AS e
        WINDOW w AS (PARTITION BY e.issuer, e.currency, e.book ORDER BY e.period_end)
    )
    SELECT d.* FROM deferred AS d WHERE d.stated
);
COMMENT ON MACRO TABLE stated_gaps IS 'Understatement of every period that has a statement, with its lines, tax and deferred tax; the understatement and what follows from it in minor units, lines in units of the currency';

-- Restated line = reported line + change, so that whatever the fleet misses cancels.
CREATE OR REPLACE MACRO restated(
    of_lives, of_life, of_method, of_convention, of_book, of_date, of_bound, of_grain, of_mode, of_tax, of_change
) AS TABLE (
    WITH wanted AS (
        SELECT change_day(of_book, of_mode, of_change) AS change_date WHERE has_statements()
    ), followed AS (
        SELECT books_in_mode(
            asked_books(of_lives, of_life, of_method, of_convention,
                CASE WHEN of_mode = 'catch_up' THEN alternative_name(of_book) ELSE of_book END),
            of_mode, (SELECT w.change_date FROM wanted AS w)
        ) AS books
    ), caught AS (
        SELECT CASE WHEN of_mode = 'catch_up' THEN w.change_date END AS change_date FROM wanted AS w
    ), gaps AS (
        SELECT
            g.*, in_units(g.modelled, g.unit_per_minor) AS modelled_units,
            in_units(g.alternative, g.unit_per_minor) AS replacement,
            in_units(g.understatement, g.unit_per_minor) AS gap, in_units(g.less, g.unit_per_minor) AS less_units,
            in_units(g.tax_effect, g.unit_per_minor) AS tax_units,
            in_units(g.tax_marginal, g.unit_per_minor) AS marginal_units,
            in_units(g.carried_over, g.unit_per_minor) AS over_units,
            in_units(g.deferred_closing, g.unit_per_minor) AS deferred,
            in_units(g.deferred_closing - g.tax_effect, g.unit_per_minor) AS deferred_opening,
            in_units(g.first_part, g.unit_per_minor) AS cost_part,
            in_units(g.both_parts - g.first_part, g.unit_per_minor) AS research_part,
            in_units(g.understatement - g.both_parts, g.unit_per_minor) AS sales_part,
            coalesce(g.gross_profit, g.revenue - g.cost_of_revenue) AS gross
        FROM stated_gaps(
            (SELECT f.books FROM followed AS f), of_date, of_bound, (SELECT c.change_date FROM caught AS c),
            of_grain, of_tax
        ) AS g
    ), lines AS (
        SELECT
            g.*, money(g.depreciation + g.gap) AS depreciation_after,
            money(g.operating_income - g.less_units) AS operating_after,
            money(g.net_income - g.less_units + g.tax_units) AS net_after, money(g.gross - g.cost_part) AS gross_after,
            money(g.equity - g.over_units + g.deferred) AS equity_after,
            money(g.capex + g.finance_lease_principal + g.debt_repaid - g.cash_from_operations) AS funding_gap
        FROM gaps AS g
    ), commons AS (
        SELECT
            l.*, money(coalesce(l.net_income_to_common, l.net_income)) AS common_before,
            money(coalesce(l.net_income_to_common, l.net_income) + l.net_after - l.net_income) AS common_after
        FROM lines AS l
    ), counted AS (
        SELECT
            l.*, l.common_before < 0 AND l.common_after >= 0 AND coalesce(l.diluted_shares = l.basic_shares, true)
                AS uncounted,
            l.common_after < 0 OR (l.common_before < 0 AND l.common_after >= 0
                AND coalesce(l.diluted_shares = l.basic_shares, true)) AS over_basic,
            coalesce(l.eps_basic, per_share(l.common_before, l.basic_shares)) AS eps_basic_before,
            coalesce(l.eps_diluted, per_share(l.common_before,
                CASE WHEN l.common_before < 0 THEN l.basic_shares ELSE l.diluted_shares END)) AS eps_diluted_before
        FROM commons AS l
    ), shared AS (
        SELECT
            l.*, money(l.operating_income - in_units(taxed(in_minor(l.operating_income, l.unit_per_minor), l.rate_ppm),
                l.unit_per_minor)) AS operating_taxed,
            money(l.operating_after - in_units(taxed(in_minor(l.operating_after, l.unit_per_minor), l.rate_ppm),
                l.unit_per_minor)) AS operating_after_taxed,
            eps_restated(l.eps_basic, l.eps_basic, l.eps_basic_follows, l.common_before, l.common_after, l.basic_shares)
                AS eps_basic_after,
            eps_restated(l.eps_diluted, CASE WHEN l.over_basic THEN l.eps_basic ELSE l.eps_diluted END,
                CASE WHEN l.over_basic THEN l.eps_basic_follows ELSE l.eps_diluted_follows END, l.common_before,
                l.common_after, CASE WHEN l.over_basic THEN l.basic_shares ELSE l.diluted_shares END)
                AS eps_diluted_after
        FROM counted AS l
    )
    SELECT
        s.issuer,
        CASE WHEN of_mode = 'catch_up' THEN s.book || '-' || m.word || '-' || w.change_date ELSE s.book END AS book,
        m.mode, of_bound AS bound, s.period_type, s.fiscal_year, s.fiscal_quarter, s.period_end,
        s.modelled_units AS depreciation_modelled, s.replacement AS depreciation_alternative, s.gap AS understatement,
        in_units(s.understatement_cumulative, s.unit_per_minor) AS understatement_cumulative,
        s.depreciation AS depreciation_reported, s.depreciation_after AS depreciation_restated,
        ratio(s.modelled_units, s.depreciation) AS coverage,
        s.operating_income AS operating_income_reported, s.operating_after AS operating_income_restated,
        s.pretax_income AS pretax_income_reported, money(s.pretax_income - s.less_units) AS pretax_income_restated,
        millionths(s.rate_ppm) AS tax_rate, s.tax_kind, s.tax_source, s.tax_units AS tax_effect,
        s.net_income AS net_income_reported, s.net_after AS net_income_restated,
        millionths(s.marginal_ppm) AS tax_rate_marginal,
        money(s.net_income - s.less_units + s.marginal_units) AS net_income_marginal,
        s.common_before AS income_to_common_reported, s.common_after AS income_to_common_restated,
        s.basic_shares, s.diluted_shares,
        s.eps_basic_before AS eps_basic_reported, s.eps_basic_after AS eps_basic_restated,
        s.eps_diluted_before AS eps_diluted_reported, s.eps_diluted_after AS eps_diluted_restated,
        eps_rule(s.eps_basic, s.eps_basic, s.eps_basic_follows, s.common_before, s.common_after, s.basic_shares,
            s.eps_basic_after, false) AS eps_basic_rule,
        eps_rule(s.eps_diluted, CASE WHEN s.over_basic THEN s.eps_basic ELSE s.eps_diluted END,
            CASE WHEN s.over_basic THEN s.eps_basic_follows ELSE s.eps_diluted_follows END, s.common_before,
            s.common_after, CASE WHEN s.over_basic THEN s.basic_shares ELSE s.diluted_shares END, s.eps_diluted_after,
            s.uncounted) AS eps_diluted_rule,
        (s.eps_diluted_after - s.eps_diluted_before)::DECIMAL(18,6) AS eps_change,
        ratio_of_shares(s.eps_diluted_before - s.eps_diluted_after, s.eps_diluted_before) AS eps_compression,
        s.capex, s.cash_from_operations, money(s.cash_from_operations - s.capex) AS free_cash_flow,
        money(s.capex - s.depreciation) AS cash_gap_reported,
        money(s.capex - s.depreciation_after) AS cash_gap_restated,
        m.called, w.change_date, s.broken_identities, in_units(s.losses, s.unit_per_minor) AS losses,
        s.over_units AS carried_over,
        s.cost_part AS understatement_cost_of_revenue, s.research_part AS understatement_research_and_development,
        s.sales_part AS understatement_sales_general_admin, s.revenue,
        s.cost_of_revenue AS cost_of_revenue_reported,
        money(s.cost_of_revenue + s.cost_part) AS cost_of_revenue_restated,
        money(s.gross) AS gross_profit_reported, s.gross_after AS gross_profit_restated,
        s.research_and_development AS research_and_development_reported,
        money(s.research_and_development + s.research_part) AS research_and_development_restated,
        s.sales_general_admin AS sales_general_admin_reported,
        money(s.sales_general_admin + s.sales_part) AS sales_general_admin_restated,
        ratio(s.gross, s.revenue) AS gross_margin_reported, ratio(s.gross_after, s.revenue) AS gross_margin_restated,
        ratio(s.operating_income, s.revenue) AS operating_margin_reported,
        ratio(s.operating_after, s.revenue) AS operating_margin_restated,
        ratio(s.net_income, s.revenue) AS net_margin_reported, ratio(s.net_after, s.revenue) AS net_margin_restated,
        s.deferred_opening AS deferred_tax_opening, s.deferred AS deferred_tax_closing,
        money(s.deferred_opening - in_units(s.carried_over_before, s.unit_per_minor)) AS equity_opening_change,
        s.ppe_net AS ppe_net_reported, money(s.ppe_net - s.over_units) AS ppe_net_restated,
        s.equity AS equity_reported, s.equity_after AS equity_restated,
        of_year(s.period_type, ratio(s.net_income, s.total_assets)) AS return_on_assets_reported,
        of_year(s.period_type, ratio(s.net_after, s.total_assets - s.over_units)) AS return_on_assets_restated,
        of_year(s.period_type, ratio(s.operating_taxed, s.total_debt + s.equity)) AS return_on_capital_reported,
        of_year(s.period_type, ratio(s.operating_after_taxed, s.total_debt + s.equity_after))
            AS return_on_capital_restated,
        ratio(s.operating_income, s.interest_expense) AS interest_coverage_reported,
        ratio(s.operating_after, s.interest_expense) AS interest_coverage_restated,
        of_year(s.period_type, ratio(s.total_debt, s.operating_income + s.depreciation_and_amortization))
            AS debt_to_ebitda,
        ratio(s.capex, s.depreciation) AS capex_to_depreciation_reported,
        ratio(s.capex, s.depreciation_after) AS capex_to_depreciation_restated,
        ratio(s.capex, s.revenue) AS capex_to_revenue,
        s.replacement AS replacement_capex, money(s.cash_from_operations - s.replacement) AS owner_earnings,
        s.funding_gap,
        ratio(CASE s.period_type WHEN 'FY' THEN 4 ELSE 1 END * s.cash, s.funding_gap) AS quarters_of_cash,
        s.currency, s.tax_missing
    FROM shared AS s
    CROSS JOIN wanted AS w
    LEFT JOIN modes AS m ON m.mode = of_mode
);
COMMENT ON MACRO TABLE restated IS 'What restate, eps and cash_gap show: every period that has a statement, as reported and restated; units of the currency';

CREATE OR REPLACE MACRO restate(
    life_years := 'default', method VARCHAR := 'default', convention VARCHAR := 'default',
    as_of DATE := NULL, grain VARCHAR := 'quarter', book VARCHAR := NULL, bound VARCHAR := 'mid',
    mode VARCHAR := 'as_if', tax VARCHAR := 'default', change_date DATE := NULL, lives DOUBLE[] := NULL
) AS TABLE (
    SELECT r.* EXCLUDE (currency)
    FROM restated(lives, life_years, method, convention, book, asked_date(as_of), bound, grain, mode, tax, change_date) AS r
    ORDER BY r.issuer, r.book, r.period_end
);
COMMENT ON MACRO TABLE restate IS 'Every period that has a statement, as reported and restated under a life, method and convention, or a book: the columns of the table restatement, and why there is no tax where there is none; units of the currency';
