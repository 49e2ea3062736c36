"""The first screen: how much is understated, what earnings per share become, what the cash gap is, how sure we are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from depr.report import format as fmt
from depr.report.facts import Facts
from depr.report.format import Figure, Spoken
from depr.report.lines import life_label
from depr.report.money import Money
from depr.report.words import Between, Label, fiscal


@dataclass(frozen=True)
class Range:
    """An amount with its low and its high reading; `over` when the reported charge is the larger one.

    The amounts are of the understatement, or of the overstatement when `over`, so a sentence needs no sign. No range
    (None) where every cost is known: the amount is exact.
    """

    mid: Spoken
    between: Between | None
    over: bool


@dataclass(frozen=True)
class Restatement:
    """Earnings per share under one life, beside the reported figure."""

    label: Label
    figure: Figure
    change: Figure
    percent: bool
    mark: str
    same: bool


@dataclass(frozen=True)
class Headline:
    """Figures of the first screen; `last` is the last fiscal year restated, None stands for what is not sourced.

    Net income takes the place of earnings per share where these cannot be restated; `net_loss` when the amounts are
    losses, said without a sign; each restated one with whether it is the same. A `basis` is reported, derived or vendor
    (blank where it is not known).
    """

    years: str
    first: str
    last: str
    whole: Range
    alone: Range
    reported: Figure
    restated: tuple[Restatement, ...]
    net_reported: Spoken | None
    net_restated: tuple[tuple[Spoken, bool], ...]
    net_loss: bool
    eps_basis: str
    net_basis: str
    depreciation_basis: str
    gap_basis: str
    capex: Spoken | None
    gap_reported: Spoken | None
    gap_restated: Spoken | None
    coverage: Figure
    units: Figure
    units_priced: Figure
    units_total: Figure
    first_purchase: dt.date | None
    first_own: dt.date | None
    ranged: bool
    below: Figure
    above: Figure


def span(facts: Facts, money: Money, years: Sequence[int]) -> Range:
    """Understatement over the years under the focus life, in words."""
    mid = sum(facts.understated(facts.focus.book, year) for year in years)
    ends = facts.readings(facts.focus.book, years) if facts.ranged else None
    return in_words(mid, ends, money.digits)


def in_words(mid: int, ends: tuple[int, int] | None, digits: int) -> Range:
    """An understatement with its low and high reading in words; the sign goes into `over`."""
    sign = -1 if mid < 0 else 1
    between = None if ends is None else Between(*(fmt.spoken(sign * end, digits) for end in ends))
    return Range(fmt.spoken(sign * mid, digits), between, mid < 0)


def beside(reading: int, mid: int) -> Figure:
    """How far a reading is from the median, as a percentage of it; undefined where that is nothing."""
    sign = -1 if mid < 0 else 1
    return fmt.percent(fmt.ratio_ppm(sign * (reading - mid), sign * mid), 0)


def headline(facts: Facts, money: Money) -> Headline:
    """The figures the first screen names."""
    last = facts.years[-1]
    mid = sum(facts.understated(facts.focus.book, year) for year in facts.years)
    low, high = facts.readings(facts.focus.book, facts.years)
    share = facts.report.coverage
    net = facts.stated("net_income_reported_minor", last)
    nets = net_incomes(facts, last)
    lost = net is not None and net < 0 and all(minor < 0 for minor in nets)
    incomes = () if net is None else signless((net, *nets), money, lost=lost)
    gap_reported, gap_restated = cash_gaps(facts, money, last)
    eps, lives = restatements(facts, last)
    return Headline(
        years=facts.focus.years,
        first=fiscal(facts.years[0]),
        last=fiscal(last),
        whole=span(facts, money, facts.years),
        alone=span(facts, money, (last,)),
        reported=eps,
        restated=lives,
        net_reported=incomes[0] if incomes else None,
        net_restated=tuple((said, minor == net) for said, minor in zip(incomes[1:], nets, strict=True)),
        net_loss=lost,
        eps_basis=basis(facts, "eps_diluted_reported_micro", last),
        net_basis=basis(facts, "net_income_reported_minor", last),
        depreciation_basis=basis(facts, "depreciation_reported_minor", last),
        gap_basis=basis(facts, "cash_gap_reported_minor", last),
        capex=said(facts.stated("capex_minor", last), money),
        gap_reported=gap_reported,
        gap_restated=gap_restated,
        coverage=fmt.seen(facts.line("coverage_ppm", facts.focus.book, last), 0),
        units=fmt.seen(fmt.ratio_ppm(share.units_priced, share.units_total)),
        units_priced=fmt.count(share.units_priced),
        units_total=fmt.count(share.units_total),
        first_purchase=share.first,
        first_own=share.first_own,
        ranged=facts.ranged,
        below=beside(low, mid),
        above=beside(high, mid),
    )


def cash_gaps(facts: Facts, money: Money, year: int) -> tuple[Spoken | None, Spoken | None]:
    """The cash gap of a fiscal year as reported and restated, told apart by their digits where both are known."""
    gaps = [
        facts.stated("cash_gap_reported_minor", year),
        facts.line("cash_gap_restated_minor", facts.focus.book, year),
    ]
    reported, restated = gaps
    if reported is None or restated is None:
        return said(reported, money), said(restated, money)
    first, second = signless((reported, restated), money, lost=False)
    return first, second


def basis(facts: Facts, column: str, year: int) -> str:
    """How a figure of a year came; blank where there is none."""
    return "" if facts.stated(column, year) is None else facts.basis(column, year)[0]


def said(minor: int | None, money: Money) -> Spoken | None:
    """An amount for a sentence; missing stays missing."""
    return None if minor is None else fmt.spoken(minor, money.digits)


def signless(minors: Sequence[int], money: Money, *, lost: bool) -> tuple[Spoken, ...]:
    """A reported amount and what it becomes, in words that tell them apart; losses without their sign."""
    first, *others = (-minor if lost else minor for minor in minors)
    return fmt.apart(first, others, money.digits)


def net_incomes(facts: Facts, year: int) -> tuple[int, ...]:
    """Net income of a year under each life, none when one of them cannot be restated."""
    each = [facts.line("net_income_restated_minor", life.book, year) for life in facts.lives]
    return tuple(minor for minor in each if minor is not None and None not in each)


def restatements(facts: Facts, year: int) -> tuple[Figure, tuple[Restatement, ...]]:
    """Diluted earnings per share of a year and under each life; a compression only where it is a percentage."""
    out = []
    first = facts.stated("eps_diluted_reported_micro", year)
    micros = [facts.line("eps_diluted_restated_micro", life.book, year) for life in facts.lives]
    reported, *figures = fmt.apart_per_share(first, micros)
    for life, figure, micro in zip(facts.lives, figures, micros, strict=True):
        squeeze = facts.line("eps_compression_ppm", life.book, year)
        known = squeeze is not None and (squeeze != 0 or micro == first)
        change = None if squeeze is None else -squeeze
        moved = facts.line("eps_change_micro", life.book, year)
        shown = fmt.seen(change) if known else fmt.apart_per_share(0, [moved])[1]
        out.append(Restatement(life_label(life), figure, shown, known, life.mark, micro == first))
    return reported, tuple(out)
