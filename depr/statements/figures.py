"""One figure for each line and period out of the many filings that carry it, and the quarters that follow from it.

A period is filed again and again: as the filing's own, then as a comparative of later ones, sometimes restated and,
after a split, on another basis of shares. The first and the last filed value are kept apart; an argument chooses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from depr.errors import Finding, unknown
from depr.kernel.calendar import FiscalCalendar
from depr.statements.companyfacts import Fact
from depr.statements.periods import QUARTERS, Span, at_end, span
from depr.statements.rounding import half_unit, text
from depr.statements.tags import Split, Tags, factor_after

FILED, DERIVED = "filed", "derived"
CHOICES = ("first", "last")
YEAR = 365

Key = tuple[str, str, Span]
"""(line, tag, span)."""


@dataclass(frozen=True)
class Figure:
    """A line in a period, in units of the currency, shares, or currency per share.

    `value` is as filed in the chosen filing; `adjusted` is on the basis of shares after every split, of which
    `factor` make one share of that filing. `first` and
    `last` are the values of the first and the last filing, `restated` says that they differ by more than a split.
    `original` says that the first filing is that of the period: a year after its end only comparatives are left.
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
    factor: Fraction = Fraction(1)
    basis: str = FILED
    how: str = ""


def collect(
    facts: Iterable[Fact], calendar: FiscalCalendar, splits: Sequence[Split], chosen: str, file: str
) -> tuple[dict[Key, Figure], list[Finding]]:
    """Facts -> the figure of each line, tag and span; `chosen` is `first` or `last` filed.

    Durations that are no whole quarters of one fiscal year are left out. A filing that gives two values for one
    period under one tag gives none: a finding. Raises `Refused` for another choice.
    """
    if chosen not in CHOICES:
        raise unknown("choice", chosen, CHOICES, "filed")
    groups: defaultdict[Key, list[Fact]] = defaultdict(list)
    for fact in facts:
        for covered in _spans(fact, calendar):
            groups[fact.line.line, fact.tag, covered].append(fact)
    figures, findings = dict[Key, Figure](), list[Finding]()
    for key, group in groups.items():
        figure = _figure(key, sorted(group, key=lambda f: (f.filed, f.accn)), splits, chosen)
        if isinstance(figure, Figure):
            figures[key] = figure
        else:
            findings.append(Finding(file, 0, f"{key[0]} {key[2]}: {figure}", TWICE, "decide from the filing", "twice"))
    return figures, findings


TWICE = "which of them is meant is not certain, so the figure stays blank"


def _spans(fact: Fact, calendar: FiscalCalendar) -> tuple[Span, ...]:
    if fact.start is None:
        return at_end(fact.end, calendar)
    covered = span(fact.start, fact.end, calendar)
    return (covered,) if covered else ()


def _figure(key: Key, group: Sequence[Fact], splits: Sequence[Split], chosen: str) -> Figure | str:
    """The figure of one line, tag and span from its facts in order of filing, or what is wrong."""
    ends = {"first": group[0], "last": group[-1]}
    for fact in ends.values():
        if len(values := {f.value for f in group if (f.filed, f.accn) == (fact.filed, fact.accn)}) > 1:
            return f"filing {fact.accn} gives {' and '.join(text(v) for v in sorted(values))} under {fact.tag}"
    first, last, fact = ends["first"], ends["last"], ends[chosen]
    now = {name: _adjusted(f, splits) for name, f in ends.items()}
    restated = abs(now["first"] - now["last"]) > _slack(first, last, splits)
    line, tag, covered = key
    return Figure(
        line, fact.line.unit, tag, covered, fact.end, fact.value, now[chosen], first.value, last.value, restated,
        (first.filed - first.end).days < YEAR, fact.filed, fact.accn, fact.form, factor_after(splits, fact.filed),
    )  # fmt: skip


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


