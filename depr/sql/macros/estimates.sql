-- What is depreciated, in SQL, from the prepared tables (depr/sql/prepared/tables.py): the rule of depr/estimates.py for lots that
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

CREATE OR REPLACE MACRO up_to_date() AS (
    SELECT CASE
        WHEN (SELECT max(m.head) FROM prepared_from AS m)
            IS NOT DISTINCT FROM (SELECT arg_max(b.hash, b.batch) FROM batches AS b) THEN true
        ELSE error('facts were recorded since the macros were prepared; run: depr prepare LEDGER')::BOOLEAN
    END
);
COMMENT ON MACRO up_to_date IS 'True when the prepared tables were made from all the facts there are; else an error';

-- Never an empty answer: what is not prepared is an error that lists what is.
CREATE OR REPLACE MACRO was_known(of_date, of_from, of_until) AS
    coalesce(of_date, DATE '9999-12-30') >= of_from AND coalesce(of_date, DATE '9999-12-30') < of_until;
COMMENT ON MACRO was_known IS 'Whether it was so on a date, or at last when the date is null';

CREATE OR REPLACE MACRO prepared_book(of_life, of_method, of_convention, of_book) AS (
    SELECT CASE
        WHEN NOT up_to_date() THEN NULL
        WHEN of_book IS NOT NULL AND (of_method <> 'straight_line' OR of_convention <> 'full_month')
            THEN error('book ' || of_book || ' has its own method and convention; leave out one or the other')
        WHEN of_book IS NOT NULL THEN coalesce(k.named, error('unknown book ''' || coalesce(of_book, 'NULL') || '''; use one of: ' || k.books))
        WHEN of_life IS NULL AND k.without IS NOT NULL
            THEN error(k.without || ' has no book of what it reports; name a life or a book')
        WHEN of_life IS NULL THEN NULL
        WHEN k.plain IS NOT NULL THEN k.plain
        WHEN NOT k.has_method THEN error('unknown method ''' || coalesce(of_method, 'NULL') || '''; use one of: ' || k.methods
            || '; depr prepare --method adds another')
        WHEN NOT k.has_convention THEN error('unknown convention ''' || coalesce(of_convention, 'NULL') || ''' of ' || of_method
            || '; use one of: ' || k.conventions || '; depr prepare --convention adds another')
        ELSE error('unknown life of ' || of_life || ' years; use one of: ' || k.lives
            || '; depr prepare --life adds another')
    END
    FROM (
        SELECT
            any_value(a.book) FILTER (a.book = of_book) AS named,
            (SELECT min(f.issuer) FROM fleets AS f WHERE f.book IS NULL) AS without,
            any_value(a.book) FILTER (a.life_years = round(of_life, 4) AND a.method = of_method
                AND a.convention = of_convention) AS plain,
            coalesce(bool_or(a.method = of_method), false) AS has_method,
            coalesce(bool_or(a.method = of_method AND a.convention = of_convention), false) AS has_convention,
            coalesce(in_one_line(list(a.book)), 'none') AS books,
            coalesce(in_one_line(list(a.method) FILTER (a.method IS NOT NULL)), 'none') AS methods,
            coalesce(in_one_line(list(a.convention) FILTER (a.method = of_method)), 'none') AS conventions,
            coalesce(array_to_string(list_transform(list_sort(list_distinct(list(a.life_years)
                FILTER (a.method = of_method AND a.convention = of_convention))),
                lambda years: years::DOUBLE::VARCHAR), ', '), 'none') AS lives
        FROM alternatives AS a
    ) AS k
);
COMMENT ON MACRO prepared_book IS 'The prepared book of a name, or of a life in years with method and convention; null, when neither is given, is what each issuer reports; an error lists what is prepared';

-- One question, one answer: a book, several lives, or one life.
CREATE OR REPLACE MACRO prepared_books(of_lives, of_method, of_convention) AS (
    SELECT list(prepared_book(n.life, of_method, of_convention, NULL) ORDER BY n.life)
    FROM (SELECT unnest(of_lives)::DECIMAL(8,4) AS life) AS n
);
COMMENT ON MACRO prepared_books IS 'The prepared books of several lives in years; an error lists what is prepared';

CREATE OR REPLACE MACRO asked_books(of_lives, of_life, of_method, of_convention, of_book) AS CASE
    WHEN of_lives IS NOT NULL AND of_book IS NOT NULL THEN error('give lives or a book, not both')
    WHEN of_lives IS NOT NULL AND len(of_lives) = 0 THEN error('lives is empty; say which, as in lives := [1, 3, 6]')
    WHEN of_lives IS NOT NULL AND list_count(of_lives) < len(of_lives) THEN error('a life is NULL; leave it out')
    WHEN of_book IS NOT NULL THEN [prepared_book(NULL::DECIMAL(8,4), of_method, of_convention, of_book)]
    WHEN of_lives IS NOT NULL
        THEN prepared_books(CASE WHEN of_book IS NULL THEN of_lives END, of_method, of_convention)
    WHEN of_life IS NOT NULL THEN [prepared_book(
        CASE WHEN of_book IS NULL AND of_lives IS NULL THEN of_life END, of_method, of_convention, NULL::VARCHAR
    )]
    ELSE error('say which life_years')
END;
COMMENT ON MACRO asked_books IS 'The prepared alternatives of a name, of several lives, or of one';

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
        greatest(l.cost_minor
            - coalesce(l.residual_minor, round_ratio(l.cost_minor, s.rate_num, s.rate_den)), 0)::BIGINT AS base_minor
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
            greatest(w.cost_minor - w.reached_minor
                - coalesce(w.residual_minor, round_ratio(w.cost_minor, s.rate_num, s.rate_den)), 0)::BIGINT
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
-- since 2 w num is even (depr/restate/cohorts.py), so lots of one curve need a row for each remainder r that occurs.
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

-- What leaves the carrying amount before proceeds, which are the same in every book (depr/restate/rollup.py).
CREATE OR REPLACE MACRO is_loss(of_kind) AS of_kind IN ('impairment', 'reversal', 'partial_disposal', 'disposal');
COMMENT ON MACRO is_loss IS 'Whether what a kind of event takes from the carrying amount is a loss';
