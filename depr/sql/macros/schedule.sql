-- The schedule of depr/kernel/schedule.py in SQL: segments and shares (depr/schemas.py) by the names of their tables.
--
--     accumulated = opening + round_half_even(base * num / den)
--
-- While |base| * den < 2^52 the product is an exact double, and the quotient rounds to the exact result (the proof is
-- in depr/kernel/rounding.py); a cast from DOUBLE to BIGINT rounds half to even. Wider rows divide in HUGEINT.
CREATE OR REPLACE MACRO divide_half_even(numerator, denominator) AS
    (numerator // denominator + CASE
        WHEN 2 * (numerator % denominator) > denominator THEN 1
        WHEN 2 * (numerator % denominator) = denominator THEN (numerator // denominator) % 2
        ELSE 0
    END)::BIGINT;

CREATE OR REPLACE MACRO depreciation_schedule(segments, shares) AS TABLE (
    WITH curves AS (
        SELECT share_id, any_value(den) AS den FROM query_table(shares) GROUP BY share_id
    ), sized AS (
        SELECT s.*, abs(s.base_minor::DOUBLE) * c.den::DOUBLE >= 2::BIGINT ** 52 AS wide
        FROM query_table(segments) AS s JOIN curves AS c USING (share_id)
    ), narrow AS (
        SELECT
            s.lot, s.opening_minor, s.first_period + c.step AS period,
            ((s.base_minor * c.num_before)::DOUBLE / c.den)::BIGINT AS before,
            ((s.base_minor * c.num)::DOUBLE / c.den)::BIGINT AS after
        FROM sized AS s JOIN query_table(shares) AS c USING (share_id)
        WHERE NOT s.wide AND (s.last_period IS NULL OR s.first_period + c.step <= s.last_period)
    ), wide AS (
        SELECT
            s.lot, s.opening_minor, s.first_period + c.step AS period, sign(s.base_minor) AS sign,
            sign * divide_half_even(abs(s.base_minor::HUGEINT) * c.num_before, c.den::HUGEINT) AS before,
            sign * divide_half_even(abs(s.base_minor::HUGEINT) * c.num, c.den::HUGEINT) AS after
        FROM sized AS s JOIN query_table(shares) AS c USING (share_id)
        WHERE s.wide AND (s.last_period IS NULL OR s.first_period + c.step <= s.last_period)
    )
    SELECT lot, period, after - before AS depreciation_minor, opening_minor + after AS accumulated_minor FROM narrow
    UNION ALL
    SELECT lot, period, after - before, opening_minor + after FROM wide
);
