"""The score of a backtest: how far off, how often inside the stated range, and whether the quarters move the right way.

A figure that is guided and then reported unchanged counts once.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, permutations
from typing import Any

import polars as pl

from depr.kernel.calendar import period_of

FIGURE = ["case_id", "period_start", "period_end", "scope", "sample", "calibrated_on", "disclosed_minor"]
PPM = 10**6
GROUPS: tuple[tuple[str, pl.Expr], ...] = (
    ("disclosed carrying amount", pl.col("sample") == "carrying"),
    ("nothing fitted, sourced bases, scope A", (pl.col("sample") == "none") & (pl.col("scope") == "A")),
    ("nothing fitted, sourced bases, all scopes", pl.col("sample") == "none"),
    (
        "scale of another disclosure, sourced bases, scope A",
        (pl.col("sample") == "out") & pl.col("sourced_base") & (pl.col("scope") == "A"),
    ),
    (
        "the same, of another change of life",
        (pl.col("sample") == "out") & pl.col("sourced_base") & (pl.col("scope") == "A") & ~pl.col("same_change"),
    ),
    ("scale of another disclosure, all scopes and issuers", pl.col("sample") == "out"),
    ("in sample: median scale of the issuer", pl.col("sample") == "in"),
)
"""What is scored, by name."""

SCORE = {
    "predictions": "what is scored",
    "out_of_sample": "whether the figure predicted had no part in the prediction",
    "count": "predictions",
    "figures": "disclosed figures predicted",
    "median_error_ppm": "median of the size of the error over the size of the disclosed effect",
    "worst_error_ppm": "the largest of them",
    "worst": "whose it is",
    "within_range_ppm": "share of predictions whose range holds the disclosed effect",
    "within_rounding_ppm": "share within the rounding of the disclosure",
}


def score(table: pl.DataFrame) -> pl.DataFrame:
    """Rows of the backtest (Backtest) -> one row a group of predictions (SCORE)."""
    known = table.filter(pl.col("relative_error_ppm").is_not_null()).unique(FIGURE, keep="first", maintain_order=True)
    rows = [_scored(name, known.filter(group.fill_null(False))) for name, group in GROUPS]
    return pl.DataFrame([row for row in rows if row["count"]], schema=_types())


def _types() -> dict[str, Any]:
    text = dict.fromkeys(("predictions", "worst"), pl.String)
    flag = {"out_of_sample": pl.Boolean}
    return {name: (text | flag).get(name, pl.Int64) for name in SCORE}


def _scored(name: str, rows: pl.DataFrame) -> dict[str, Any]:
    if rows.is_empty():
        return {"count": 0}
    worst = rows.sort("relative_error_ppm", descending=True, maintain_order=True).row(0, named=True)
    errors = sorted(rows["relative_error_ppm"])
    half = len(errors) // 2
    middle = errors[half] if len(errors) % 2 else round(Fraction(errors[half - 1] + errors[half], 2))
    return {
        "predictions": name,
        "out_of_sample": "in" not in rows["sample"],
        "count": len(rows),
        "figures": rows.select(FIGURE[:4]).n_unique(),
        "median_error_ppm": middle,
        "worst_error_ppm": worst["relative_error_ppm"],
        "worst": f"{worst['case_id']} {worst['period']}",
        "within_range_ppm": _share(rows["within_range"]),
        "within_rounding_ppm": _share(rows["within_rounding"]),
    }


def _share(flags: pl.Series) -> int:
    return round(Fraction(int(flags.sum()) * PPM, len(flags)))


def brief(table: pl.DataFrame) -> pl.DataFrame:
    """The backtest on one screen: each figure without and with a scale; of several scales the one of median error."""
    order = table.with_row_index("place").filter(pl.col("relative_error_ppm").is_not_null(), pl.col("sample") != "in")
    keys = ["case_id", "period", "scope", "sample"]
    ranked = order.sort("relative_error_ppm", maintain_order=True).with_columns(
        rank=pl.int_range(pl.len()).over(keys), middle=(pl.len().over(keys) - 1) // 2
    )
    return (
        ranked.filter(pl.col("rank") == pl.col("middle"))
        .sort("place")
        .select(
            *keys,
            "disclosed_minor",
            "model_minor",
            low_minor="model_low_minor",
            high_minor="model_high_minor",
            relative_error_ppm="relative_error_ppm",
            in_range="within_range",
            EPS_micro="model_eps_micro",
            EPS_disclosed_micro="disclosed_eps_micro",
        )
    )


SHAPE = {
    "case_id": "case",
    "scope": "scope of its figures",
    "first_period": "first month of the stretch (months since 1900-01)",
    "last_period": "its last month",
    "disclosed_monthly_minor": "disclosed effect a month",
    "model_monthly_minor": "modelled effect a month",
    "sign_agrees": "whether both have the same sign",
    "order_agrees": "whether both move the same way from the stretch before; null for the first",
}


def shape(table: pl.DataFrame) -> pl.DataFrame:
    """Cases with several figures, cut into stretches of time that do not overlap (SHAPE).

    The year less its first quarter is the other three; the model is cut in the same way.
    """
    chosen = table.filter(pl.col("relative_error_ppm").is_not_null(), pl.col("sample").is_in(["in", "carrying"]))
    rows = []
    for (case, scope), group in chosen.group_by("case_id", "scope", maintain_order=True):
        rows += _stretches(str(case), str(scope), group)
    types = {name: pl.Boolean if "agrees" in name else pl.Int64 for name in SHAPE}
    return pl.DataFrame(rows, schema=types | {"case_id": pl.String(), "scope": pl.String()})


Stretches = dict[tuple[int, int], tuple[int, int]]


def _stretches(case: str, scope: str, group: pl.DataFrame) -> list[dict[str, Any]]:
    parts = _disjoint(
        {
            (period_of(row["period_start"]), period_of(row["period_end"])): (row["disclosed_minor"], row["model_minor"])
            for row in group.iter_rows(named=True)
        }
    )
    rates = [[round(Fraction(v, b - a + 1)) for v in values] for (a, b), values in parts]
    moves: list[bool | None] = [None, *((y[0] - x[0]) * (y[1] - x[1]) > 0 for x, y in pairwise(rates))]
    return [
        {
            "case_id": case,
            "scope": scope,
            "first_period": a,
            "last_period": b,
            "disclosed_monthly_minor": disclosed,
            "model_monthly_minor": modelled,
            "sign_agrees": disclosed * modelled > 0,
            "order_agrees": move,
        }
        for ((a, b), _), (disclosed, modelled), move in zip(parts, rates, moves, strict=True)
        if len(parts) > 1
    ]


def _disjoint(known: Stretches) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Stretches that do not hold another, with what differences of nested ones add."""
    found = dict(known)
    size = 0
    while len(found) > size:
        size = len(found)
        for (a, b), (c, d) in permutations(list(found), 2):
            inner = found[a, b]
            outer = found[c, d]
            left = (outer[0] - inner[0], outer[1] - inner[1])
            if a == c and b < d:
                found.setdefault((b + 1, d), left)
            if b == d and c < a:
                found.setdefault((c, a - 1), left)
    smallest = [s for s in found if not any(o != s and s[0] <= o[0] and o[1] <= s[1] for o in found)]
    return [(s, found[s]) for s in sorted(smallest)]
