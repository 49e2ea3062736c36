"""The schedule of another system beside that of the ledger: what differs over some periods, lot by lot, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from depr import pipeline, share
from depr.books.book import Book
from depr.contract.currencies import units
from depr.errors import Refused, refuse
from depr.evidence.tie import EQUAL, NOT_OURS, NOT_THEIRS, Lot, by_reason, why
from depr.fleet.arguments import Progress, quiet
from depr.fleet.book_notes import BookShown, said
from depr.fleet.selection import InBook, in_books, own_books, year_and_month
from depr.intake import AS_USUAL, Written, read_mapping
from depr.intake.mapping import skipped_in
from depr.intake.schedules import ScheduleRead, read_schedule
from depr.ledger.known import Known, known

MIDDLE = 15
MONTHS = 12
BY = ("lot_id", "currency")


@dataclass(frozen=True)
class Tied:
    """One row a lot (lot_id, currency, ours_minor, theirs_minor, difference_minor, why), and what is said of them."""

    rows: pl.DataFrame
    said: tuple[str, ...]

    @property
    def differing(self) -> pl.DataFrame:
        """The lots that differ, be it in one period alone."""
        return self.rows.filter(pl.col("why") != EQUAL)


def tie(
    ledger: Path,
    file: Path,
    book: str | Book | None = None,
    *,
    mapping: str | None = None,
    start: str | None = None,
    months: int = MONTHS,
    issuer: str | None = None,
    how: Written = AS_USUAL,
    as_of: date | None = None,
    known_at: datetime | None = None,
    schedules: Path | None = None,
    say: Progress = quiet,
) -> Tied:
    """Set the schedule of a file beside ours, `months` periods from `start` (2025-01) on. Raises `Refused`.

    Without `start` from the period on after the last opening balance. Ours is under a book, or under the one that each
    issuer reports. A row that cannot be read refuses the file, since a sum without it would differ for no reason.
    """
    if not 1 <= months <= MONTHS * 10:
        raise refuse("tie", f"{months} periods cannot be compared", do=f"name 1 to {MONTHS * 10}")
    facts = known(ledger, as_of, known_at)
    fleets = in_books(facts, issuer, book, schedules)
    currencies = sorted({each for _, _, lots in fleets for each in lots["currency"]})
    chosen = None if mapping is None else read_mapping(share.find("mappings", mapping, schedules), schedules)
    theirs = read_schedule(file, currencies, chosen, how)
    if theirs.findings:
        raise Refused(theirs.findings)
    first = _first(start, facts, fleets)
    parts = [_of_fleet(each, facts, theirs, first, months, schedules) for each in fleets]
    strange = theirs.rows.join(facts.lots, on=list(BY), how="anti")
    tied = pl.concat([*parts, _not_ours(strange, fleets[0], first, months)])
    ordered = tied.sort(pl.col("difference_minor").abs(), "lot_id", descending=[True, False])
    calendar = fleets[0].calendar
    begin = calendar.first_day(calendar.period(first))
    say(f"{months} periods from {begin} on, {', '.join(dict.fromkeys(each.book.id for each in fleets))}")
    left_out = [skipped_in(theirs.file, theirs.skipped)] if theirs.skipped else []
    held = theirs.rows.join(facts.lots, on=list(BY), how="semi")
    others = held.join(pl.concat([lots for _, _, lots in fleets]), on=list(BY), how="anti")["lot_id"].n_unique()
    if others:
        left_out.append(f"{others:,} lot{'s' * (others > 1)} of theirs that other issuers own: not compared")
    books = said([BookShown(each.book.id, each.book, each.lots, facts.events) for each in fleets], schedules)
    return Tied(ordered, (*_said(ordered), *left_out, *books))


def _first(start: str | None, facts: Known, fleets: list[InBook]) -> date:
    """A day of the first period that is compared."""
    if start is not None:
        year, month = year_and_month("tie", start)
        return date(year, month, MIDDLE)
    lots = pl.concat([lots.select("lot_id") for _, _, lots in fleets])
    openings = facts.events.filter(kind="opening").join(lots, on="lot_id", how="semi")
    last: date | None = openings.select(pl.col("effective_date").max()).item()
    if last is None:
        why = "no lot came along with an opening balance, after which they would begin"
        raise refuse("tie", "which periods are compared is not said", why, "name the first: --from 2025-01")
    calendar = fleets[0].calendar
    return calendar.first_day(calendar.period(last) + 1)


def _of_fleet(
    each: InBook, facts: Known, read: ScheduleRead, first: date, months: int, schedules: Path | None
) -> pl.DataFrame:
    """The lots that share a book and a calendar."""
    calendar, book, lots = each
    begin = calendar.period(first)
    schedule = pipeline.schedule(lots, book, calendar, facts.events, own_books(lots, schedules))
    named = lots.lazy().select("lot", *BY)
    ours = schedule.join(named, on="lot").select(*BY, "period", "depreciation_minor", "accumulated_minor").collect()
    numbered = calendar.numbered(read.rows.join(lots.select(BY), on=list(BY), how="semi"), "date")
    theirs = numbered.group_by(*BY, "period").agg(pl.col("depreciation_minor").sum().alias("theirs_minor"))
    within = pl.col("period").is_between(begin, begin + months - 1)
    mine = ours.filter(within).rename({"depreciation_minor": "ours_minor"}).drop("accumulated_minor")
    both = mine.join(theirs.filter(within), on=[*BY, "period"], how="full", coalesce=True)
    amounts = both.with_columns(pl.col("ours_minor", "theirs_minor").fill_null(0))
    summed = amounts.group_by(BY).agg(
        pl.col("ours_minor", "theirs_minor").sum(), same=(pl.col("ours_minor") == pl.col("theirs_minor")).all()
    )
    absent = summed.join(theirs.select(BY).unique(), on=list(BY), how="anti").select(*BY, absent=pl.lit(True))
    marked = summed.join(absent, on=list(BY), how="left")
    differing = marked.filter(~pl.col("same") & pl.col("absent").is_null()).select(BY)
    reasons = _reasons(each, ours, amounts.join(differing, on=list(BY), how="semi"), begin, months)
    reason = pl.col("lot_id").replace_strict(reasons, default=EQUAL, return_dtype=pl.String)
    missing = pl.col("absent").fill_null(False) & ~pl.col("same")
    return marked.select(
        *BY,
        pl.col("ours_minor", "theirs_minor").cast(pl.Int64),
        difference_minor=(pl.col("theirs_minor") - pl.col("ours_minor")).cast(pl.Int64),
        why=pl.when(missing).then(pl.lit(NOT_THEIRS)).otherwise(reason),
    )


def _reasons(each: InBook, ours: pl.DataFrame, amounts: pl.DataFrame, begin: int, months: int) -> dict[str, str]:
    """Why each lot differs, by its id."""
    if amounts.is_empty():
        return {}
    calendar, book, lots = each
    span = range(begin, begin + months)
    days = [(calendar.last_day(period) - calendar.first_day(period)).days + 1 for period in span]
    whole = (
        ours.join(amounts.select("lot_id").unique(), on="lot_id", how="semi")
        .group_by("lot_id")
        .agg(
            last=pl.col("period").max(),
            total=pl.col("accumulated_minor").sort_by("period").last(),
            rest=pl.col("depreciation_minor").filter(pl.col("period") >= begin).sum(),
        )
    )
    facts = calendar.numbered(lots.filter(pl.col("in_service_date").is_not_null()), "in_service_date")
    held = whole.join(facts.select("lot_id", "generation", "cost_minor", served="period"), on="lot_id")
    by_lot = {row["lot_id"]: row for row in held.iter_rows(named=True)}
    rows: dict[str, dict[int, tuple[int, int]]] = {}
    for lot, period, one, other in amounts.select("lot_id", "period", "ours_minor", "theirs_minor").iter_rows():
        rows.setdefault(lot, {})[period] = (one, other)
    found = {}
    for lot, by_period in rows.items():
        pairs = [by_period.get(period, (0, 0)) for period in span]
        if lot not in by_lot:
            found[lot] = "ours charges nothing: it is under construction, or was never depreciated"
            continue
        of = by_lot[lot]
        left = (calendar.last_day(of["last"]) - calendar.first_day(begin)).days + 1
        found[lot] = why(_lot(of, pairs, days, left, begin, book))
    return found


def _lot(
    of: Mapping[str, Any], pairs: list[tuple[int, int]], days: list[int], days_left: int, begin: int, book: Book
) -> Lot:
    """What the reasons look at; the life is the book's where that differs from the periods charged by one at most."""
    track = book.track(of["generation"])
    policy = track[-1] if track else None
    charged = of["last"] - of["served"] + 1
    stated = policy.life_months if policy and policy.life_months else charged
    return Lot(
        ours=[one for one, _ in pairs],
        theirs=[other for _, other in pairs],
        cost=of["cost_minor"],
        total=of["total"],
        before=of["total"] - of["rest"],
        left=of["last"] - begin + 1,
        life=stated if abs(stated - charged) <= 1 else charged,
        days=days,
        days_left=max(days_left, 0),
        straight=policy is None or policy.method == "straight_line",
    )