def prefer(figures: Mapping[Key, Figure], tags: Tags, file: str) -> tuple[Best, list[Finding]]:
    """The figure of the first tag that has one, filed before derived, by line and span; differences are findings.

    A tag that holds a part of the line comes last.
    """
    ranked: defaultdict[tuple[str, Span], list[Figure]] = defaultdict(list)
    for (line, _, covered), figure in figures.items():
        ranked[line, covered].append(figure)
    lines = {line.line: line for line in tags.line}
    best, findings = Best(), list[Finding]()
    for (line, covered), candidates in sorted(ranked.items()):
        whole, order = lines[line].tags, lines[line].every
        ordered = sorted(candidates, key=lambda f: (f.tag not in whole, f.basis != FILED, order.index(f.tag)))
        best[line, covered] = ordered[0]
        others = [figure for figure in ordered[1:] if figure.tag in whole]
        findings += [_differs(ordered[0], other, file) for other in others if _conflicts(ordered[0], other)]
    return best, findings


def stood_in(best: Best, tags: Tags, file: str) -> Iterator[Finding]:
    """One finding for each tag that stands in for a line of which it holds a part."""
    for line in tags.line:
        for tag in line.narrower:
            if spans := sorted(span for (name, span), f in best.items() if (name, f.tag) == (line.line, tag)):
                what = f"{line.line}: {tag} stands in, {len(spans)} times from {spans[0]} to {spans[-1]}"
                yield Finding(file, 0, what, "it holds a part of the line", "see statement_tags.toml", "part")


def _conflicts(one: Figure, other: Figure) -> bool:
    return one.basis == other.basis == FILED and one.adjusted != other.adjusted


def _differs(one: Figure, other: Figure, file: str) -> Finding:
    what = f"{one.line} {one.span}: {one.tag} {text(one.value)}, {other.tag} {text(other.value)}"
    return Finding(file, 0, what, f"the first is used; they differ by {text(one.value - other.value)}", ORDER, "tags")


ORDER = "if the other is the line of the statement, put its tag first in statement_tags.toml"


def derive(figures: Mapping[Key, Figure], file: str) -> tuple[dict[Key, Figure], list[Finding]]:
    """The quarters of flows that no filing gives, where all their parts are there: to date less to date before.

    Q4 = FY - Q1-Q3, Q3 = Q1-Q3 - Q1-Q2, Q2 = Q1-Q2 - Q1; the earlier quarters one by one serve as well. Both parts
    are of one tag. Shares and per-share figures are averages and do not subtract: they stay blank.
    """
    found, findings = dict[Key, Figure](), list[Finding]()
    for line, tag, year in sorted({(line, tag, s.fiscal_year) for line, tag, s in figures}):
        for quarter in range(2, QUARTERS + 1):
            key = (line, tag, Span(year, quarter, quarter))
            if key in figures or (parts := _parts(figures, line, tag, key[2])) is None:
                continue
            found[key] = _difference(key[2], *parts)
            findings += _mixed(found[key], file)
    return found, findings


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
        basis=DERIVED,
        how=how,
    )


def _mixed(figure: Figure, file: str) -> Iterator[Finding]:
    if figure.restated:
        why = "a part was restated by a later filing, so the parts may stand on two bases"
        what = f"{figure.line} {figure.span} = {figure.how}: {text(figure.value)}"
        yield Finding(file, 0, what, why, "compare the first and the last filed values", "derived")


def unexplained(best: Best, file: str) -> Iterator[Finding]:
    """Shares and per-share figures of which one filing gives at least twice the other, after every known split."""
    for figure in best.values():
        small, large = sorted((abs(figure.first), abs(figure.last)))
        if figure.unit != "money" and figure.restated and large >= 2 * small > 0:
            what = f"{figure.line} {figure.span}: {text(figure.first)} filed first, {text(figure.last)} last"
            why = "that looks like a split of shares that is not known"
            yield Finding(file, 0, what, why, "add it to splits.toml", "split")
