"""One charge of one lot, derived line by line from its inputs, each with where it comes from; every line adds up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from depr.books.book import Book, Policy
from depr.contract.currencies import units
from depr.errors import refuse
from depr.kernel.calendar import FiscalCalendar
from depr.kernel.conventions import CONVENTIONS
from depr.kernel.curves import METHODS
from depr.kernel.rounding import divide_half_even
from depr.ledger.positions import counted, left_out
from depr.pipeline import Reported, estimated

Row = dict[str, Any]
MIDDLE = 15


def explain(
    lot: pl.DataFrame,
    book: Book,
    calendar: FiscalCalendar,
    year: int,
    month: int,
    source: str,
    events: pl.DataFrame | None = None,
    about: str = "",
    reported: Reported | None = None,
) -> list[str]:
    """The lines that derive the charge of a lot (contract.Lots, one row) in a month, each input with its source.

    `source` says where the ledger has the purchase from, `events` are what befell it, `about` what the book is,
    `reported` the book that the issuer reports by. Raises `Refused` when the lot is not charged in that month.
    """
    period = calendar.period(date(year, month, MIDDLE))
    steps = list[_Step]()
    trace = list[pl.DataFrame]()
    _, shares, _ = estimated(lot, book, calendar, events, reported, trace)
    walked = pl.concat(trace).sort("stage") if trace else pl.DataFrame(schema={"share_id": pl.Int32, "stage": pl.Int64})
    stages = walked.to_dicts()
    for row in stages:
        if row["share_id"] is not None and (row["last_period"] is None or period <= row["last_period"]):
            found = shares.filter(share_id=row["share_id"], step=period - row["first_period"])
            for step, before, after, den in found.select("step", "num_before", "num", "den").iter_rows():
                steps.append(_Step(row, Fraction(before, den), Fraction(after, den), step + 1))
    steps = steps or _in_parts(stages, period)
    if not steps:
        what = f"nothing is charged in {year}-{month:02}"
        raise refuse("explain", what, do="choose a month between the date of service and the end of the life")
    bought = lot.row(0, named=True)
    day = calendar.last_day(period)
    changes, ignored = _events(events, lot, book, day)
    derivation = _Derivation(bought, book, f"{year}-{month:02}", stages, changes)
    return [*derivation.head(source, about, ignored), *derivation.body(steps)]


def _events(events: pl.DataFrame | None, lot: pl.DataFrame, book: Book, day: date) -> tuple[list[Row], list[Row]]:
    """What befell a lot in the order in which it counts, and what a book leaves out of it by a day."""
    if events is None:
        return [], []
    own = events.filter(lot_id=lot["lot_id"].item())
    count = counted(own, book.id, as_reported=book.as_reported).sort("effective_date", maintain_order=True)
    ignored = left_out(own, lot, book.id, as_reported=book.as_reported).filter(pl.col("effective_date") <= day)
    return count.to_dicts(), ignored.to_dicts()


@dataclass(frozen=True)
class _Step:
    """What a stage charges in the month: by the shares used up before and after.

    `number` is which month of the estimate it is, None where the month is charged in parts; `last` is the last of
    them, `due` what is charged of what goes with the change that begins it.
    """

    stage: Row
    before: Fraction
    after: Fraction
    number: int | None = None
    last: bool = True
    due: int = 0


def _in_parts(stages: Sequence[Row], period: int) -> list[_Step]:
    """The stages that charge a period in parts: those that end within it, and the one that goes on beyond it."""
    ends = [n for n, row in enumerate(stages) if row["closed"] > 0 and row["begins"] == period]
    if not ends:
        return []
    last = stages[ends[0]]
    found = [_Step(last, Fraction(0), _share(last, "head"), due=last["due_minor"])]
    for row in reversed(stages[: ends[0]]):
        begun, due = (_share(row, "tail"), 0) if row["lasts"] else (Fraction(0), row["due_minor"])
        found.insert(0, _Step(row, begun, _share(row, "used"), last=False, due=due))
        if row["lasts"]:
            break
    return [step for step in found if step.before != step.after or step.due]


def _share(row: Row, name: str) -> Fraction:
    """A share of the base of a stage, exactly."""
    wide = row[f"{name}_wide"]
    return Fraction(wide) if wide else Fraction(row[f"{name}_num"], row[f"{name}_den"])


@dataclass(frozen=True)
class _Derivation:
    """A lot in a book: the stages of its life, and the changes that begin them."""

    lot: Row
    book: Book
    month: str
    stages: Sequence[Row]
    changes: Sequence[Row]

    def money(self, minor: int) -> str:
        return f"{units(minor, self.lot['currency']):,}"

    def policy(self, stage: Row) -> Policy:
        """The policy that a stage follows."""
        return next(p for p in self.book.track(self.lot["generation"]) if p.effective == stage["effective"])

    def head(self, source: str, about: str, ignored: Sequence[Row]) -> Iterator[str]:
        """The lot and the book."""
        lot = self.lot
        first = self.policy(self.stages[0])
        yield f"lot {lot['lot_id']}: cost {self.money(lot['cost_minor'])} {lot['currency']}  [{source}]"
        formula = CONVENTIONS[first.convention].formula
        yield f"placed in service {lot['in_service_date']}: {first.convention}, {formula}"
        if about:
            yield about
        if ignored:
            yield f"left out, as the book does not count it: {', '.join(map(_named, ignored))}"

    def body(self, steps: Sequence[_Step]) -> Iterator[str]:
        """Every stage that is charged in the month, and the charge."""
        terms: list[str] = []
        total = 0
        for step in steps:
            if step.due:
                yield f"charged of what goes with {_named(self.begun(step.stage)[-1])}: {self.money(step.due)}"
                terms.append(f"{self.money(step.due)} of what goes")
                total += step.due
            if step.before == step.after and step.due:
                continue
            yield from self.estimate(step.stage)
            yield from self.balances(step.stage)
            opening = step.stage["opening_minor"]
            base = step.stage["base_minor"]
            used = f"share used up {step.before} before, {step.after} after"
            yield f"{self.month} is {self.place(step)}: {used}"
            amounts = []
            for word, share in (("before", step.before), ("after", step.after)):
                then = opening + divide_half_even(base * share.numerator, share.denominator)
                sum_ = f"{self.money(opening)} + {self.money(base)} x {share} = {self.money(then)}"
                yield f"accumulated {word}: {sum_}, rounded half to even"
                amounts.append(then)
            was, now = amounts
            terms.append(f"{self.money(now)} - {self.money(was)}")
            total += now - was
        yield f"depreciation of {self.month}: {' + '.join(terms)} = {self.money(total)}"

    def place(self, step: _Step) -> str:
        """Which month of the estimate a step is, or between which changes of the month."""
        if step.number is not None:
            return f"month {step.number} of the estimate"
        numbers = [s["number"] for s in self.stages if s["stage"] > step.stage["stage"]]
        until = f"until {_named(self.changes[numbers[0]])}" if not step.last else "to its end"
        return f"charged in parts, here {until}"

    def estimate(self, stage: Row) -> Iterator[str]:
        """The estimate in force: its useful life, where it is from, and what remains of it."""
        policy = self.policy(stage)
        gone = Fraction(stage["gone"])
        left = Fraction(stage["life"])
        own = [e for e in self.begun(stage) if e["kind"] == "estimate" and e["life_months"]]
        lives = [(Fraction(e["life_months"]), _named(e)) for e in own[-1:]] + [(policy.life, policy.source)]
        life, source = next((each for each in lives if max(each[0] - gone, 1) == left), lives[-1])
        over = f", {_number(gone)} over, {_number(left)} left" if gone else ""
        method = METHODS[policy.method]
        yield f"estimate in force: {policy.method}, useful life {_number(life)} months{over}  [{source}]"
        yield f"method: {method.formula}  [{method.source}]"

    def begun(self, stage: Row) -> list[Row]:
        """The changes that had begun a stage by one of them, in order."""
        numbers = [s["number"] for s in self.stages if s["stage"] <= stage["stage"] and s["number"] is not None]
        return [self.changes[number] for number in numbers]

    def balances(self, stage: Row) -> Iterator[str]:
        """What there is to depreciate, each balance as the sum of what moved it."""
        terms: dict[str, list[tuple[int, str]]] = {"cost": [(self.lot["cost_minor"], "acquired")]}
        terms |= {"impairment": [], "accumulated": []}
        before: Row = {}
        for now in (each for each in self.stages if each["stage"] <= stage["stage"]):
            if before:
                then = before["opening_minor"] + before["used_minor"]
                what = "moved" if now["number"] is None else _named(self.changes[now["number"]])
                terms["accumulated"].append((before["used_minor"], "charged"))
                terms["accumulated"].append((now["due_minor"], "charged of what goes"))
                terms["accumulated"].append((now["opening_minor"] - then - now["due_minor"], what))
                terms["cost"].append((now["cost_minor"] - before["cost_minor"], what))
                terms["impairment"].append((now["impaired_minor"] - before["impaired_minor"], what))
            before = now
        totals = {
            "cost": stage["cost_minor"],
            "impairment": stage["impaired_minor"],
            "accumulated": stage["opening_minor"],
        }
        for name, parts in terms.items():
            moved = [each for each in parts if each[0]]
            if len(moved) > 1 or (moved and name != "cost"):
                yield f"{name}: {_sum(moved, self.money)} = {self.money(totals[name])}"
        left = sum(totals.values()) - 2 * (totals["impairment"] + totals["accumulated"]) - stage["kept_minor"]
        less = [(totals["cost"], "cost"), *((-totals[name], name) for name in ("impairment", "accumulated"))]
        less.append((-stage["kept_minor"], "residual value"))
        shown = [each for each in less if each[0]] or less[:1]
        floor = ", so nothing is left: 0" if left < 0 else ""
        yield f"to depreciate: {_sum(shown, self.money)} = {self.money(left)}{floor}"


def _sum(parts: Sequence[tuple[int, str]], money: Callable[[int], str]) -> str:
    """Amounts and what they are, as a sum."""
    words = [f"{'-' if amount < 0 else '+'} {money(abs(amount))} {what}" for amount, what in parts]
    return " ".join(words).removeprefix("+ ")


def _named(event: Row) -> str:
    """An event in words."""
    return f"{event['kind']} of {event['effective_date']} (event {event['seq']})"


def _number(value: Fraction) -> str:
    """Months, exactly."""
    return str(value)
