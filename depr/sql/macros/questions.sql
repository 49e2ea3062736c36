-- What an analyst asks. Every argument has a name and a default; life_years := NULL is what each issuer reports. What is
-- 'default' was not given: it leaves the matter to the other arguments.
CREATE OR REPLACE MACRO in_units(minor, unit_per_minor) AS (minor::DECIMAL(25,0) * unit_per_minor)::DECIMAL(28,3);
COMMENT ON MACRO in_units IS 'Minor units as units of the currency';

CREATE OR REPLACE MACRO lot_in_units(minor, unit_per_minor) AS CASE
    WHEN unit_per_minor = 0.01 THEN minor::DECIMAL(15,0) * 0.01::DECIMAL(3,3)
    WHEN unit_per_minor = 1 THEN minor::DECIMAL(18,3) ELSE minor::DECIMAL(15,0) * 0.001::DECIMAL(3,3)
END::DECIMAL(18,3);
COMMENT ON MACRO lot_in_units IS 'The same of one lot, in 64 bits: an error from ten million million units on';

CREATE OR REPLACE MACRO periods_by(of_grain) AS TABLE (
    SELECT
        q.calendar, q.period, q.fiscal_year, q.fiscal_quarter, q.fiscal_month,
        min(q.period_start) OVER span AS period_start, max(q.period_end) OVER span AS period_end
    FROM (
        SELECT
            p.* EXCLUDE (fiscal_quarter, fiscal_month), CASE WHEN of_grain <> 'year' THEN p.fiscal_quarter END AS fiscal_quarter,
            CASE WHEN of_grain = 'month' THEN p.fiscal_month END AS fiscal_month
        FROM calendar AS p
        WHERE CASE WHEN of_grain IN ('month', 'quarter', 'year') THEN true
            ELSE error('unknown grain ''' || coalesce(of_grain, 'NULL') || '''; use one of: month, quarter, year')::BOOLEAN END
    ) AS q
    WINDOW span AS (PARTITION BY q.calendar, q.fiscal_year, q.fiscal_quarter, q.fiscal_month)
);
COMMENT ON MACRO TABLE periods_by IS 'Fiscal months with the month, quarter or year that they are in, and its bounds';

CREATE OR REPLACE MACRO schedule(
    life_years := NULL, method VARCHAR := 'default', convention VARCHAR := 'default',
    as_of DATE := NULL, grain VARCHAR := 'quarter', book VARCHAR := NULL, bound VARCHAR := 'mid'
) AS TABLE (
    WITH estimated AS (
        SELECT e.*, c.unit_per_minor
        FROM estimates(asked_book(life_years, method, convention, book), asked_date(as_of), bound) AS e
        JOIN currencies AS c USING (currency)
    ), months AS (
        SELECT
            s.lot, s.lot_id, s.issuer, s.generation, s.currency, s.book, s.unit_per_minor, p.fiscal_year, p.fiscal_quarter,
            p.fiscal_month, p.period_start, p.period_end, s.period, s.depreciation_minor, s.accumulated_minor
        FROM charged_segments('estimated', 'main.shares') AS s
        JOIN periods_by(grain) AS p ON p.calendar = s.calendar AND p.period = s.period
    ), grained AS (
        SELECT m.* EXCLUDE (period) FROM months AS m WHERE grain = 'month'
        UNION ALL
        SELECT
            m.* EXCLUDE (period, depreciation_minor, accumulated_minor), sum(m.depreciation_minor)::BIGINT,
            arg_max(m.accumulated_minor, m.period)
        FROM months AS m WHERE grain <> 'month' GROUP BY ALL
    )
    SELECT
        g.lot, g.lot_id, g.issuer, g.generation, g.currency, g.book, g.fiscal_year, g.fiscal_quarter, g.fiscal_month,
        g.period_start, g.period_end, lot_in_units(g.depreciation_minor, g.unit_per_minor) AS depreciation,
        lot_in_units(g.accumulated_minor, g.unit_per_minor) AS accumulated
    FROM grained AS g
);
COMMENT ON MACRO TABLE schedule IS 'Depreciation of every lot by fiscal month, quarter or year, under a life, method and convention, or a book; units of the currency';

CREATE OR REPLACE MACRO rollforward(
    life_years := NULL, method VARCHAR := 'default', convention VARCHAR := 'default',
    as_of DATE := NULL, grain VARCHAR := 'quarter', book VARCHAR := NULL, bound VARCHAR := 'mid', through DATE := NULL
) AS TABLE (
    WITH periods AS (
        SELECT
            p.calendar, p.period, p.fiscal_year, CASE WHEN grain <> 'year' THEN p.fiscal_quarter END AS fiscal_quarter,
            CASE WHEN grain = 'month' THEN p.fiscal_month END AS fiscal_month, p.period_end, p.period_start
        FROM periods_by('month') AS p
        WHERE p.period_start <= coalesce(a_day(through, 'through'), DATE '9999-12-31') AND EXISTS (FROM periods_by(grain))
    ), ends AS (
        SELECT p.calendar, p.fiscal_year, p.fiscal_quarter, p.fiscal_month, max(p.period_end) AS period_end
        FROM periods AS p GROUP BY ALL
    ), sums AS (
        SELECT
            v.issuer, v.generation, v.currency, v.calendar, e.fiscal_year, e.fiscal_quarter, e.fiscal_month, e.period_end,
            v.kind, sum(v.construction_units) AS construction_units, sum(v.units) AS units,
            sum(v.construction_minor) AS construction_minor, sum(v.cost_minor) AS cost_minor,
            sum(v.accumulated_minor) AS accumulated_minor, sum(v.impairment_minor) AS impairment_minor,
            sum(v.proceeds_minor) AS proceeds_minor
        FROM flows_in_books(asked_book(life_years, method, convention, book), asked_date(as_of), bound) AS v
        JOIN periods AS p ON p.calendar = v.calendar AND p.period = v.period
        JOIN ends AS e ON e.calendar = p.calendar AND e.fiscal_year = p.fiscal_year
            AND e.fiscal_quarter IS NOT DISTINCT FROM p.fiscal_quarter
            AND e.fiscal_month IS NOT DISTINCT FROM p.fiscal_month
        GROUP BY ALL
    ), grid AS (
        SELECT k.issuer, k.generation, k.currency, e.*
        FROM (SELECT DISTINCT s.issuer, s.generation, s.currency, s.calendar FROM sums AS s) AS k
        JOIN ends AS e ON e.calendar = k.calendar
    ), closing AS (
        SELECT
            g.issuer, g.generation, g.currency, g.fiscal_year, g.fiscal_quarter, g.fiscal_month, g.period_end,
            sum(coalesce(s.construction_units, 0)) AS d_construction_units, sum(coalesce(s.units, 0)) AS d_units,
            sum(coalesce(s.construction_minor, 0)) AS d_construction, sum(coalesce(s.cost_minor, 0)) AS d_cost,
            sum(coalesce(s.accumulated_minor, 0)) AS d_accumulated, sum(coalesce(s.impairment_minor, 0)) AS d_impairment
        FROM grid AS g
        LEFT JOIN sums AS s ON s.issuer = g.issuer AND s.generation = g.generation AND s.currency = g.currency
            AND s.period_end = g.period_end
        GROUP BY ALL
    ), balances AS (
        SELECT
            k.*, sum(k.d_construction_units) OVER so_far AS construction_units, sum(k.d_units) OVER so_far AS units,
            sum(k.d_construction) OVER so_far AS construction_minor, sum(k.d_cost) OVER so_far AS cost_minor,
            sum(k.d_accumulated) OVER so_far AS accumulated_minor, sum(k.d_impairment) OVER so_far AS impairment_minor
        FROM closing AS k
        WINDOW so_far AS (PARTITION BY k.issuer, k.generation, k.currency ORDER BY k.period_end)
    ), rows AS (
        SELECT
            b.* EXCLUDE (d_construction_units, d_units, d_construction, d_cost, d_accumulated, d_impairment),
            0 AS proceeds_minor, 'closing_balance' AS movement
        FROM balances AS b
        UNION ALL BY NAME
        SELECT
            b.issuer, b.generation, b.currency, b.fiscal_year, b.fiscal_quarter, b.fiscal_month, b.period_end,
            b.construction_units - b.d_construction_units AS construction_units, b.units - b.d_units AS units,
            b.construction_minor - b.d_construction AS construction_minor, b.cost_minor - b.d_cost AS cost_minor,
            b.accumulated_minor - b.d_accumulated AS accumulated_minor,
            b.impairment_minor - b.d_impairment AS impairment_minor, 0 AS proceeds_minor, 'opening_balance' AS movement
        FROM balances AS b
        UNION ALL BY NAME
        SELECT s.* EXCLUDE (calendar, kind), s.kind AS movement FROM sums AS s
    )
    SELECT
        r.issuer, r.generation, r.currency, r.fiscal_year, r.fiscal_quarter, r.fiscal_month, r.period_end, r.movement,
        r.construction_units::BIGINT AS construction_units, r.units::BIGINT AS units,
        in_units(r.construction_minor, c.unit_per_minor) AS construction, in_units(r.cost_minor, c.unit_per_minor) AS cost,
        in_units(r.accumulated_minor, c.unit_per_minor) AS accumulated,
        in_units(r.impairment_minor, c.unit_per_minor) AS impairment,
        in_units(r.construction_minor + r.cost_minor - r.accumulated_minor - r.impairment_minor, c.unit_per_minor)
            AS carrying, in_units(r.proceeds_minor, c.unit_per_minor) AS proceeds
    FROM rows AS r JOIN currencies AS c ON c.currency = r.currency
    WHERE r.construction_units <> 0 OR r.units <> 0 OR r.construction_minor <> 0 OR r.cost_minor <> 0
        OR r.accumulated_minor <> 0 OR r.impairment_minor <> 0 OR r.proceeds_minor <> 0
);
COMMENT ON MACRO TABLE rollforward IS 'From opening to closing balances by owner, generation and fiscal period: the rows of a period foot; units of the currency';

CREATE OR REPLACE MACRO understatement_of(of_books, of_date, of_grain, of_bound) AS TABLE (
    WITH steps AS (
        SELECT
            m.issuer, m.generation, m.currency, m.book, p.fiscal_year, p.fiscal_quarter, p.fiscal_month, p.period_end,
            coalesce(sum(m.accumulated_minor) FILTER (m.kind = 'depreciation' AND m.sign < 0), 0) AS reported,
            coalesce(sum(m.accumulated_minor) FILTER (m.kind = 'depreciation' AND m.sign > 0), 0) AS other,
            coalesce(sum(m.sign * (m.accumulated_minor + m.impairment_minor - m.cost_minor))
                FILTER (is_loss(m.kind)), 0) AS losses,
            sum(m.sign * (m.accumulated_minor + m.impairment_minor - m.cost_minor)) AS carried
        FROM against_reported(of_books, of_date, of_bound) AS m
        JOIN periods_by(of_grain) AS p ON p.calendar = m.calendar AND p.period = m.period
        GROUP BY ALL
    ), told AS (
        SELECT s.* REPLACE (
            CASE WHEN f.book IS NOT NULL THEN s.reported END AS reported,
            CASE WHEN f.book IS NOT NULL THEN s.losses END AS losses,
            CASE WHEN f.book IS NOT NULL THEN s.carried END AS carried
        )
        FROM steps AS s JOIN fleets AS f ON f.issuer = s.issuer
    )
    SELECT
        s.issuer, s.generation, s.currency, s.book, of_bound AS bound, k.life_years, k.method, k.convention,
        s.fiscal_year, s.fiscal_quarter, s.fiscal_month, s.period_end,
        in_units(s.reported, c.unit_per_minor) AS depreciation_reported,
        in_units(s.other, c.unit_per_minor) AS depreciation_alternative,
        in_units(s.other - s.reported, c.unit_per_minor) AS understatement,
        in_units(sum(s.other - s.reported) OVER in_all, c.unit_per_minor) AS understatement_cumulative,
        in_units(s.losses, c.unit_per_minor) AS losses,
        in_units(sum(s.carried) OVER in_all, c.unit_per_minor) AS carried_over
    FROM told AS s
    JOIN currencies AS c ON c.currency = s.currency
    JOIN alternatives AS k ON k.book = s.book
    WINDOW in_all AS (PARTITION BY s.issuer, s.generation, s.currency, s.book ORDER BY s.period_end)
);
COMMENT ON MACRO TABLE understatement_of IS 'Depreciation under each book of a list less that under what each issuer reports (null: it has no book), by generation and fiscal period; units of the currency';

CREATE OR REPLACE MACRO understatement(
    life_years := 'default', method VARCHAR := 'default', convention VARCHAR := 'default',
    as_of DATE := NULL, grain VARCHAR := 'quarter', book VARCHAR := NULL, bound VARCHAR := 'mid',
    lives DOUBLE[] := NULL
) AS TABLE (
    WITH asked AS (
        SELECT asked_books(lives, life_years, method, convention, book) AS books
    )
    SELECT u.* FROM understatement_of((SELECT a.books FROM asked AS a), asked_date(as_of), grain, bound) AS u
);
COMMENT ON MACRO TABLE understatement IS 'Depreciation under one life or several, with a method and convention (or a book), less that under what each issuer reports, by generation and fiscal period; positive: too little is reported; units of the currency';

CREATE OR REPLACE MACRO explain(
    lot VARCHAR, period VARCHAR, life_years := NULL, method VARCHAR := 'default',
    convention VARCHAR := 'default', as_of DATE := NULL, book VARCHAR := NULL, bound VARCHAR := 'mid'
) AS TABLE (
    WITH asked AS (
        SELECT coalesce(lot, 'NULL') AS named, period AS month, coalesce(TRY_CAST(period || '-15' AS DATE),
            error('''' || coalesce(period, 'NULL') || ''' is not a month; write 2025-03')::DATE) AS day
    ), fleet AS (
        SELECT l.* FROM fleet_in_books(asked_book(life_years, method, convention, book), asked_date(as_of), bound) AS l
    ), own AS (
        SELECT e.*, c.unit_per_minor
        FROM estimates(asked_book(life_years, method, convention, book), asked_date(as_of), bound) AS e
        JOIN asked AS q ON q.named = e.lot_id
        JOIN currencies AS c ON c.currency = e.currency
    ), here AS (
        SELECT
            o.*, k.in_service_date, q.month, s.step, s.num_before, s.num, s.den,
            o.opening_minor + round_ratio(o.base_minor, s.num_before, s.den) AS before,
            o.opening_minor + round_ratio(o.base_minor, s.num, s.den) AS after, a.title, a.method AS curve,
            a.convention AS clock, a.life_months
        FROM own AS o
        JOIN asked AS q ON q.named = o.lot_id
        JOIN fleet AS k ON k.lot = o.lot
        JOIN alternatives AS a ON a.book = o.book
        JOIN calendar AS p ON p.calendar = o.calendar AND q.day BETWEEN p.period_start AND p.period_end
        JOIN shares AS s ON s.share_id = o.share_id AND s.step = p.period - o.first_period
        WHERE p.period <= coalesce(o.last_period, p.period)
    ), lines AS (
        SELECT unnest([
            {'line': 1, 'what': 'cost', 'minor': h.cost_minor, 'detail': h.lot_id || ' of ' || h.issuer || ', ' || h.generation},
            {'line': 2, 'what': 'placed in service', 'minor': NULL, 'detail': h.in_service_date::VARCHAR},
            {'line': 3, 'what': 'book', 'minor': NULL, 'detail': h.book || ': ' || concat_ws(', ', h.title,
                h.curve, h.clock, h.life_months || ' months')},
            {'line': 4, 'what': 'to depreciate', 'minor': h.base_minor,
                'detail': CASE WHEN h.first_period = h.last_period AND h.num_before = 0 AND h.num = h.den
                    THEN 'all that is charged of the month, in parts when something befell the lot within it'
                    ELSE 'cost less what was impaired, disposed of, accumulated before, and the residual value' END},
            {'line': 5, 'what': 'accumulated before the estimate', 'minor': h.opening_minor, 'detail': NULL},
            {'line': 6, 'what': 'share used up before', 'minor': NULL, 'detail': h.num_before || '/' || h.den},
            {'line': 7, 'what': 'share used up after', 'minor': NULL,
                'detail': h.num || '/' || h.den || ', month ' || (h.step + 1) || ' of the estimate'},
            {'line': 8, 'what': 'accumulated before', 'minor': h.before, 'detail': 'rounded half to even'},
            {'line': 9, 'what': 'accumulated after', 'minor': h.after, 'detail': 'rounded half to even'},
            {'line': 10, 'what': 'depreciation', 'minor': h.after - h.before, 'detail': 'of ' || h.month}
        ]) AS said, h.unit_per_minor
        FROM here AS h
    )
    SELECT n.said.line AS line, n.said.what AS what, in_units(n.said.minor, n.unit_per_minor) AS amount,
        n.said.detail AS detail
    FROM lines AS n
    WHERE EXISTS (FROM here)
    UNION ALL
    SELECT NULL, NULL, NULL, NULL
    WHERE CASE
        WHEN NOT EXISTS (FROM fleet AS f JOIN asked AS q ON q.named = f.lot_id)
            THEN error('unknown lot ''' || (SELECT q.named FROM asked AS q) || '''; FROM lots lists them')::BOOLEAN
        WHEN NOT EXISTS (FROM here)
            THEN error('nothing is charged in ' || (SELECT q.month FROM asked AS q)
                || '; choose a month between the date of service and the end of the life')::BOOLEAN
        ELSE false
    END
);
COMMENT ON MACRO TABLE explain IS 'One charge of one lot in a fiscal month (as 2025-03) derived line by line; units of the currency';
