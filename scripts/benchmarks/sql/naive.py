"""The schedule as one would write it without the macros: straight line, full months, rounded half to even.

    accumulated(t) = round(cost * t / n),  depreciation(t) = accumulated(t) - accumulated(t - 1),  t = 1 .. n

In whole minor units throughout, so that the sums can be compared: a recursive CTE in SQLite, and in DuckDB a
generate_series with a division in 128 bits.
"""

from __future__ import annotations

LIFE_MONTHS = 72

CHOSEN = """
    SELECT a.lot_id, a.cost_minor, (year(l.in_service_date) * 12 + month(l.in_service_date) - 1)::INTEGER AS first_month
    FROM facts AS a JOIN lots AS l ON l.lot_id = a.lot_id
    WHERE a.kind = 'acquisition' AND a.residual_minor IS NULL AND l.in_service_date IS NOT NULL
        AND a.lot_id NOT IN (SELECT f.lot_id FROM facts AS f WHERE f.kind NOT IN ('acquisition', 'placed_in_service'))
    ORDER BY a.lot_id LIMIT {lots}
"""
"""Lots that nothing befell: the first of them."""


def _rounded(step: str) -> str:
    """cost * step / n, half to even."""
    whole, rest = f"cost_minor * {step} / {LIFE_MONTHS}", f"2 * (cost_minor * {step} % {LIFE_MONTHS})"
    return f"({whole} + ({rest} > {LIFE_MONTHS} OR ({rest} = {LIFE_MONTHS} AND {whole} % 2 = 1)))"


RECURSIVE = f"""
CREATE TABLE schedule AS
WITH RECURSIVE steps (lot_id, cost_minor, month, step, before, accumulated) AS (
    SELECT lot_id, cost_minor, first_month, 1, 0, {_rounded("1")} FROM chosen
    UNION ALL
    SELECT lot_id, cost_minor, month + 1, step + 1, accumulated, {_rounded("(step + 1)")}
    FROM steps WHERE step < {LIFE_MONTHS}
)
SELECT lot_id, month, accumulated - before AS depreciation_minor, accumulated AS accumulated_minor FROM steps
"""


def _wide(step: str) -> str:
    """The same in DuckDB, whose // is the division of whole numbers."""
    exact = f"cost_minor::HUGEINT * {step}"
    whole, rest = f"({exact} // {LIFE_MONTHS})", f"(2 * ({exact} % {LIFE_MONTHS}))"
    tie = f"{rest} > {LIFE_MONTHS} OR ({rest} = {LIFE_MONTHS} AND {whole} % 2 = 1)"
    return f"({whole} + CASE WHEN {tie} THEN 1 ELSE 0 END)::BIGINT"


GENERATED = f"""
SELECT lot_id, first_month + step - 1 AS month, {_wide("step")} - {_wide("(step - 1)")} AS depreciation_minor,
    {_wide("step")} AS accumulated_minor
FROM chosen, generate_series(1, {LIFE_MONTHS}) AS s(step)
"""

SUMS = """
SELECT count(*), sum(depreciation_minor), sum(accumulated_minor), sum(depreciation_minor * month)
FROM {rows}
"""
"""Equal for all who answer, or one of them is wrong."""
