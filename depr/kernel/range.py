"""What a schedule may be computed from: inside this range both of its forms are exact and no integer wraps."""

from __future__ import annotations

import polars as pl

from depr.errors import Finding, Refused

INT32_MAX = 2**31 - 1
INT64_MAX = 2**63 - 1


def proven(segments: pl.DataFrame, shares: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The two tables as they are, when every row is in range. Raises `Refused` with all that is not.

    Shares lie between 0 and 1 and never fall: with them |base * num| <= |base| * den < 2**126, the range of
    `depr.kernel.rounding`. Accumulated amounts stay within 64 bits, periods within 32.
    """
    found = [*_shares(shares), *_segments(segments, shares)]
    if found:
        raise Refused(found)
    return segments, shares


def _shares(shares: pl.DataFrame) -> list[Finding]:
    before = pl.col("num_before")
    after = pl.col("num")
    den = pl.col("den")
    outside = shares.filter((before < 0) | (before > after) | (after > den) | (den < 1))
    several = shares.group_by("share_id").agg(pl.col("den").n_unique()).filter(pl.col("den") > 1)
    gaps = shares.filter(pl.col("step").rank("ordinal").over("share_id") != pl.col("step") + 1)
    return [
        *_finding("shares", outside["share_id"], "falls, or leaves 0 to 1", "a share used up only grows"),
        *_finding("shares", several["share_id"], "has more than one denominator", "it is one curve"),
        *_finding("shares", gaps["share_id"], "has other steps than 0, 1, 2 and so on", "give each step once"),
    ]


def _segments(segments: pl.DataFrame, shares: pl.DataFrame) -> list[Finding]:
    known = shares["share_id"].unique().implode()
    strangers = segments.filter(~pl.col("share_id").is_in(known))
    return [
        *_finding("segments", strangers["lot"], "has a share that is not in the table", "give the shares with it"),
        *_sums(segments, "opening_minor", segments["base_minor"], INT64_MAX, "accumulates more than 64 bits hold"),
        *_sums(segments, "first_period", shares["step"], INT32_MAX, "ends in a period beyond 32 bits"),
    ]


def _sums(segments: pl.DataFrame, start: str, added: pl.Series, most: int, what: str) -> list[Finding]:
    """Lots whose `start` may leave `most` with what is added to it; looked for only when the furthest two do."""
    if _furthest(segments[start]) + _furthest(added) <= most:
        return []
    more = pl.col(added.name) if added.name in segments.columns else pl.lit(_furthest(added))
    far = (pl.col(start).cast(pl.Int128) + more.cast(pl.Int128)).abs() > most
    return _finding("segments", segments.filter(far)["lot"], what, "compare it with its neighbours, or split it")


def _furthest(values: pl.Series) -> int:
    """Largest distance from zero."""
    return max(int(values.max() or 0), -int(values.min() or 0))  # type: ignore[arg-type]  # integers


def _finding(table: str, rows: pl.Series, what: str, do: str) -> list[Finding]:
    if rows.is_empty():
        return []
    named = ", ".join(map(str, rows.unique().sort().head(3)))
    return [Finding(table, 0, f"{rows.name} {named} {what}", f"{rows.len()} of them", do)]
