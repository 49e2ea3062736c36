-- What is depreciated, in SQL, from the prepared tables (depr/sql/prepared/tables.py): the rule of depr/books/estimates.py for lots that
-- nothing befalls, and the estimates made one by one of all others, as far as a date knows of them.
--
-- Parameters of the macros behind the questions begin with of_, since a parameter may not share the name of a column.
CREATE OR REPLACE MACRO in_one_line(names) AS array_to_string(list_sort(list_distinct(names)), ', ');
COMMENT ON MACRO in_one_line IS 'The distinct names of a list, in order, as text';

CREATE OR REPLACE MACRO round_ratio(amount, num, den) AS CASE
    WHEN num = 0 THEN 0::BIGINT
    WHEN num = den THEN amount
    ELSE multiply_divide(amount, num, den, abs(amount::DOUBLE) * greatest(num, den)::DOUBLE >= 2::BIGINT ** 52)
END;
COMMENT ON MACRO round_ratio IS 'amount * num / den, half to even: whole minor units';

CREATE OR REPLACE MACRO base_of(carried_minor, own_minor, cost_minor, rate_num, rate_den) AS
    {base of a stage}::BIGINT;
COMMENT ON MACRO base_of IS 'What a stage charges in all: what is carried less the residual value of the lot or of its book, never below zero (minor units)';

-- The variables as_of and known_at mean here what they mean in the view facts.
CREATE OR REPLACE MACRO up_to_date() AS (
    SELECT CASE
        WHEN k.hidden IS NOT NULL
            THEN error('the temporary table ' || k.hidden || ' hides that of the ledger; rename or drop it')::BOOLEAN
        WHEN k.prepared IS DISTINCT FROM k.head
            THEN error('facts were recorded since the macros were prepared; run: depr prepare LEDGER')::BOOLEAN
        WHEN k.known_at < k.recorded_at
            THEN error('known_at is ' || k.known_at || ', and the macros know what was recorded until '
                || k.recorded_at || '; leave it out (RESET VARIABLE known_at), or ask depr schedule, rollforward, '
                || 'explain or restate LEDGER --known-at')::BOOLEAN
        ELSE true
    END
    FROM (
        SELECT
            (SELECT max(m.head) FROM prepared_from AS m) AS prepared, arg_max(b.hash, b.batch) AS head,
            max(b.recorded_at) AS recorded_at, any_value(getvariable('known_at')::TIMESTAMP) AS known_at,
            (SELECT min(t.table_name) FROM duckdb_tables() AS t SEMI JOIN duckdb_tables() AS o
                ON t.temporary AND o.table_name = t.table_name AND o.database_name = current_database()) AS hidden
        FROM batches AS b
    ) AS k
);
COMMENT ON MACRO up_to_date IS 'True when the prepared tables were made from all the facts there are, and all of them are asked for; else an error';

CREATE OR REPLACE MACRO a_day(of_date, of_name) AS CASE
    WHEN isfinite(of_date) OR of_date IS NULL THEN of_date
    ELSE error(of_name || ' is no day; write DATE ''2025-01-31'', or leave it out')::DATE
END;
COMMENT ON MACRO a_day IS 'A date, or null; an error for one that is infinite';

CREATE OR REPLACE MACRO asked_date(of_date) AS CASE
    WHEN of_date <> getvariable('as_of')::DATE
        THEN error('as_of is ' || of_date || ', and the variable of this name ' || getvariable('as_of')::DATE
            || '; leave one out (RESET VARIABLE as_of)')::DATE
    ELSE a_day(coalesce(of_date, getvariable('as_of')::DATE), 'as_of')
END;
COMMENT ON MACRO asked_date IS 'The date as of which is asked: the argument, or the variable as_of; null for all that is known';

-- Never an empty answer: what is not prepared is an error that lists what is.
CREATE OR REPLACE MACRO was_known(of_date, of_from, of_until) AS
    coalesce(of_date, DATE '9999-12-30') >= of_from AND coalesce(of_date, DATE '9999-12-30') < of_until;
