"""When clouds and laboratories took generations of GPUs out of service, and what that says on lives."""

from __future__ import annotations

from importlib.resources import files

import polars as pl

from depr.errors import unknown
from depr.evidence.survival import LIVES

_DATES = ("chip_launch", "service_launch", "end_date")
SINCE = ("service_launch", "chip_launch")


def retirements() -> pl.DataFrame:
    """Families of GPU machines and systems: launch, end or last sight, and fate, one row each, with its sources."""
    text = pl.read_csv(files("depr.datasets").joinpath("cloud_retirements.csv").read_bytes(), infer_schema=False)
    dates = [pl.col(name).str.to_date("%Y-%m-%d") for name in _DATES]  # strict
    return text.with_columns(*dates, pl.col("units").cast(pl.Int64))


def retirement_lives(*, since: str = "service_launch", announced: bool = False) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lives that can be counted, as survival.LIVES, and the rest with the `reason`.

    Each family is one unit, since how many GPUs a family had is known of few. `since` is the launch of the service or
    of the chip, which is the earlier: an upper bound of the age. `announced` counts an announced retirement as one;
    else such a family says nothing. Raises `Refused` for another `since`.
    """
    if since not in SINCE:
        raise unknown("launch", since, SINCE, "cloud_retirements.csv")
    reasons = (
        (pl.col("kind") == "software_support", "the end of support in software, not of the units"),
        (pl.col("generation").is_null(), "no single generation, and a business that ended"),
        (pl.col(since).is_null(), f"{since} is not sourced"),
        (pl.col("end_date").is_null(), "neither an end nor a day on which it was seen is sourced"),
        (pl.col("retired") == "unconfirmed", "its retirement is not confirmed"),
        ((pl.col("retired") == "announced") & (not announced), "its retirement is announced, not observed"),
        (pl.col("retired").is_null(), "its fate is not sourced"),
    )
    reason = pl.coalesce(*[pl.when(bad).then(pl.lit(words)) for bad, words in reasons])
    judged = retirements().with_columns(reason=reason)
    known = judged.filter(pl.col("reason").is_null()).select(
        lot=pl.format("{} {}", "provider", "family"),
        generation="generation",
        in_service_date=pl.col(since),
        observed_from=pl.lit(None, pl.Date),
        end_date="end_date",
        units=pl.lit(1, pl.Int64),
        retired=pl.col("retired") != "no",
    )
    return known.match_to_schema(LIVES), judged.filter(pl.col("reason").is_not_null())
