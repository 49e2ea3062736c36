"""Events: one row an event. Which columns a kind needs, may have and must leave blank is the table KINDS."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from depr.contract import EVENT_KINDS, Entries
from depr.intake.forms.cells import Needed, costed, day, laid_out, minor, whole
from depr.intake.forms.rules import (
    OUR_OWN,
    Declared,
    Rule,
    acquired,
    amounts,
    blanks,
    dates,
    given,
    integers,
    known,
    life,
    lot_once,
    quoted,
    shortened,
    unlisted,
    vocabulary,
)

REQUIRED: tuple[Needed, ...] = ("kind", "lot_id", "effective_date")
COSTS = ("unit_cost", "cost")
AMOUNTS = (*COSTS, "cost_low", "cost_high", "residual", "amount")
INTEGERS = ("units", "life_months", "reverses")
DATES = ("effective_date",)
COLUMNS = (
    *("kind", "lot_id", "effective_date", "issuer", "generation", "units", *COSTS, "cost_low", "cost_high"),
    *("residual", "amount", "currency", "life_months", "book", "location", "serial", "document", "reason", "reverses"),
)
TEXTS = tuple(name for name in COLUMNS if name not in (*AMOUNTS, *INTEGERS, *DATES))
VALUES = tuple(Entries.column_names())
SAID = ("document", "reason")
"""What any event may say."""


@dataclass(frozen=True)
class Asks:
    """The columns a kind of event needs (a tuple: one of them at least) and those it may have."""

    needs: tuple[Needed, ...] = ()
    may: tuple[str, ...] = ()

    @property
    def takes(self) -> tuple[str, ...]:
        """Every column that may be filled."""
        needed = [name for need in self.needs for name in ((need,) if isinstance(need, str) else need)]
        return (*needed, *self.may)


KINDS = {
    "acquisition": Asks(
        ("issuer", "generation", "units", COSTS, "currency"),
        ("cost_low", "cost_high", "residual", "location", "serial"),
    ),
    "placed_in_service": Asks(),
    "opening": Asks(("amount", "currency"), ("book",)),
    "improvement": Asks(("amount", "currency")),
    "transfer": Asks(("location",)),
    "impairment": Asks(("amount", "currency"), ("book",)),
    "reversal": Asks(("amount", "currency"), ("book",)),
    "estimate": Asks((("life_months", "residual"),), ("currency", "book")),
    "held_for_sale": Asks(),
    "back_in_use": Asks(),
    "partial_disposal": Asks(("units",), ("amount", "currency")),
    "disposal": Asks((), ("amount", "currency")),
    "correction": Asks(("reverses", "reason")),
    "unpriced": Asks(("issuer", "generation", "units", "reason"), ("location", "serial")),
}
"""The kinds a file may hold; closing a period or adopting a judgement is an act of the ledger, no fact of a file."""

ACTS = {"period_closed": "depr close", "period_reopened": "depr reopen", "adopted": "depr adopt", "posted": "depr post"}
"""Kinds that are recorded by a command of their own, which checks them."""


def parse(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of text (cells.filled) -> the columns of contract.Entries, null where a cell is blank or malformed."""
    numbers = {name: whole(name) for name in INTEGERS}
    typed = laid_out(rows, COLUMNS).with_columns(**numbers, **{name: day(name) for name in DATES})
    return costed(typed.with_columns(minor(name) for name in AMOUNTS))


def rules(
    generations: Collection[str],
    books: Collection[str] = (),
    declared: Declared = OUR_OWN,
    issuers: Mapping[str, str] | None = None,
) -> list[Rule]:
    """Every rule of a row, in the order a reader would meet the columns."""
    return [
        *blanks(("kind", "lot_id", "effective_date"), declared),
        *_kinds(),
        *_needs(declared),
        *_currency(),
        *_takes(declared),
        *integers(INTEGERS, declared),
        *amounts(AMOUNTS, declared),
        *dates(DATES, declared),
        *unlisted(TEXTS, declared),
        *vocabulary(generations, issuers),
        known("book", books, f"use one of: {', '.join(sorted(books))}"),
        *acquired(),
        *_limits(),
    ]


def _kinds() -> list[Rule]:
    act = pl.col("kind").is_in(list(ACTS))
    listed = f"use one of: {', '.join(KINDS)}"
    unknown = pl.col("kind").is_not_null() & ~pl.col("kind").is_in(EVENT_KINDS)
    return [
        Rule("kind", unknown, pl.format("unknown kind {}", quoted("kind")), do=listed),
        Rule(
            "kind",
            act,
            pl.format("{} is not read from a file", "kind"),
            "it is recorded in the ledger by a command of its own, where it can be checked",
            f"use {', '.join(ACTS.values())}",
        ),
    ]


def _of(kinds: Iterable[str]) -> pl.Expr:
    return pl.col("kind").is_in(list(kinds))


def _needs(declared: Declared) -> list[Rule]:
    wanted = {need: [kind for kind, asks in KINDS.items() if need in asks.needs] for need in _every_need()}
    made = []
    for need, kinds in wanted.items():
        names = (need,) if isinstance(need, str) else need
        blank = pl.all_horizontal(~given(name) for name in names)
        listed = " and ".join(declared.name(name) for name in names)
        are, it, do = ("is", "it", "fill it in") if len(names) == 1 else ("are", "one", "give one of them")
        what = pl.format(f"{listed} {are} blank: {{}} needs {it}", "kind")
        made.append(Rule("blank", _of(kinds) & blank, what, do=do))
    return made


def _every_need() -> list[Needed]:
    return list(dict.fromkeys(need for asks in KINDS.values() for need in asks.needs))


def _currency() -> list[Rule]:
    """Where the kind itself does not need a currency, an amount does."""
    free = [kind for kind, asks in KINDS.items() if "currency" in asks.may]
    counted = given("amount") | given("residual")
    return [
        Rule(
            "blank",
            _of(free) & counted & ~given("currency"),
            pl.lit("currency is blank"),
            "it says what the digits of the amount mean",
            "fill it in",
        )
    ]


def _takes(declared: Declared) -> list[Rule]:
    always = ("kind", "lot_id", "effective_date", *SAID)
    without = {
        name: [kind for kind, asks in KINDS.items() if name not in asks.takes] for name in COLUMNS if name not in always
    }
    return [
        Rule(
            "column",
            _of(kinds) & given(name),
            pl.format("{} has {} {}", "kind", pl.lit(declared.name(name)), quoted(name)),
            "an event of this kind has no such thing, and nothing is dropped unseen",
            "clear the cell, or correct the kind",
        )
        for name, kinds in without.items()
    ]


def _limits() -> list[Rule]:
    """Ranges of numbers that are no amounts (units of an acquisition: cells.acquired)."""
    return [
        life(),
        Rule("reverses", pl.col("reverses") == 0, pl.lit("reverses is 0"), "events are numbered from 1", "correct it"),
    ]


def across() -> list[Rule]:
    """What the rows must keep together; `good` says which have no fault of their own."""
    acquisition = (pl.col("kind") == "acquisition").fill_null(False)
    content = [name for name in VALUES if name != "source_row"]
    again = pl.col("good") & ~acquisition & ~pl.struct("good", *content).is_first_distinct()
    what = pl.format("{} of {} on {} is in this file twice", "kind", shortened(pl.col("lot_id")), "effective_date")
    return [
        lot_once(acquisition),
        Rule("event", again, what, "every column is the same: it may be one event", "give each its own document"),
    ]