COMMENT ON MACRO was_known IS 'Whether it was so on a date, or at last when the date is null';

CREATE OR REPLACE MACRO said(of_argument) AS of_argument::VARCHAR IS DISTINCT FROM 'default';
COMMENT ON MACRO said IS 'Whether an argument was given';

CREATE OR REPLACE MACRO unless_said(of_argument, of_default) AS
    CASE WHEN said(of_argument) THEN of_argument ELSE of_default END;
COMMENT ON MACRO unless_said IS 'An argument, or what stands for it where it was not given';

-- The column life_years has four decimals: 3.5833 is 43 months, and so is 43 / 12.0.
CREATE OR REPLACE MACRO months_of(of_years) AS CASE
    WHEN of_years BETWEEN 0 AND 1000 AND (abs(of_years * 12 - round(of_years * 12)) < 1e-9
        OR abs(of_years - round(round(of_years * 12) / 12, 4)) < 1e-9) THEN round(of_years * 12)::BIGINT
END;
COMMENT ON MACRO months_of IS 'A life in years as months; null where they are not whole';

CREATE OR REPLACE MACRO named_books(of_book) AS (
    SELECT CASE WHEN of_book IS NOT NULL THEN [coalesce(k.named,
        error(CASE k.books WHEN 'none' THEN 'nothing is prepared yet; run: depr prepare LEDGER'
            ELSE 'unknown book ''' || of_book || '''; use one of: ' || k.books END))] END
    FROM (
        SELECT
            any_value(a.book) FILTER (a.book = of_book) AS named, coalesce(in_one_line(list(a.book)), 'none') AS books
        FROM alternatives AS a
    ) AS k
);
COMMENT ON MACRO named_books IS 'A list of one prepared book, by its name; an error lists what is prepared';

CREATE OR REPLACE MACRO plain_books(of_lives, of_method, of_convention) AS (
    SELECT list(n.book ORDER BY n.months)
    FROM (
        SELECT l.months, CASE
            WHEN k.methods = 'none' THEN error('nothing is prepared yet; run: depr prepare LEDGER')
            WHEN NOT k.has_method THEN error('unknown method ''' || coalesce(of_method, 'NULL') || '''; use one of: '
                || k.methods || '; depr prepare --method adds another')
            WHEN NOT k.has_convention THEN error('unknown convention ''' || coalesce(of_convention, 'NULL') || ''' of '
                || of_method || '; use one of: ' || k.conventions || '; depr prepare --convention adds another')
            WHEN l.months IS NULL AND l.years BETWEEN 0 AND 1000 THEN error('a life of ' || l.life
                || ' years is no whole number of months; use one of: ' || k.lives)
            WHEN count(*) OVER (PARTITION BY l.months) > 1 AND l.months IS NOT NULL
                THEN error('a life of ' || l.life || ' years is given twice')
            ELSE coalesce(a.book, error('unknown life of ' || l.life || ' years; use one of: ' || k.lives
                || '; depr prepare --life adds another'))
        END AS book
        FROM (
            SELECT u.life, TRY_CAST(u.life AS DOUBLE) AS years, months_of(TRY_CAST(u.life AS DOUBLE)) AS months
            FROM (SELECT unnest(of_lives) AS life) AS u
        ) AS l
        CROSS JOIN (
            SELECT
                coalesce(bool_or(o.method = of_method), false) AS has_method,
                coalesce(bool_or(o.method = of_method AND o.convention = of_convention), false) AS has_convention,
                coalesce(in_one_line(list(o.method) FILTER (o.method IS NOT NULL)), 'none') AS methods,
                coalesce(in_one_line(list(o.convention) FILTER (o.method = of_method)), 'none') AS conventions,
                coalesce(array_to_string(list_transform(list_sort(list_distinct(list(o.life_years)
                    FILTER (o.method = of_method AND o.convention = of_convention))),
                    lambda years: years::DOUBLE::VARCHAR), ', '), 'none') AS lives
            FROM alternatives AS o
        ) AS k
        LEFT JOIN alternatives AS a
            ON a.life_months = l.months AND a.method = of_method AND a.convention = of_convention
    ) AS n
);
COMMENT ON MACRO plain_books IS 'The prepared books of lives in years, given as text, with a method and convention; an error lists what is prepared';

CREATE OR REPLACE MACRO reported_books(of_wanted) AS (
    SELECT CASE WHEN min(f.issuer) IS NOT NULL
        THEN error(min(f.issuer) || ' has no book of what it reports; name a life or a book')::VARCHAR[] END
    FROM fleets AS f WHERE f.book IS NULL AND of_wanted
);
COMMENT ON MACRO reported_books IS 'Null, which stands for what each issuer reports; where that is wanted, an error for one that has no book';

-- One question, one answer: a book, several lives, or one life. A subquery is worked out in whatever branch of a CASE it
-- stands, so what a branch does not ask for is null.
CREATE OR REPLACE MACRO asked_books(of_lives, of_life, of_method, of_convention, of_book) AS CASE
    WHEN NOT up_to_date() THEN NULL
    WHEN of_lives IS NOT NULL AND of_book IS NOT NULL THEN error('give lives or a book, not both')
    WHEN of_lives IS NOT NULL AND said(of_life) THEN error('give life_years or lives, not both')
    WHEN of_book IS NOT NULL AND said(of_life) THEN error('give life_years or a book, not both')
    WHEN of_book IS NOT NULL AND (said(of_method) OR said(of_convention))
        THEN error('book ' || of_book || ' has its own method and convention; leave out one or the other')
    WHEN of_book IS NOT NULL THEN named_books(of_book)
    WHEN len(of_lives) = 0 THEN error('lives is empty; say which, as in lives := [1, 3, 6]')
    WHEN list_count(of_lives) < len(of_lives) THEN error('a life is NULL; leave it out')
    WHEN of_lives IS NULL AND of_life IS NULL THEN error('say which life_years')
    ELSE plain_books(
        CASE
            WHEN of_book IS NOT NULL OR of_lives IS NULL AND of_life IS NULL THEN NULL
            WHEN of_lives IS NOT NULL THEN list_transform(of_lives, lambda life: life::VARCHAR)
            ELSE [unless_said(of_life::VARCHAR, '3')]
        END, unless_said(of_method, 'straight_line'), unless_said(of_convention, 'full_month')
    )
END;
COMMENT ON MACRO asked_books IS 'The prepared books of a name, of several lives, or of one: three years of straight line over full months where nothing else is said';

-- Without a life or a book: what each issuer reports, which has methods and conventions of its own.
CREATE OR REPLACE MACRO asked_book(of_life, of_method, of_convention, of_book) AS CASE
    WHEN of_book IS NOT NULL OR of_life IS NOT NULL AND said(of_life)
        THEN asked_books(NULL::DOUBLE[], CASE
            WHEN said(of_life) AND of_life IS NOT NULL THEN of_life::VARCHAR
            WHEN of_book IS NOT NULL THEN 'default'
        END, of_method, of_convention, of_book)
    WHEN NOT up_to_date() THEN NULL
    WHEN said(of_method) OR said(of_convention)
        THEN error('what is reported has its own method and convention; say which life_years, or leave them out')
    ELSE reported_books(of_book IS NULL AND (of_life IS NULL OR NOT said(of_life)))
END;
COMMENT ON MACRO asked_book IS 'A list of the prepared book of a name or a life; null, when neither is given, is what each issuer reports';

-- of_books is a list of names; null stands for what each issuer reports.
CREATE OR REPLACE MACRO fleet_in_books(of_books, of_date, of_bound) AS TABLE (
    SELECT
        q.lot, q.lot_id, q.issuer, q.generation, q.currency, q.units, q.purchase_period, q.service_period, q.calendar, q.book,
        q.cost_minor,
        CASE WHEN q.residual_minor IS NOT NULL THEN least(q.residual_minor, q.cost_minor) END AS residual_minor,
        q.in_service_date, q.alone, CASE WHEN q.ranged THEN of_bound ELSE 'mid' END AS bound
    FROM (
        SELECT
            a.* EXCLUDE (cost_minor, in_service_date), k.calendar, k.book, a.changed OR k.one_by_one AS alone,
            a.cost_low_minor IS NOT NULL OR a.cost_high_minor IS NOT NULL AS ranged,
            CASE WHEN of_bound = 'low' THEN coalesce(a.cost_low_minor, a.cost_minor)
                WHEN of_bound = 'high' THEN coalesce(a.cost_high_minor, a.cost_minor) ELSE a.cost_minor END AS cost_minor,
            CASE WHEN of_date IS NULL OR a.in_service_date <= of_date THEN a.in_service_date END AS in_service_date
        FROM acquired AS a
        JOIN (
            SELECT n.issuer, n.calendar, n.theirs, b.book, b.own, b.one_by_one
            FROM (
                SELECT
                    f.issuer, f.calendar, f.book AS theirs,
                    unnest(CASE WHEN of_books IS NULL THEN [f.book] ELSE of_books END) AS book
                FROM fleets AS f
            ) AS n
            LEFT JOIN alternatives AS b ON b.book = n.book
        ) AS k ON k.issuer = a.issuer
        WHERE (of_date IS NULL OR a.purchase_date <= of_date) AND CASE
            WHEN coalesce(of_bound, 'NULL') NOT IN ('low', 'mid', 'high')
                THEN error('unknown bound ''' || coalesce(of_bound, 'NULL') || '''; use one of: low, mid, high')::BOOLEAN
            WHEN k.book IS NULL THEN false
            WHEN k.own AND k.theirs IS DISTINCT FROM k.book
                THEN error('book ' || k.book || ' is of what others report, not ' || k.issuer)::BOOLEAN
            ELSE true
        END
    ) AS q
);
COMMENT ON MACRO TABLE fleet_in_books IS 'Lots acquired by a date under each book of a list (null: what each issuer reports), with one reading of their cost (low, mid or high); minor units';

-- A lot that nothing befalls meets the policies of its book alone.
CREATE OR REPLACE MACRO first_stages(of_books, of_date, of_bound) AS TABLE (
    SELECT
        l.lot, l.lot_id, l.issuer, l.generation, l.currency, l.book, l.cost_minor, l.residual_minor, s.track, s.calendar,
        s.in_service_date, s.stage, s.share_id, s.first_period, s.last_period, s.used_num, s.used_den,
        0::BIGINT AS opening_minor,
        base_of(l.cost_minor, l.residual_minor, l.cost_minor, s.rate_num, s.rate_den) AS base_minor
    FROM fleet_in_books(of_books, of_date, of_bound) AS l
    JOIN tracks AS t ON t.book = l.book AND t.generation = l.generation
    JOIN starts AS s ON s.track = t.track AND s.calendar = l.calendar AND s.in_service_date = l.in_service_date
    WHERE l.in_service_date IS NOT NULL AND NOT l.alone AND s.stage = 0
);
COMMENT ON MACRO TABLE first_stages IS 'The first estimate of lots that nothing befell, under each book of a list; minor units';

-- A stage begins on what the one before leaves. The first ones are streamed, only lots with more than one are walked.
CREATE OR REPLACE MACRO estimates(of_books, of_date, of_bound) AS TABLE (
    WITH RECURSIVE walked AS (
        SELECT f.* FROM first_stages(of_books, of_date, of_bound) AS f WHERE f.last_period IS NOT NULL
        UNION ALL
        SELECT
            w.lot, w.lot_id, w.issuer, w.generation, w.currency, w.book, w.cost_minor, w.residual_minor, s.track, s.calendar,
            s.in_service_date, s.stage, s.share_id, s.first_period, s.last_period, s.used_num, s.used_den,
            w.reached_minor,
            base_of(w.cost_minor - w.reached_minor, w.residual_minor, w.cost_minor, s.rate_num, s.rate_den)
        FROM (
            SELECT v.*, (v.opening_minor + round_ratio(v.base_minor, v.used_num, v.used_den))::BIGINT AS reached_minor
            FROM walked AS v WHERE v.last_period IS NOT NULL
        ) AS w
        JOIN starts AS s ON s.track = w.track AND s.calendar = w.calendar AND s.in_service_date = w.in_service_date
        WHERE s.stage = w.stage + 1
    )
    SELECT
        f.lot, f.lot_id, f.issuer, f.generation, f.currency, f.calendar, f.book, f.cost_minor, f.base_minor, f.opening_minor,
        f.share_id, f.first_period, f.last_period
    FROM first_stages(of_books, of_date, of_bound) AS f
    WHERE f.share_id IS NOT NULL
    UNION ALL
    SELECT
        w.lot, w.lot_id, w.issuer, w.generation, w.currency, w.calendar, w.book, w.cost_minor, w.base_minor, w.opening_minor,
        w.share_id, w.first_period, w.last_period
    FROM walked AS w
    WHERE w.stage > 0 AND w.share_id IS NOT NULL
    UNION ALL
    SELECT
        l.lot, l.lot_id, l.issuer, l.generation, l.currency, l.calendar, l.book, l.cost_minor, g.base_minor, g.opening_minor,
        g.share_id, g.first_period, g.last_period
    FROM segments AS g
    JOIN fleet_in_books(of_books, of_date, of_bound) AS l ON l.lot = g.lot AND l.book = g.book AND l.bound = g.bound
    WHERE l.alone AND l.in_service_date IS NOT NULL AND was_known(of_date, g.known_from, g.known_until)
);
COMMENT ON MACRO TABLE estimates IS 'What is depreciated under a book, as a date knows of it: lot, base, accumulated before, curve, first and last period; minor units';

-- Depreciation by owner, generation and month without a row a lot: with b = 2 den w + r, half to even,
--     round(b num / den) = 2 w num + round(r num / den)
-- since 2 w num is even (depr/balances/cohorts.py), so lots of one curve need a row for each remainder r that occurs.
CREATE OR REPLACE MACRO charges(of_books, of_date, of_bound) AS TABLE (
    WITH curves AS (
        SELECT s.share_id, any_value(s.den) AS den, CASE WHEN any_value(s.den) <= 8192 THEN 2 * any_value(s.den) END AS bins
        FROM shares AS s GROUP BY s.share_id
    ), counted AS (
        SELECT
            e.issuer, e.generation, e.currency, e.calendar, e.book, e.share_id, e.first_period, e.last_period, c.den,
            CASE WHEN c.bins IS NULL THEN e.base_minor ELSE e.base_minor % c.bins END AS rest,
            sum(CASE WHEN c.bins IS NULL THEN 0 ELSE e.base_minor // c.bins END) AS whole, count(*) AS lots
        FROM estimates(of_books, of_date, of_bound) AS e
        JOIN curves AS c USING (share_id)
        GROUP BY ALL
    ), wholes AS (
        SELECT
            k.issuer, k.generation, k.currency, k.calendar, k.book, k.share_id, k.first_period, k.last_period,
            sum(k.whole) AS whole
        FROM counted AS k GROUP BY ALL
    ), amounts AS (
        SELECT
            k.issuer, k.generation, k.currency, k.calendar, k.book, k.first_period + s.step AS period,
            2 * k.whole * (s.num - s.num_before) AS minor
        FROM wholes AS k JOIN shares AS s USING (share_id)
        WHERE s.step <= coalesce(k.last_period - k.first_period, s.step)
        UNION ALL
        SELECT
            k.issuer, k.generation, k.currency, k.calendar, k.book, k.first_period + s.step,
            k.lots * (multiply_divide(k.rest, s.num, s.den, k.rest::DOUBLE * k.den >= 2::BIGINT ** 52)
                - multiply_divide(k.rest, s.num_before, s.den, k.rest::DOUBLE * k.den >= 2::BIGINT ** 52))::HUGEINT
        FROM counted AS k JOIN shares AS s USING (share_id)
        WHERE k.rest <> 0 AND s.step <= coalesce(k.last_period - k.first_period, s.step)
    )
    SELECT m.issuer, m.generation, m.currency, m.calendar, m.book, m.period, sum(m.minor)::BIGINT AS depreciation_minor
    FROM amounts AS m GROUP BY ALL
);
COMMENT ON MACRO TABLE charges IS 'Depreciation under a book by owner, generation and fiscal month, as a date knows of it; minor units';

CREATE OR REPLACE MACRO flows_in_books(of_books, of_date, of_bound) AS TABLE (
    WITH fleet AS (
        SELECT l.* FROM fleet_in_books(of_books, of_date, of_bound) AS l
    ), moved AS (
        SELECT
            l.issuer, l.generation, l.currency, l.calendar, l.book, l.purchase_period AS period, 'acquisition' AS kind,
            l.units AS construction_units, 0::BIGINT AS units, l.cost_minor AS construction_minor,
            0::BIGINT AS cost_minor, 0::BIGINT AS accumulated_minor, 0::BIGINT AS impairment_minor, 0::BIGINT AS proceeds_minor
        FROM fleet AS l
        UNION ALL
        SELECT
            l.issuer, l.generation, l.currency, l.calendar, l.book, l.service_period, 'placed_in_service', -l.units, l.units,
            -l.cost_minor, l.cost_minor, 0, 0, 0
        FROM fleet AS l WHERE l.in_service_date IS NOT NULL
        UNION ALL
        SELECT
            l.issuer, l.generation, l.currency, l.calendar, l.book, m.period, m.kind, 0, m.units, 0,
            m.cost_minor, m.accumulated_minor, m.impairment_minor, m.proceeds_minor
        FROM movements AS m
        JOIN fleet AS l ON l.lot = m.lot AND l.book = m.book AND l.bound = m.bound
        WHERE l.alone AND l.in_service_date IS NOT NULL AND was_known(of_date, m.known_from, m.known_until)
        UNION ALL
        SELECT
            c.issuer, c.generation, c.currency, c.calendar, c.book, c.period, 'depreciation', 0, 0, 0, 0,
            c.depreciation_minor, 0, 0
        FROM charges(of_books, of_date, of_bound) AS c
    )
    SELECT
        v.issuer, v.generation, v.currency, v.calendar, v.book, v.period, v.kind, sum(v.construction_units)::BIGINT AS construction_units,
        sum(v.units)::BIGINT AS units, sum(v.construction_minor)::BIGINT AS construction_minor,
        sum(v.cost_minor)::BIGINT AS cost_minor, sum(v.accumulated_minor)::BIGINT AS accumulated_minor,
        sum(v.impairment_minor)::BIGINT AS impairment_minor, sum(v.proceeds_minor)::BIGINT AS proceeds_minor
    FROM moved AS v GROUP BY ALL
);
COMMENT ON MACRO TABLE flows_in_books IS 'Everything that moves the balances of a fleet under each book, by owner, generation, fiscal month and kind; minor units';

CREATE OR REPLACE MACRO against_reported(of_books, of_date, of_bound) AS TABLE (
    SELECT o.*, 1 AS sign FROM flows_in_books(of_books, of_date, of_bound) AS o
    UNION ALL BY NAME
    SELECT r.* REPLACE (k.book AS book), -1 AS sign
    FROM flows_in_books(NULL::VARCHAR[], of_date, of_bound) AS r, (SELECT unnest(of_books) AS book) AS k
);
COMMENT ON MACRO TABLE against_reported IS 'What moves a fleet under each book of a list (sign 1), and what does under what each issuer reports, taken away (sign -1); minor units';

-- What leaves the carrying amount before proceeds, which are the same in every book (depr/balances/rollup.py).
CREATE OR REPLACE MACRO is_loss(of_kind) AS of_kind IN ('impairment', 'reversal', 'partial_disposal', 'disposal');
COMMENT ON MACRO is_loss IS 'Whether what a kind of event takes from the carrying amount is a loss';