def _not_ours(rows: pl.DataFrame, fleet: InBook, first: date, months: int) -> pl.DataFrame:
    """What they charge on lots that the ledger does not hold."""
    begin = fleet.calendar.period(first)
    within = fleet.calendar.numbered(rows, "date").filter(pl.col("period").is_between(begin, begin + months - 1))
    summed = within.group_by(BY).agg(theirs_minor=pl.col("depreciation_minor").sum().cast(pl.Int64))
    return summed.select(
        *BY,
        pl.lit(0, pl.Int64).alias("ours_minor"),
        "theirs_minor",
        difference_minor=pl.col("theirs_minor"),
        why=pl.lit(NOT_OURS),
    )


def _said(tied: pl.DataFrame) -> Iterator[str]:
    """What ties and what differs, in a line a reason."""
    same = tied.filter(pl.col("why") == EQUAL)
    for currency in tied["currency"].unique().sort():
        own = same.filter(currency=currency)
        total = f"{units(int(own['ours_minor'].sum()), currency):,f}"
        yield f"{len(own):,} of {len(tied.filter(currency=currency)):,} lots tie, {total} {currency} in each"
    for reason, currency, lots, difference in by_reason(tied).iter_rows():
        yield f"{lots:,} lot{'s' * (lots > 1)}, {units(difference, currency):,f} {currency}: {reason}"
