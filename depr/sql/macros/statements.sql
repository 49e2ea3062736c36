-- The understatement carried through the statements. A name in braces stands for what restate/lines.py says: EFFECTIVE_RATE,
-- EFFECTS, LINES. Amounts are in units of the currency; what is taxed or split is rounded to whole minor units.
CREATE OR REPLACE MACRO round_half_even(numerator, denominator) AS
    (sign(numerator) * divide_half_even(abs(numerator), denominator))::BIGINT;
COMMENT ON MACRO round_half_even IS 'numerator / denominator of whole numbers, denominator positive, rounded half to even';

CREATE OR REPLACE MACRO money(amount) AS amount::DECIMAL(28,3);
COMMENT ON MACRO money IS 'An amount in units of a currency, as tables have it';

CREATE OR REPLACE MACRO in_millionths(number) AS (number::DECIMAL(31,6) * 1000000::DECIMAL(7,0))::HUGEINT;
COMMENT ON MACRO in_millionths IS 'An amount, or a ratio, as so many millionths';

CREATE OR REPLACE MACRO millionths(number) AS (number::DECIMAL(18,0) * 0.000001)::DECIMAL(18,6);
COMMENT ON MACRO millionths IS 'So many millionths, as a number with six decimals';

CREATE OR REPLACE MACRO ratio(part, whole) AS CASE WHEN whole > 0
    THEN millionths(round_half_even(in_millionths(part) * 1000000, in_millionths(whole))) END;
COMMENT ON MACRO ratio IS 'part / whole of two amounts to six decimals, half to even; null where the whole is not positive';

CREATE OR REPLACE MACRO part(amount, numerator, denominator, minor_per_unit) AS (
    round_half_even((amount * minor_per_unit)::HUGEINT * numerator, denominator::HUGEINT)::DECIMAL(25,0)
        * CASE minor_per_unit WHEN 1 THEN 1 WHEN 100 THEN 0.01 ELSE 0.001 END::DECIMAL(4,3))::DECIMAL(28,3);
COMMENT ON MACRO part IS 'amount x numerator / denominator, to whole minor units, half to even';

CREATE OR REPLACE MACRO taxed(amount, rate, minor_per_unit) AS part(amount, in_millionths(rate), 1000000, minor_per_unit);
COMMENT ON MACRO taxed IS 'Tax on an amount at a rate, to whole minor units, half to even';

CREATE OR REPLACE MACRO per_share(amount, shares) AS CASE WHEN shares > 0
    THEN millionths(round_half_even(in_millionths(amount), shares::HUGEINT)) END;
COMMENT ON MACRO per_share IS 'An amount over shares, to six decimals, half to even';

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
            l.* REPLACE (
                in_units(l.understatement, c.unit_per_minor) AS understatement,
                in_units(l.understatement_cumulative, c.unit_per_minor) AS understatement_cumulative,
                in_units(l.losses, c.unit_per_minor) AS losses,
                in_units(l.carried_over, c.unit_per_minor) AS carried_over,
                in_units(l.carried_over_before, c.unit_per_minor) AS carried_over_before
            ),
            in_units(l.modelled, c.unit_per_minor) AS depreciation_modelled,
            in_units(l.alternative, c.unit_per_minor) AS depreciation_alternative,
            (1000000 // in_millionths(c.unit_per_minor))::DECIMAL(4,0) AS minor_per_unit,
            CASE
                WHEN of_tax = 'effective' THEN {EFFECTIVE_RATE}
                ELSE millionths(round_half_even(r.rate_num::HUGEINT * 1000000, r.rate_den::HUGEINT))
            END AS tax_rate,
            CASE
                WHEN of_tax = 'effective' AND {EFFECTIVE_RATE} IS NULL
                    THEN 'no effective rate: income before tax is not positive, or one of the lines is not sourced'
                WHEN of_tax <> 'effective' AND r.issuer IS NULL
                    THEN l.issuer || ' has no ' || of_tax || ' tax rate; it has: '
                        || in_one_line(list_append(coalesce(k.names, []), 'effective'))
            END AS tax_missing,
            CASE of_tax WHEN 'effective' THEN of_tax ELSE r.rate_kind END AS tax_kind,
            CASE of_tax WHEN 'effective' THEN 'income tax / income before tax of the period' ELSE r.source
                END AS tax_source,
            millionths(round_half_even(m.rate_num::HUGEINT * 1000000, m.rate_den::HUGEINT)) AS tax_rate_marginal,
            f.first_num, f.first_den, f.both_num, f.both_den
        FROM within AS l
        JOIN currencies AS c ON c.currency = l.currency
        LEFT JOIN function_splits AS f ON f.issuer = l.issuer AND l.period_end >= f.applies_from
            AND l.period_end < f.applies_until
        LEFT JOIN tax_rates AS r ON r.issuer = l.issuer AND r.kind = of_tax AND l.period_end >= r.applies_from
            AND l.period_end < r.applies_until
        LEFT JOIN tax_rates AS m ON m.issuer = l.issuer AND m.kind = 'marginal' AND l.period_end >= m.applies_from
            AND l.period_end < m.applies_until
        LEFT JOIN kinds AS k ON k.issuer = l.issuer
        WHERE one_of(of_tax, (SELECT list_sort(list_distinct(list_append(flatten(list(o.names)), 'effective')))
            FROM kinds AS o), 'tax rate') AND CASE
            WHEN l.stated_in <> l.currency THEN error('lots of ' || l.issuer || ' are in ' || l.currency
                || ', its statements in ' || l.stated_in)::BOOLEAN
            ELSE true
        END
    ), deferred AS (
        SELECT
            e.*, CASE WHEN count(*) FILTER (e.tax_effect IS NULL) OVER w = 0
                THEN money(first_value(e.tax_before) OVER w + sum(e.tax_effect) OVER w) END AS deferred_tax_closing
        FROM {EFFECTS of rated} AS e
        WINDOW w AS (PARTITION BY e.issuer, e.currency, e.book ORDER BY e.period_end)
    )
    SELECT d.* FROM deferred AS d WHERE d.stated
);
COMMENT ON MACRO TABLE stated_gaps IS 'Understatement of every period that has a statement, with its lines, tax and deferred tax; units of the currency';

CREATE OR REPLACE MACRO restated(
    of_lives, of_life, of_method, of_convention, of_book, of_date, of_bound, of_grain, of_mode, of_tax, of_change
) AS TABLE (
    WITH wanted AS (
        SELECT change_day(of_book, of_mode, of_change) AS change_date WHERE has_statements()
    ), followed AS (
        SELECT books_in_mode(
            asked_books(of_lives, of_life, of_method, of_convention, of_book), of_mode, (SELECT w.change_date FROM wanted AS w)
        ) AS books
    ), caught AS (
        SELECT CASE WHEN of_mode = 'catch_up' THEN w.change_date END AS change_date FROM wanted AS w
    ), gaps AS (
        SELECT
            g.* REPLACE (
                CASE WHEN of_mode = 'catch_up' THEN g.book || '-' || m.word || '-' || w.change_date ELSE g.book END AS book
            ), m.mode, m.called, w.change_date, of_bound AS bound
        FROM stated_gaps(
            (SELECT f.books FROM followed AS f), of_date, of_bound, (SELECT c.change_date FROM caught AS c),
            of_grain, of_tax
        ) AS g
        CROSS JOIN wanted AS w
        LEFT JOIN modes AS m ON m.mode = of_mode
    )
    SELECT {columns}, l.currency, l.tax_missing FROM {LINES of gaps} AS l
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
