"""What can happen to a lot and what cannot: hard facts, checked over the story of every lot that a file touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from depr.contract import CONTROL_KINDS
from depr.errors import Finding
from depr.kernel.rounding import divide_half_even
from depr.ledger.positions import FRAME, effective

BEFORE_SERVICE = ("unpriced", "acquisition", "placed_in_service", "transfer")
"""What can happen to a lot under construction, or before it has a cost."""


@dataclass(frozen=True)
class Rule:
    """What cannot be: a condition on an event within the story of its lot, and the words for it."""

    code: str
    bad: pl.Expr
    what: pl.Expr
    why: str
    do: str


def closed_through(journal: pl.DataFrame) -> dict[str, date]:
    """The last closed day of each issuer that has one: its last closing, or the day before what was reopened since."""
    turns = journal.filter(pl.col("kind").is_in(["period_closed", "period_reopened"])).sort("seq")
    last: dict[str, date] = {}
    for issuer, kind, day in turns.select("issuer", "kind", "effective_date").iter_rows():
        last[issuer] = day if kind == "period_closed" else day - timedelta(days=1)
    return last


def impossible(journal: pl.DataFrame, fresh: pl.DataFrame, file: str, closed: Mapping[str, date]) -> list[Finding]:
    """What the new events (`fresh`, with seq) would make untrue, `journal` being all that is recorded of their lots.

    A finding names the row of the file; where an event recorded before no longer fits, the first row on its lot.
    """
    together = pl.concat([journal.with_columns(new=pl.lit(False)), fresh.with_columns(new=pl.lit(True))])
    story = _story(effective(together).join(together.select("seq", "new"), on="seq", maintain_order="left"), closed)
    rows = together.filter("new").group_by("lot_id").agg(first_row=pl.col("source_row").min())
    found = [*_corrections(journal, fresh, file, closed)]
    for rule in RULES:
        bad = story.filter(rule.bad.fill_null(False)).join(rows, on="lot_id")
        lines = bad.select("new", "source_row", "first_row", "seq", "kind", "effective_date", what=rule.what)
        found.extend(_finding(file, rule, *line) for line in lines.iter_rows())
    return sorted(set(found))


def _finding(
    file: str, rule: Rule, new: bool, row: int, first: int, seq: int, kind: str, day: date, what: str
) -> Finding:
    said = what if new else f"with it, event {seq} ({kind} of {day}) no longer fits: {what}"
    return Finding(file, (row if new else first) or 0, said, rule.why, rule.do, rule.code)


def _story(events: pl.DataFrame, closed: Mapping[str, date]) -> pl.DataFrame:
    """Events that stand with what is known of their lot: at the time of each event, or of the lot as a whole."""
    kind = pl.col("kind")
    of_lot = "lot_id"

    def once(name: str, of: str) -> pl.Expr:
        return pl.col(name).filter(kind == of).first().over(of_lot)

    known = events.with_columns(
        bought=once("effective_date", "acquisition"),
        priced=once("seq", "acquisition"),
        served=once("effective_date", "placed_in_service"),
        gone=once("effective_date", "disposal"),
        last=once("seq", "disposal"),
        acquired=once("units", "acquisition"),
        lot_currency=once("currency", "acquisition"),
        owner=pl.coalesce(once("issuer", "acquisition"), once("issuer", "unpriced")),
        sold=pl.when(kind == "partial_disposal").then(pl.col("units")).otherwise(0).fill_null(0).cum_sum().over(of_lot),
        times=pl.len().over(of_lot, "kind", "book"),
        sale=pl.when(kind.is_in(["held_for_sale", "back_in_use"])).then(kind),
    )
    until = (
        pl.col("owner").replace_strict(closed, default=None, return_dtype=pl.Date) if closed else pl.lit(None, pl.Date)
    )
    earlier = pl.col("sale").shift(1).forward_fill().over(of_lot)
    judged = known.with_columns(closed=until, for_sale=(earlier == "held_for_sale").fill_null(False))
    return judged.join(_balances(events), on="seq", how="left", maintain_order="left")


MEASURED = ("improvement", "opening", "estimate", "impairment", "reversal", "partial_disposal")
"""Kinds that move the cost or an impairment of a lot, or are measured by one."""


def _balances(events: pl.DataFrame) -> pl.DataFrame:
    """seq, cost and impaired: what a lot costs after each event, and what it is impaired by in the book that it names.

    A part that goes takes its part of each, rounded half to even, as in depr.books.estimates.
    """
    measured = events.filter(pl.col("kind").is_in(MEASURED).any().over("lot_id"))
    found: list[tuple[int, int, int]] = []
    lots: dict[str, _Held] = {}
    for lot_id, *happened in measured.select("lot_id", "seq", "kind", *VALUES).iter_rows():
        seq, kind, cost, units, amount, book = happened
        held = lots.setdefault(lot_id, _Held())
        held.feel(kind, cost or 0, units or 0, amount or 0, book)
        found.append((seq, held.cost, held.impaired.get(book, 0)))
    return pl.DataFrame(found, {"seq": pl.Int64, "cost": pl.Int64, "impaired": pl.Int64}, orient="row")


VALUES = ("cost_minor", "units", "amount_minor", "book")


@dataclass
class _Held:
    """What is held of a lot: units, cost, and impairment by book."""

    units: int = 0
    cost: int = 0
    impaired: dict[str | None, int] = field(default_factory=dict)

    def feel(self, kind: str, cost: int, units: int, amount: int, book: str | None) -> None:
        if kind == "acquisition":
            self.units = units
            self.cost = cost
        elif kind == "improvement":
            self.cost += amount
        elif kind == "partial_disposal" and units < self.units:
            self.cost -= divide_half_even(self.cost * units, self.units)
            for name, lost in self.impaired.items():
                self.impaired[name] = lost - divide_half_even(lost * units, self.units)
            self.units -= units
        elif kind in ("impairment", "reversal"):
            self.impaired[book] = self.impaired.get(book, 0) + (amount if kind == "impairment" else -amount)


def _corrections(
    journal: pl.DataFrame, fresh: pl.DataFrame, file: str, closed: Mapping[str, date]
) -> Iterator[Finding]:
    """Corrections that name no event, or one that cannot be taken back."""
    wrong = fresh.filter(kind="correction").select("source_row", "reverses", "lot_id", "effective_date")
    taken = set(journal["reverses"].drop_nulls())
    events = {row["seq"]: row for row in journal.filter(pl.col("seq").is_in(wrong["reverses"].implode())).to_dicts()}
    owners = dict(journal.filter(kind="acquisition").select("lot_id", "issuer").iter_rows())
    for row, seq, lot_id, day in wrong.iter_rows():
        event = events.get(seq)
        if event is None or event["kind"] in CONTROL_KINDS:
            what = f"lot {lot_id!r} has no event {seq}" if event is None else f"event {seq} is a {event['kind']}"
            yield Finding(file, row or 0, what, "a correction takes back an event of a lot", SEQ, "correction")
        elif seq in taken:
            yield Finding(file, row or 0, f"event {seq} was taken back already", "", "leave the row out", "correction")
        elif (event["lot_id"], event["effective_date"]) != (lot_id, day):
            what = f"event {seq} is of lot {event['lot_id']!r} on {event['effective_date']}"
            yield Finding(
                file, row or 0, what, "a correction bears the lot and date of what it takes back", SEQ, "correction"
            )
        elif (until := closed.get(owners.get(lot_id, ""))) and day <= until:
            what = f"{day} is in a closed period; the first open day is {until + timedelta(days=1)}"
            yield Finding(file, row or 0, what, RULES[-1].why, RULES[-1].do, "closed")
        taken.add(seq)


SEQ = 'FROM events shows them all: depr sql LEDGER "SELECT seq, kind, lot_id, effective_date FROM events"'


def _lot() -> pl.Expr:
    return pl.format("lot '{}'", "lot_id")


KIND = pl.col("kind")
DAY = pl.col("effective_date")
NEEDS_SERVICE = ~KIND.is_in(BEFORE_SERVICE)
OPEN_FROM = pl.col("closed") + pl.duration(days=1)

RULES = (
    Rule(
        "lot",
        pl.col("bought").is_null() & (KIND != "unpriced"),
        pl.format("{} has no acquisition", _lot()),
        "nothing can happen to what was not acquired",
        "import the purchase first, or in the same file",
    ),
    Rule(
        "unpriced",
        (KIND == "unpriced") & (pl.col("priced") < pl.col("seq")),
        pl.format("{} has its cost", _lot()),
        "units without a cost are other units",
        "leave the row out, or name another lot",
    ),
    Rule(
        "twice",
        (pl.col("times") > 1) & KIND.is_in(["unpriced", "acquisition", "placed_in_service", "opening", "disposal"]),
        pl.format("{} has more than one {}", _lot(), "kind"),
        "it happens once",
        "leave one out, or correct the wrong one",
    ),
    Rule(
        "order",
        (pl.col("bought") > DAY) & (KIND != "unpriced"),
        pl.format("{} of {} is before {} was bought on {}", "kind", "effective_date", _lot(), "bought"),
        "an asset is bought before anything happens to it",
        "correct one of the dates",
    ),
    Rule(
        "service",
        NEEDS_SERVICE & pl.col("bought").is_not_null() & (pl.col("served").is_null() | (pl.col("served") > DAY)),
        pl.format("{} of {}: {} is not in service then", "kind", "effective_date", _lot()),
        "until it is placed in service a lot is under construction",
        "record placed_in_service, or correct the date; cost before service belongs to the acquisition",
    ),
    Rule(
        "disposed",
        (pl.col("gone") < DAY) & (KIND != "unpriced"),
        pl.format("{} of {} is after {} was disposed of on {}", "kind", "effective_date", _lot(), "gone"),
        "nothing happens to what is gone",
        "correct one of the dates",
    ),
    Rule(
        "disposed",
        (pl.col("gone") == DAY) & (pl.col("last") < pl.col("seq")) & ~KIND.is_in(FRAME),
        pl.format("{} of {} is told after {} was disposed of that day", "kind", "effective_date", _lot()),
        "events of one day count in the order in which they are recorded, and nothing happens to what is gone",
        "put it before the disposal; one on file is taken back by a correction and recorded again after it",
    ),
    Rule(
        "units",
        (KIND == "partial_disposal") & (pl.col("sold") >= pl.col("acquired")),
        pl.format(
            "{} units of {} go, {} were held", "units", _lot(), pl.col("acquired") - pl.col("sold") + pl.col("units")
        ),
        "a partial disposal leaves at least one unit",
        "correct the units, or record a disposal",
    ),
    Rule(
        "residual",
        (KIND == "estimate") & (pl.col("residual_minor") > pl.col("cost")),
        pl.format("the new residual value of {} is above its cost", _lot()),
        "nothing would be depreciated",
        "correct it",
    ),
    Rule(
        "amount",
        KIND.is_in(["opening", "impairment"]) & (pl.col("amount_minor") > pl.col("cost")),
        pl.format("the {} of {} is above its cost", "kind", _lot()),
        "no more than the cost can be written off",
        "correct the amount",
    ),
    Rule(
        "reversal",
        (KIND == "reversal") & (pl.col("impaired") < 0),
        pl.format("more of {} is reversed than was impaired", _lot()),
        "a reversal takes back an impairment",
        "correct the amount, or the book that it names",
    ),
    Rule(
        "currency",
        (KIND != "acquisition") & (pl.col("currency") != pl.col("lot_currency")),
        pl.format("the amount is in {}, {} is in {}", "currency", _lot(), "lot_currency"),
        "a lot is in one currency",
        "convert the amount",
    ),
    Rule(
        "sale",
        ((KIND == "held_for_sale") & pl.col("for_sale")) | ((KIND == "back_in_use") & ~pl.col("for_sale")),
        pl.format(
            "{} of {}: {} {}",
            "kind",
            "effective_date",
            _lot(),
            pl.when("for_sale").then(pl.lit("is held for sale already")).otherwise(pl.lit("is not held for sale")),
        ),
        "one follows the other",
        "leave the row out, or record what came before it",
    ),
    Rule(
        "closed",
        pl.col("new") & (pl.col("closed") >= DAY),
        pl.format("{} is in a closed period; the first open day is {}", "effective_date", OPEN_FROM),
        "what was reported does not change unseen",
        "date it in an open period, or reopen this one with a reason: depr reopen",
    ),
)
"""In the order in which a reader would ask."""
