"""Figures -> statements, one row a fiscal period, with every blank named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import dataframely as dy
import polars as pl

from depr.contract import Statements
from depr.contract.currencies import currencies
from depr.errors import Finding, refuse
from depr.kernel.calendar import FiscalCalendar
from depr.statements.companyfacts import cik, facts
from depr.statements.depreciation import LINES, one_line
from depr.statements.figures import Best, Figure, collect, derive, mixed, prefer, stood_in, unexplained
from depr.statements.fitting import fitted, one_a_cause, year_ends
from depr.statements.periods import QUARTERS, Span, listed
from depr.statements.tags import Line, Split, Tags

MICRO = 10**6
SUFFIX = {"money": "_minor", "shares": "", "per_share": "_micro"}
INT64 = 2**63 - 1

PERIOD = {"period_type": pl.String, "fiscal_year": pl.Int32, "fiscal_quarter": pl.Int32}
FIGURES: dict[str, Any] = {
    "issuer": pl.String,
    "line": pl.String,
    "period": pl.String,
    **PERIOD,
    "period_end": pl.Date,
    "amount": pl.Int64,
    "adjusted": pl.Int64,
    "first": pl.Int64,
    "last": pl.Int64,
    "unit": pl.String,
    "restated": pl.Boolean,
    "original": pl.Boolean,
    "basis": pl.String,
    "how": pl.String,
    "tag": pl.String,
    "filed": pl.Date,
    "accn": pl.String,
    "form": pl.String,
    "split_factor": pl.String,
}
"""The figures behind the statements: `amount` as filed in the chosen filing and `adjusted` for later splits, the first
and the last filed value, all in `unit`; `restated`: they differ by more than a split; `original`: the first filing is
the period's own, no comparative of a later one; `basis` is filed or derived, and `how` says from what; `split_factor`
is what one share of the chosen filing has become since."""

GAPS: dict[str, Any] = {"issuer": pl.String, "period": pl.String, **PERIOD, "line": pl.String, "why": pl.String}
"""Every blank of the statements: period, line (* for all of them) and reason."""


@dataclass(frozen=True)
class Reported:
    """The statements of one filer: the rows, the figures behind them, what is blank, and what is odd.

    `missing` says in a line or two what `gaps` says of every cell.
    """

    cik: str
    name: str
    statements: dy.DataFrame[Statements]
    figures: pl.DataFrame
    gaps: pl.DataFrame
    findings: tuple[Finding, ...]
    missing: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Choices:
    """Which of a filer's figures are taken.

    Money in `currency`; of each period the `first` or the `last` filed value; shares and per-share figures as filed,
    or `split_adjusted`: on the basis after all `splits`, half to even. `depreciation` names the line of depreciation;
    else it is the one that most years have.
    """

    currency: str = "USD"
    filed: str = "last"
    splits: tuple[Split, ...] = ()
    split_adjusted: bool = False
    depreciation: str | None = None


def from_company_facts(
    document: Mapping[str, Any],
    issuer: str,
    calendar: FiscalCalendar,
    tags: Tags,
    choices: Choices,
    file: str = "companyfacts",
) -> Reported:
    """A companyfacts document (numbers as int or Decimal) -> the statements of `issuer` by fiscal year and quarter.

    Raises `Refused` for what is no such document, holds none of the lines or no period of the calendar, and for choices
    that do not exist.
    """
    currency = choices.currency
    scale = _minor_units(currency)
    number = cik(document, file)
    found, malformed = facts(document, tags, currency, file)
    if not found:
        why = f"none of the tags has a figure in {currency}"
        raise refuse(file, "holds no line of a statement", why, "name its currency, or add its tags")
    groups, unfit = fitted(found, calendar, file)
    filed_figures, odd = collect(groups, choices.splits, choices.filed, file)
    best, differ = prefer({**filed_figures, **derive(filed_figures)}, tags, file)
    best, fine = _whole(best, scale, file)
    if not (spans := _periods(best)):
        why = f"fiscal years end in month {calendar.year_end_month}; {year_ends(found)}"
        raise refuse(file, "holds no fiscal year or quarter of the issuer", why, "correct fiscal_year_end_month")
    grouped = one_a_cause((*odd, *differ, *mixed(best, file), *unexplained(best, choices.splits, file)))
    rows = [_statement(issuer, currency, span, best, scale, choices.split_adjusted) for span in spans]
    types = {name: column.dtype for name, column in Statements.columns().items()}
    table = one_line(pl.DataFrame(rows, types), {issuer: choices.depreciation} if choices.depreciation else {})
    gaps = pl.DataFrame(list(_gaps(issuer, best, tags)), GAPS, orient="row")
    missing = (*_missing(best, tags, file), *_other_line(table, best, file))
    return Reported(
        number,
        str(document.get("entityName", "")),
        Statements.validate(table.sort("issuer", "period_type", "period_end")),
        pl.DataFrame([_record(issuer, figure, scale) for _, figure in best.items()], FIGURES, orient="row"),
        gaps,
        tuple(sorted((*malformed, *unfit, *fine, *grouped, *stood_in(best, tags, file)))),
        missing,
    )


def _minor_units(currency: str) -> int:
    if currency not in currencies():
        raise refuse("currency", f"unknown currency {currency!r}", do="write USD, EUR, JPY ...")
    return currencies()[currency]


def _periods(best: Best) -> list[Span]:
    """The years and quarters that have a figure."""
    return sorted({span for _, span in best if span.period_type})


def _units(unit: str, scale: int) -> int:
    """Our integers in one unit of a figure: minor units, shares, millionths of the currency."""
    return {"money": scale, "shares": 1, "per_share": MICRO}[unit]


def _whole(best: Best, scale: int, file: str) -> tuple[Best, list[Finding]]:
    """Without the figures that no integer of ours holds; those are findings."""
    good = Best()
    bad = list[Finding]()
    for key, figure in best.items():
        amount = figure.value * _units(figure.unit, scale)
        if amount.denominator == 1 and max(abs(amount), abs(figure.adjusted * _units(figure.unit, scale))) <= INT64:
            good[key] = figure
        else:
            what = f"{figure.line} {figure.span}: {float(figure.value)!r} is finer or larger than its unit holds"
            bad.append(Finding(file, 0, what, "amounts are whole minor units", "take the document again", "fact"))
    return good, bad


def _statement(issuer: str, currency: str, span: Span, best: Best, scale: int, split_adjusted: bool) -> dict[str, Any]:
    """One row of contract.Statements; lines it has no column for are left to the figures."""
    own = {line: figure for (line, covered), figure in best.items() if covered == span}
    row: dict[str, Any] = {
        "issuer": issuer,
        "currency": currency,
        "period_type": span.period_type,
        "fiscal_year": span.fiscal_year,
        "fiscal_quarter": span.fiscal_quarter,
        "period_end": _end(own.values()),
    }
    if depreciation := own.get(LINES[0]) or own.get(LINES[1]):
        own["depreciation"] = depreciation
    basis = _basis(own.values(), split_adjusted)
    for line, figure in own.items():
        row[line + SUFFIX[figure.unit]] = round(_on(figure, basis) * _units(figure.unit, scale))
    row["split_factor"] = _split_factor(own.values(), split_adjusted)
    known = set(Statements.column_names())
    named = {name: value for name, value in row.items() if name in known}
    return named | {"depreciation_line": depreciation.line if depreciation else None}


def _basis(figures: Iterable[Figure], split_adjusted: bool) -> Fraction:
    """What one share of the row has become since: 1 after every split, else that of its last filing.

    Earnings per share and counts of one row stand on one basis, also where their last filings lie around a split.
    """
    factors = [figure.factor for figure in figures if figure.unit != "money"]
    return Fraction(1) if split_adjusted else min(factors, default=Fraction(1))


def _on(figure: Figure, basis: Fraction) -> Fraction:
    by = figure.factor / basis
    return {"money": figure.value, "shares": figure.value * by, "per_share": figure.value / by}[figure.unit]


def _split_factor(figures: Iterable[Figure], split_adjusted: bool) -> str | None:
    """What shares of the row were multiplied by; null without any, and where filings before and after a split mix."""
    factors = {figure.factor for figure in figures if figure.unit != "money"}
    if len(factors) != 1:
        return None
    return str(factors.pop()) if split_adjusted else "1"


def _end(figures: Iterable[Figure]) -> Any:
    """The last day that most lines of the period give."""
    return max(Counter(figure.end for figure in figures).items(), key=lambda item: (item[1], item[0]))[0]


def _record(issuer: str, figure: Figure, scale: int) -> tuple[Any, ...]:
    def whole(value: Fraction) -> int:
        return round(value * _units(figure.unit, scale))

    span = figure.span
    return (
        issuer, figure.line, str(span), span.period_type, span.fiscal_year, span.fiscal_quarter, figure.end,
        whole(figure.value), whole(figure.adjusted), whole(figure.first), whole(figure.last), UNITS[figure.unit],
        figure.restated, figure.original, figure.basis, figure.how, figure.tag, figure.filed, figure.accn, figure.form,
        str(figure.factor),
    )  # fmt: skip


UNITS = {"money": "minor units", "shares": "shares", "per_share": "millionths of the currency per share"}


def _gaps(issuer: str, best: Best, tags: Tags) -> Iterator[tuple[Any, ...]]:
    years = {span.fiscal_year for _, span in best}
    for year in range(min(years), max(years) + 1) if years else ():
        for span in (Span(year, 1, QUARTERS), *(Span(year, q, q) for q in range(1, QUARTERS + 1))):
            blank = [line for line in tags.line if (line.line, span) not in best]
            named = [issuer, str(span), span.period_type, span.fiscal_year, span.fiscal_quarter]
            if len(blank) == len(tags.line):
                yield (*named, "*", "no figure of this period")
            else:
                yield from ((*named, line.line, _why(line, span, best)) for line in blank)


def _why(line: Line, span: Span, best: Best) -> str:
    """The reason a line of a period is blank."""
    others = [s for name, s in best if name == line.line and s.fiscal_year == span.fiscal_year]
    if not others:
        return f"not filed for {span.fiscal_year} under {', '.join(line.tags)}"
    if line.instant or span.period_type == "FY":
        return "not filed for this period"
    if line.unit != "money":
        return "an average, which does not follow from the year and the other quarters"
    return f"a part is missing: only {', '.join(str(s) for s in sorted(others))}"


def _missing(best: Best, tags: Tags, file: str) -> Iterator[Finding]:
    """What the statements do not have: one finding for lines without any figure, one for those with blanks."""
    balances = {line.line for line in tags.line if line.instant}
    periods = sorted({span for name, span in best if span.period_type and name not in balances})
    have = {line.line: {span for name, span in best if name == line.line} for line in tags.line}
    wanted = [line for line in tags.line if line.line not in OPTIONAL]
    if none := [line.line for line in wanted if not have[line.line]]:
        why = "none of their tags has a figure in the document"
        do = "add their tags to statement_tags.toml"
        yield Finding(file, 0, f"no figure of {', '.join(none)}", why, do, "missing")
    blank = {line.line: _blank(line, periods, have[line.line]) for line in wanted if have[line.line]}
    if named := "; ".join(f"{line} {listed(spans)}" for line, spans in blank.items() if spans):
        why = "not filed for these periods, or a part that they follow from is not"
        yield Finding(file, 0, f"blank: {named}", why, "", "missing")


OPTIONAL = ("equity_method_income", "discontinued_income", "minority_interest_income", "minority_interest",
            "net_income_to_common", "gross_profit")  # fmt: skip
"""Lines that many statements do not have: their absence is no gap."""


def _blank(line: Line, periods: Iterable[Span], have: Collection[Span]) -> list[Span]:
    """The years without the line, and the quarters of other years; averages of a fourth quarter are never filed."""
    last = QUARTERS if line.unit == "money" else QUARTERS - 1
    years = {s.fiscal_year for s in periods if s.period_type == "FY" and s not in have}
    return [
        s
        for s in periods
        if s not in have and (s.period_type == "FY" or (s.fiscal_year not in years and s.last <= last))
    ]


def _other_line(table: pl.DataFrame, best: Best, file: str) -> Iterator[Finding]:
    """A finding where the line that does not stand for depreciation has periods that the other has not."""
    line: str | None = next(iter(table["depreciation_line"].drop_nulls()), None)
    other = next((name for name in LINES if name != line), None)
    if line is None or other is None:
        return
    spans = [s for s in _periods(best) if (other, s) in best and (line, s) not in best]
    if spans:
        what = f"depreciation is {line}, which is blank in {listed(spans)}"
        why = f"{other} is there; the two hold different things and do not mix"
        yield Finding(file, 0, what, why, f'depreciation_line = "{other}" in the issuer takes it for all', "line")
