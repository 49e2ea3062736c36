-- Modes, and the understatement of each issuer in them: depr/books/modes.py, understatement.py, caught_up.py in SQL.
CREATE OR REPLACE MACRO one_of(name, names, what) AS CASE
    WHEN list_contains(names, name) THEN true
    ELSE error('unknown ' || what || ' ''' || coalesce(name, 'NULL') || '''; use one of: '
        || array_to_string(names, ', '))::BOOLEAN
END;
COMMENT ON MACRO one_of IS 'True for a name of a list; else an error that says them';

-- A book that a date makes has its alternative, mode and date beside it in the table alternatives.
CREATE OR REPLACE MACRO change_day(of_book, of_mode, of_change) AS (
    SELECT CASE
        WHEN k.change_date <> of_change THEN error('book ' || of_book || ' and change_date ' || of_change
            || ' are of different days; leave one out')::DATE
        WHEN k.mode <> of_mode AND of_mode = 'catch_up' THEN error('book ' || of_book || ' is of mode ' || k.mode
            || ', not catch_up; leave out its day, and give change_date')::DATE
        ELSE coalesce(k.change_date, a_day(of_change, 'change_date'))
    END
    FROM (
        SELECT
            any_value(a.change_date) FILTER (a.book = of_book) AS change_date,
            any_value(a.mode) FILTER (a.book = of_book) AS mode
        FROM alternatives AS a
    ) AS k
);
COMMENT ON MACRO change_day IS 'The date of a change, that of its book or one by itself; an error where they differ';

CREATE OR REPLACE MACRO known_mode(of_mode, of_change) AS (
    SELECT CASE
        WHEN NOT one_of(of_mode, k.names, 'mode') THEN NULL
        WHEN k.dated AND of_change IS NULL
            THEN error('mode ' || of_mode || ' needs the date of a change; give change_date := DATE ''2025-01-01'''
                )::BOOLEAN
        WHEN NOT k.dated AND of_change IS NOT NULL
            THEN error('mode ' || of_mode || ' knows no date of a change; leave it out, or give mode := ''prospective'''
                )::BOOLEAN
        ELSE true
    END
    FROM (
        SELECT list(m.mode ORDER BY m.mode) AS names, bool_or(m.dated) FILTER (m.mode = of_mode) AS dated
        FROM modes AS m
    ) AS k
);
COMMENT ON MACRO known_mode IS 'True for a mode that goes with a date of a change, or with none; else an error';

-- The book that a date makes is prospective; what is caught up follows the alternative itself (gaps_in_books). A
-- subquery is worked out in whatever branch of a CASE it stands, so what a branch does not ask for is null.
CREATE OR REPLACE MACRO books_from(of_books, of_change) AS (
    SELECT list(n.made ORDER BY n.made)
    FROM (
        SELECT CASE
            WHEN d.change_date IS NOT NULL THEN k.book
            WHEN a.book IS NOT NULL THEN a.book
            ELSE error('a date makes the book ' || k.book || '-from-' || of_change
                || ', and it is not prepared; run: depr prepare LEDGER --book ' || k.book || '-from-' || of_change)
        END AS made
        FROM (SELECT unnest(of_books) AS book) AS k
        LEFT JOIN alternatives AS d ON d.book = k.book
        LEFT JOIN alternatives AS a
            ON a.alternative = k.book AND a.mode = 'prospective' AND a.change_date = of_change
    ) AS n
);
COMMENT ON MACRO books_from IS 'The prepared books that follow what is reported to a date, and each of a list from it on';

CREATE OR REPLACE MACRO books_in_mode(of_books, of_mode, of_change) AS CASE
    WHEN NOT known_mode(of_mode, of_change) THEN NULL
    WHEN of_mode = 'prospective' THEN books_from(CASE WHEN of_mode = 'prospective' THEN of_books END, of_change)
    ELSE of_books
END;
COMMENT ON MACRO books_in_mode IS 'The prepared books that the figures of a mode follow';

