-- The schedule of depr/kernel/schedule.py in SQL, from two tables given by their names, segments and shares of
-- depr/contract.py: FROM depreciation_schedule('segments', 'shares').
--
--     accumulated = opening + round_half_even(base * num / den)
--
-- While |base| * den < 2^52 the product is exact as a double, and its quotient rounds to the exact result (the proof is
-- in depr/kernel/rounding.py); a cast from DOUBLE to BIGINT rounds half to even. Wider amounts divide in HUGEINT, and
-- what leaves 64 bits is an error: nothing wraps. The steps of a share are a list; a segment that ends early takes the
-- beginning of it. So the rows of a lot stay together, and none is made in vain.
CREATE OR REPLACE MACRO divide_half_even(numerator, denominator) AS
    (numerator // denominator + CASE
        WHEN 2 * (numerator % denominator) > denominator THEN 1
        WHEN 2 * (numerator % denominator) = denominator THEN (numerator // denominator) % 2
        ELSE 0
    END)::BIGINT;

CREATE OR REPLACE MACRO multiply_divide(base, num, den, wide) AS
    CASE
        WHEN wide THEN sign(base) * divide_half_even(abs(base::HUGEINT) * num, den::HUGEINT)
        ELSE ((base * num)::DOUBLE / den)::BIGINT
    END;

CREATE OR REPLACE MACRO charged_segments(segments, shares) AS TABLE (
    WITH curves AS (
        SELECT
            share_id, any_value(den) AS den,
            list({'number': step, 'num_before': num_before, 'num': num} ORDER BY step) AS steps
        FROM query_table(shares) GROUP BY share_id
    ), lots AS (
        SELECT
            s.*, c.den, abs(s.base_minor::DOUBLE) * c.den::DOUBLE >= 2::BIGINT ** 52 AS wide,
            CASE
                WHEN s.last_period IS NULL THEN c.steps
                ELSE c.steps[:greatest(s.last_period - s.first_period + 1, 0)]
            END AS steps
        FROM query_table(segments) AS s JOIN curves AS c USING (share_id)
    ), rows AS (
        SELECT l.* EXCLUDE (steps), unnest(l.steps) AS step FROM lots AS l
    ), used AS (
        SELECT
            r.*, r.first_period + r.step.number AS period,
            multiply_divide(r.base_minor, r.step.num_before, r.den, r.wide) AS before,
            multiply_divide(r.base_minor, r.step.num, r.den, r.wide) AS after
        FROM rows AS r
    )
    SELECT
        u.* EXCLUDE (den, wide, step, before, after), u.after - u.before AS depreciation_minor,
        u.opening_minor + u.after AS accumulated_minor
    FROM used AS u
);
COMMENT ON MACRO TABLE charged_segments IS 'Segments with their depreciation in every period: one row for each from the first of a segment to the end of its curve or its last period; minor units';

CREATE OR REPLACE MACRO depreciation_schedule(segments, shares) AS TABLE (
    SELECT c.lot, c.period, c.depreciation_minor, c.accumulated_minor FROM charged_segments(segments, shares) AS c
);
COMMENT ON MACRO TABLE depreciation_schedule IS 'Depreciation of every lot in every period, from tables of segments and shares; minor units';
COMMENT ON MACRO divide_half_even IS 'numerator / denominator of whole numbers that are not negative, rounded half to even';
COMMENT ON MACRO multiply_divide IS 'base * num / den, rounded half to even; wide divides in 128 bits';
