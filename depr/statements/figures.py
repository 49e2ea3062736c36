"""One figure for each line and period out of the many filings that carry it, and the quarters that follow from it.

A period is filed again and again: as the filing's own, then as a comparative of later ones, sometimes restated and,
after a split, on another basis of shares. The first and the last filed value are kept apart; an argument chooses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import partial

from depr.errors import Finding, unknown
from depr.statements.companyfacts import Fact
from depr.statements.filings import is_amendment, rank
from depr.statements.fitting import Key, Odd
from depr.statements.periods import QUARTERS, Span, listed
from depr.statements.rounding import half_unit, scale, text
from depr.statements.tags import Line, Split, Tags, factor_after

FILED = "filed"
DERIVED = "derived"
CHOICES = ("first", "last")
YEAR = 365


@dataclass(frozen=True)
class Figure:
    """A line in a period, in units of the currency, shares, or currency per share.

    `value` is as filed in the chosen filing; `adjusted` is on the basis of shares after every split, of which
    `factor` make one share of that filing. `first` and `last` are the values of the first and the last filing (`after`:
    both after every split), `restated` says that they differ by more than a split.
    `original` says that the first filing is that of the period: a year after its end only comparatives are left.
    `rank` says what kind of filing it is from (depr.statements.filings): 0 for annual and quarterly reports.
    """

    line: str
    unit: str
    tag: str
    span: Span
    end: date
    value: Fraction
    adjusted: Fraction
    first: Fraction
    last: Fraction
    restated: bool
    original: bool
    filed: date
    accn: str
    form: str
    rank: int = 0
    factor: Fraction = Fraction(1)
    basis: str = FILED
    how: str = ""
    after: tuple[Fraction, Fraction] = (Fraction(0), Fraction(0))


def collect(
    groups: Mapping[Key, Sequence[Fact]], splits: Sequence[Split], chosen: str, file: str
) -> tuple[dict[Key, Figure], list[Odd]]:
    """The facts of each line, tag and span -> its figure; `chosen` is `first` or `last` filed.

    Annual and quarterly reports speak before all other filings, whatever their date; of one day an amendment comes
    after what it amends. A filing that gives two values for one period under one tag gives none: an oddity, like values
    a thousand times another. Raises `Refused` for another choice.
    """
    if chosen not in CHOICES:
        raise unknown("choice", chosen, CHOICES, "filed")
    figures = dict[Key, Figure]()
    odd = list[Odd]()
    for (line, tag, span), group in groups.items():
        best = min(rank(fact.form) for fact in group)
        speaking = sorted((f for f in group if rank(f.form) == best), key=_filed)
        figure = _figure((line, tag, span), speaking, splits, chosen)
        if isinstance(figure, Figure):
            figures[line, tag, span] = figure
            odd += [Odd(("scale",), line, span, found) for found in _scales(figure, group, splits, file)]
        else:
            found = Finding(file, 0, f"{line} {span}: {figure}", TWICE, "decide from the filing", "twice")
            odd.append(Odd(("twice", line, tag), line, span, found))
    return figures, odd


TWICE = "which of them is meant is not certain, so the figure stays blank"


def _filed(fact: Fact) -> tuple[date, bool, str]:
    """The order of filings."""
    return fact.filed, is_amendment(fact.form), fact.accn


def _figure(key: Key, group: Sequence[Fact], splits: Sequence[Split], chosen: str) -> Figure | str:
    """The figure of one line, tag and span from its facts in order of filing, or what is wrong."""
    ends = {"first": group[0], "last": group[-1]}
    for fact in ends.values():
        if len(values := {f.value for f in group if (f.filed, f.accn) == (fact.filed, fact.accn)}) > 1:
            return f"filing {fact.accn} gives {' and '.join(text(v) for v in sorted(values))} under {fact.tag}"
    first = ends["first"]
    last = ends["last"]
    fact = ends[chosen]
    now = {name: _adjusted(f, splits) for name, f in ends.items()}
    restated = abs(now["first"] - now["last"]) > _slack(first, last, splits)
    line, tag, covered = key
    return Figure(
        line, fact.line.unit, tag, covered, fact.end, fact.value, now[chosen], first.value, last.value, restated,
        (first.filed - first.end).days < YEAR, fact.filed, fact.accn, fact.form, rank(fact.form),
        factor_after(splits, fact.filed), after=(now["first"], now["last"]),
    )  # fmt: skip


def _scales(figure: Figure, group: Sequence[Fact], splits: Sequence[Split], file: str) -> Iterator[Finding]:
    """A finding where another filing gives a thousand times as much, or as little."""
    for fact in sorted(group, key=_filed, reverse=True):
        if (by := scale(_adjusted(fact, splits), figure.adjusted)) > 1:
            what = f"{figure.line} {figure.span}: {text(figure.value)} in {figure.form} {figure.accn}"
            why = f"a scale error: one is {by:,} times the other, and the first is used"
            do = "decide from the filing; --filed first or last chooses between reports"
            yield Finding(file, 0, f"{what}, {text(fact.value)} in {fact.form} {fact.accn}", why, do, "scale")
            return


def _slack(first: Fact, last: Fact, splits: Sequence[Split]) -> Fraction:
    """What two values may differ by and be the same: nothing, or across a split what each was rounded by."""
    if factor_after(splits, first.filed) == factor_after(splits, last.filed):
        return Fraction(0)
    return max(half_unit(fact.value) / _scale(fact, splits) for fact in (first, last))


def _scale(fact: Fact, splits: Sequence[Split]) -> Fraction:
    """What a value of a filing is divided by to stand on the basis of today."""
    factor = factor_after(splits, fact.filed)
    return {"money": Fraction(1), "shares": 1 / factor, "per_share": factor}[fact.line.unit]


def _adjusted(fact: Fact, splits: Sequence[Split]) -> Fraction:
    return fact.value / _scale(fact, splits)


Best = dict[tuple[str, Span], Figure]
"""The figure of each line and span."""


def prefer(figures: Mapping[Key, Figure], tags: Tags, file: str) -> tuple[Best, list[Odd]]:
    """The figure of the first tag that has one, filed before derived, by line and span; differences are oddities.

    Annual and quarterly reports come before all other filings. Then come tags that hold more than the line, less what
    they hold besides, and last those that hold a part of it.
    """
    ranked: defaultdict[str, defaultdict[Span, list[Figure]]] = defaultdict(lambda: defaultdict(list))
    for (line, _, covered), figure in figures.items():
        ranked[line][covered].append(figure)
    best = Best()
    odd = list[Odd]()
    for own in sorted(tags.line, key=lambda each: bool(each.less)):
        for covered, candidates in sorted(ranked[own.line].items()):
            besides = best.get((own.less, covered))
            worth = [_less(figure, besides) if figure.tag in own.wider else figure for figure in candidates]
            ordered = sorted(worth, key=partial(_place, line=own))
            best[own.line, covered] = ordered[0]
            odd += [_differs(ordered[0], f, own, file) for f in ordered[1:] if _conflicts(ordered[0], f, own)]
    return Best(sorted(best.items())), odd


def _place(figure: Figure, line: Line) -> tuple[int, int, bool, int]:
    """Which figure of a line counts: the lowest."""
    return figure.rank, line.worth(figure.tag), figure.basis != FILED, line.every.index(figure.tag)


def _less(figure: Figure, besides: Figure | None) -> Figure:
    """A figure without what it holds besides the line."""
    if besides is None:
        return figure
    return replace(
        figure,
        value=figure.value - besides.value,
        adjusted=figure.adjusted - besides.adjusted,
        first=figure.first - besides.first,
        last=figure.last - besides.last,
        restated=figure.restated or besides.restated,
        original=figure.original and besides.original,
        rank=max(figure.rank, besides.rank),
        basis=DERIVED,
        how=f"{figure.tag.split(':')[1]} less {besides.line}",
    )


def stood_in(best: Best, tags: Tags, file: str) -> Iterator[Finding]:
    """One finding for each tag that stands in for a line without being it, and for each other filing that does."""
    for line in tags.line:
        for tag in line.narrower:
            if spans := sorted(span for (name, span), f in best.items() if (name, f.tag) == (line.line, tag)):
                what = f"{line.line}: {tag} stands in, {len(spans)} times from {spans[0]} to {spans[-1]}"
                yield Finding(file, 0, what, "it is a part of the line, or near it", "see statement_tags.toml", "part")
    alone = defaultdict[tuple[str, str], list[Span]](list)
    for (name, span), figure in best.items():
        if figure.rank:
            alone[figure.form, name].append(span)
    for (form, name), spans in sorted(alone.items()):
        why = "no annual or quarterly report gives it"
        yield Finding(file, 0, f"{name} {listed(spans)}: from {form} alone", why, "compare it with the report", "form")


def _conflicts(one: Figure, other: Figure, line: Line) -> bool:
    comparable = other.tag in (*line.tags, *line.wider) and line.worth(one.tag) <= line.worth(other.tag)
    return comparable and one.basis == other.basis == FILED and one.adjusted != other.adjusted


def _differs(one: Figure, other: Figure, line: Line, file: str) -> Odd:
    what = f"{one.line} {one.span}: {one.tag} {text(one.value)}, {other.tag} {text(other.value)}"
    why = f"the first is used; they differ by {text(one.value - other.value)}"
    return Odd(("tags", line.line, one.tag, other.tag), line.line, one.span, Finding(file, 0, what, why, ORDER, "tags"))


ORDER = "if the other is the line of the statement, put its tag first in statement_tags.toml"


def derive(figures: Mapping[Key, Figure]) -> dict[Key, Figure]:
    """The quarters of flows that no filing gives, where all their parts are there: to date less to date before.

    Q4 = FY - Q1-Q3, Q3 = Q1-Q3 - Q1-Q2, Q2 = Q1-Q2 - Q1; the earlier quarters one by one serve as well. Both parts
    are of one tag. Shares and per-share figures are averages and do not subtract: they stay blank.
    """
    found = dict[Key, Figure]()
    for line, tag, year in sorted({(line, tag, s.fiscal_year) for line, tag, s in figures}):
        for quarter in range(2, QUARTERS + 1):
            key = (line, tag, Span(year, quarter, quarter))
            if key in figures or (parts := _parts(figures, line, tag, key[2])) is None:
                continue
            found[key] = _difference(key[2], *parts)
    return found


def _parts(figures: Mapping[Key, Figure], line: str, tag: str, one: Span) -> tuple[Figure, list[Figure]] | None:
    """The span to the end of the quarter, and what covers the quarters before it."""
    whole = figures.get((line, tag, Span(one.fiscal_year, 1, one.last)))
    if whole is None or whole.unit != "money":
        return None
    before = figures.get((line, tag, Span(one.fiscal_year, 1, one.last - 1)))
    if before is not None:
        return whole, [before]
    quarters = [figures.get((line, tag, Span(one.fiscal_year, q, q))) for q in range(1, one.last)]
    earlier = [figure for figure in quarters if figure is not None]
    return (whole, earlier) if len(earlier) == one.last - 1 else None


def _difference(one: Span, whole: Figure, before: Sequence[Figure]) -> Figure:
    def less(value: Callable[[Figure], Fraction]) -> Fraction:
        return value(whole) - sum((value(part) for part in before), Fraction(0))

    how = f"{whole.span} less {', '.join(str(part.span) for part in before)}"
    return replace(
        whole,
        span=one,
        value=less(lambda f: f.value),
        adjusted=less(lambda f: f.adjusted),
        first=less(lambda f: f.first),
        last=less(lambda f: f.last),
        restated=any(part.restated for part in (whole, *before)),
        original=all(part.original for part in (whole, *before)),
        filed=max(part.filed for part in (whole, *before)),
        accn=" - ".join(part.accn for part in (whole, *before)),
        rank=max(part.rank for part in (whole, *before)),
        basis=DERIVED,
        how=how,
    )


def mixed(best: Best, file: str) -> Iterator[Odd]:
    """Quarters that were worked out from a part which a later filing restated."""
    for (line, span), figure in best.items():
        if figure.restated and figure.basis == DERIVED and span.period_type == "Q":
            why = "a part was restated by a later filing, so the parts may stand on two bases"
            what = f"{line} {span} = {figure.how}: {text(figure.value)}"
            do = "compare the first and the last filed values"
            yield Odd(("derived",), line, span, Finding(file, 0, what, why, do, "derived"))


def unexplained(best: Best, splits: Sequence[Split], file: str) -> Iterator[Odd]:
    """Shares and per-share figures of which one filing gives at least twice the other, after every known split."""
    for (line, span), figure in best.items():
        small, large = sorted(abs(value) for value in figure.after)
        if figure.unit == "money" or not figure.restated or not large >= 2 * small > 0 or scale(small, large) > 1:
            continue
        what = f"{line} {span}: {text(figure.first)} filed first, {text(figure.last)} last"
        day = next((s.effective for s in splits if abs(large / small / s.factor - 1) < Fraction(1, 100)), None)
        why = "that looks like a split of shares that is not known"
        do = "add it to splits.toml"
        if day:
            why = f"they are the split of {day} apart: one of the filings is on the other basis than its day says"
            do = "compare the filings; the day from which filings are on the new basis is in splits.toml"
        yield Odd(("split", str(day)), line, span, Finding(file, 0, what, why, do, "split"))