CREATE OR REPLACE MACRO quarterly_gaps(of_books, of_date, of_bound) AS TABLE (
    WITH months AS (
        SELECT m.*, p.fiscal_year, p.fiscal_quarter
        FROM against_reported(of_books, of_date, of_bound) AS m
        JOIN calendar AS p ON p.calendar = m.calendar AND p.period = m.period
    ), bought AS (
        SELECT l.issuer, l.currency, min(p.fiscal_year) AS first_year
        FROM fleet_in_books(NULL::VARCHAR[], of_date, of_bound) AS l
        JOIN calendar AS p ON p.calendar = l.calendar AND p.period = l.purchase_period
        WHERE l.in_service_date IS NOT NULL
        GROUP BY ALL
    ), spans AS (
        SELECT m.issuer, m.currency, m.calendar, max(m.fiscal_year) AS last_year
        FROM months AS m
        WHERE m.kind = 'depreciation' OR m.units <> 0 OR m.cost_minor <> 0 OR m.accumulated_minor <> 0
            OR m.impairment_minor <> 0 OR m.proceeds_minor <> 0
        GROUP BY ALL
    ), grid AS (
        SELECT s.issuer, s.currency, k.book, p.fiscal_year, p.fiscal_quarter, max(p.period_end) AS period_end
        FROM spans AS s
        JOIN bought AS b ON b.issuer = s.issuer AND b.currency = s.currency
        JOIN calendar AS p ON p.calendar = s.calendar AND p.fiscal_year BETWEEN b.first_year AND s.last_year
        JOIN fleets AS f ON f.issuer = s.issuer
        JOIN (SELECT unnest(of_books) AS book) AS k ON k.book <> f.book
        GROUP BY ALL
    ), sums AS (
        SELECT
            m.issuer, m.currency, m.book, m.fiscal_year, m.fiscal_quarter,
            sum(m.accumulated_minor) FILTER (m.kind = 'depreciation' AND m.sign < 0) AS modelled,
            sum(m.accumulated_minor) FILTER (m.kind = 'depreciation' AND m.sign > 0) AS alternative,
            sum(m.sign * (m.accumulated_minor + m.impairment_minor - m.cost_minor))
                FILTER (is_loss(m.kind)) AS losses,
            sum(m.sign * (m.accumulated_minor + m.impairment_minor - m.cost_minor)) AS carried
        FROM months AS m
        GROUP BY ALL
    )
    SELECT
        g.issuer, g.currency, g.book, g.fiscal_year, g.fiscal_quarter, g.period_end,
        coalesce(s.modelled, 0) AS modelled, coalesce(s.alternative, 0) AS alternative, coalesce(s.losses, 0) AS losses,
        sum(coalesce(s.carried, 0))
            OVER (PARTITION BY g.issuer, g.currency, g.book ORDER BY g.period_end) AS carried_over
    FROM grid AS g
    LEFT JOIN sums AS s ON s.issuer = g.issuer AND s.currency = g.currency AND s.book = g.book
        AND s.fiscal_year = g.fiscal_year AND s.fiscal_quarter = g.fiscal_quarter
);
COMMENT ON MACRO TABLE quarterly_gaps IS 'Depreciation of each issuer under each book of a list and as reported, by fiscal quarter, from the year of its first purchase to the last in which any of them moves; minor units';

-- Caught up: as reported before the quarter of the change, which takes what was carried over until then, as the
-- alternative from it on (depr/restate/caught_up.py). A null date leaves all as it is. In a macro that 2.0 has stored,
-- older clients read lag with one argument alone.
CREATE OR REPLACE MACRO gaps_in_books(of_books, of_date, of_bound, of_change) AS TABLE (
    WITH known AS (
        SELECT
            q.*, coalesce(q.period_end < of_change, false) AS early,
            coalesce(lag(q.carried_over) OVER w, 0) AS over_before, lag(q.period_end) OVER w < of_change AS begins
        FROM quarterly_gaps(of_books, of_date, of_bound) AS q
        WINDOW w AS (PARTITION BY q.issuer, q.currency, q.book ORDER BY q.period_end)
    ), quarters AS (
        SELECT
            k.issuer, k.currency, k.book, 'Q' AS period_type, k.fiscal_year, k.fiscal_quarter, k.period_end, k.modelled,
            CASE
                WHEN k.early THEN k.modelled
                WHEN k.begins THEN k.alternative + k.over_before
                ELSE k.alternative
            END AS alternative,
            CASE WHEN k.early THEN 0 ELSE k.losses END AS losses,
            CASE WHEN k.early THEN 0 ELSE k.carried_over END AS carried_over
        FROM known AS k
    ), told AS (
        SELECT q.* FROM quarters AS q
        UNION ALL
        SELECT
            q.issuer, q.currency, q.book, 'FY', q.fiscal_year, NULL, max(q.period_end), sum(q.modelled),
            sum(q.alternative), sum(q.losses), arg_max(q.carried_over, q.period_end)
        FROM quarters AS q GROUP BY ALL
    )
    SELECT
        t.*, t.alternative - t.modelled AS understatement,
        sum(t.alternative - t.modelled) OVER w AS understatement_cumulative,
        coalesce(lag(t.carried_over) OVER w, 0) AS carried_over_before
    FROM told AS t
    WINDOW w AS (PARTITION BY t.issuer, t.currency, t.book, t.period_type ORDER BY t.period_end)
);
COMMENT ON MACRO TABLE gaps_in_books IS 'Understatement of each issuer under each book of a list, by fiscal quarter and year, and what is carried over from one to the next; minor units';
