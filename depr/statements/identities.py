"""What the lines of a statement must fulfil, each with the difference and what rounding allows.

    pretax income - income tax = net income          a remainder: equity method, minorities, discontinued operations
    revenue - cost of revenue = gross profit
    net income / shares = earnings per share         basic and diluted
    the four quarters = the year                     flows in money

Printed figures are rounded, so an identity holds when it holds for some figures that round to the printed ones: each
may be off by half of its last digit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

from depr.currencies import currencies
from depr.errors import Finding
from depr.statements.rounding import half_unit, text

MICRO = 10**6
HUNDREDTH = MICRO // 100
"""Per-share amounts are printed to the hundredth or finer, also where they end in zeros by chance."""

QUARTERS = 4
KEY = ("issuer", "period_type", "fiscal_year", "fiscal_quarter")
FLOWS = (
    "revenue_minor",
    "operating_income_minor",
    "pretax_income_minor",
    "income_tax_minor",
    "net_income_minor",
    "cash_from_operations_minor",
    "capex_minor",
    "depreciation_minor",
)
FLAGS: dict[str, Any] = {
    "issuer": pl.String,
    "period_type": pl.String,
    "fiscal_year": pl.Int32,
    "fiscal_quarter": pl.Int32,
    "identity": pl.String,
    "stated": pl.Int64,
    "worked_out": pl.Int64,
    "difference": pl.Int64,
    "allowed": pl.Int64,
    "unit": pl.String,
    "holds": pl.Boolean,
}
"""One row an issuer, period and identity that can be checked: what the statement says, what the other lines give (half
to even), the first less the second, and how much rounding allows (rounded up), in `unit`."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class _Outcome:
    identity: str
    stated: int
    worked_out: Fraction
    allowed: Fraction
    unit: str

    def row(self, period: tuple[Any, ...]) -> tuple[Any, ...]:
        difference = self.stated - self.worked_out
        return (
            *period,
            self.identity,
            self.stated,
            round(self.worked_out),
            round(difference),
            -(-self.allowed // 1),
            self.unit,
            abs(difference) <= self.allowed,
        )


def identities(statements: pl.DataFrame) -> pl.DataFrame:
    """schemas.Statements -> FLAGS, in order of issuer and period. An identity with a blank line is not checked."""
    rows = list(statements.iter_rows(named=True))
    found = [(_period(row), outcome) for row in rows for outcome in (*_less(row), *_per_share(row))]
    found += [(_period(year), outcome) for year, outcome in _sums(rows)]
    table = pl.DataFrame([outcome.row(period) for period, outcome in found], FLAGS, orient="row")
    return table.sort(*KEY, "identity", nulls_last=True)


def broken(statements: pl.DataFrame) -> pl.DataFrame:
    """The periods that break an identity, one row an issuer and period, with the `identities` they break."""
    names = pl.col("identity").sort().str.join("; ").alias("identities")
    return identities(statements).filter(~pl.col("holds")).group_by(KEY).agg(names).sort(KEY, nulls_last=True)


def consistent(statements: pl.DataFrame) -> pl.DataFrame:
    """The statements without the periods that break an identity of their own (the sum of the quarters is another's)."""
    own = identities(statements).filter(~pl.col("holds"), ~pl.col("identity").str.starts_with(SUM))
    return statements.join(own, on=KEY, how="anti", nulls_equal=True, maintain_order="left")


def findings(flags: pl.DataFrame, file: str = "statements") -> tuple[Finding, ...]:
    """The flags that do not hold, as findings with the difference."""
    return tuple(_finding(row, file) for row in flags.filter(~pl.col("holds")).iter_rows(named=True))


def _finding(row: Row, file: str) -> Finding:
    quarter = f"Q{row['fiscal_quarter']} " if row["fiscal_quarter"] else ""
    per = MICRO if row["unit"] == PER_SHARE else currencies().get(row["unit"], 1)
    stated, gives, off, allowed = (
        text(Fraction(row[name], per)) for name in ("stated", "worked_out", "difference", "allowed")
    )
    what = f"{row['issuer']} {quarter}FY{row['fiscal_year']}: {row['identity']}: {stated} stated, {gives} worked out"
    why = f"they differ by {off}, rounding allows {allowed}"
    return Finding(file, 0, what, why, "look at the filing; --accept-breaks uses the period as it is", "identity")


GROSS = "revenue - cost of revenue = gross profit"
TAX = "pretax income - income tax = net income"
EPS = "net income / {} shares = {} earnings per share"
SUM = "the quarters = the year"
PER_SHARE = "per share"
LESS = {GROSS: ("revenue", "cost_of_revenue", "gross_profit"), TAX: ("pretax_income", "income_tax", "net_income")}
"""Identities by which the first line less the second is the third."""


def _period(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEY)


def _money_slack(rows: Iterable[Row]) -> Fraction:
    """Half of the last digit that the amounts of some periods are printed to."""
    return half_unit(*(row[name] for row in rows for name in FLOWS if row[name]))


def _less(row: Row) -> Iterator[_Outcome]:
    for identity, lines in LESS.items():
        whole, part, rest = (row[f"{line}_minor"] for line in lines)
        if None not in (whole, part, rest):
            yield _Outcome(identity, rest, Fraction(whole - part), 3 * _money_slack([row]), row["currency"])


def _per_share(row: Row) -> Iterator[_Outcome]:
    """net income / shares, from its lowest to its highest reading, against earnings per share in theirs."""
    net, scale = row["net_income_minor"], currencies().get(row["currency"], 1)
    printed, heads = _slack_per_share(row)
    for kind in ("basic", "diluted"):
        shares, eps = row[f"{kind}_shares"], row[f"eps_{kind}_micro"]
        if net is None or eps is None or not shares:
            continue
        middle, per = Fraction(net * MICRO, shares * scale), Fraction(MICRO, scale)
        edge = (abs(net) + _money_slack([row])) * per / (shares - heads) if shares > heads else abs(middle) * 2
        yield _Outcome(EPS.format(kind, kind), eps, middle, edge - abs(middle) + printed, PER_SHARE)


def _slack_per_share(row: Row) -> tuple[Fraction, Fraction]:
    """What earnings per share and counts may be off by their rounding: that of the figures as filed.

    After a split figures are restored to what was filed: half a hundredth or less, then what the division left.
    """
    eps = [row[name] for name in ("eps_basic_micro", "eps_diluted_micro") if row[name]]
    shares = [row[name] for name in ("basic_shares", "diluted_shares") if row[name]]
    factor = Fraction(row["split_factor"] or 1)
    if factor == 1:
        return min(half_unit(*eps), Fraction(HUNDREDTH, 2)), half_unit(*shares)
    filed = [round(count / factor) for count in shares]
    return Fraction(HUNDREDTH, 2) / factor + Fraction(1, 2), half_unit(*filed) * factor + Fraction(1, 2)


def _sums(rows: Iterable[Row]) -> Iterator[tuple[Row, _Outcome]]:
    """Each flow of a year whose four quarters have it; depreciation only where all five are of one line."""
    quarters: defaultdict[tuple[str, int], list[Row]] = defaultdict(list)
    years = list[Row]()
    for row in rows:
        if row["period_type"] == "Q":
            quarters[row["issuer"], row["fiscal_year"]].append(row)
        else:
            years.append(row)
    for year in years:
        parts = quarters[year["issuer"], year["fiscal_year"]]
        if len(parts) == QUARTERS:
            yield from ((year, outcome) for outcome in _flows(year, parts))


def _flows(year: Row, parts: Sequence[Row]) -> Iterator[_Outcome]:
    for name in FLOWS:
        amounts = [row[name] for row in (year, *parts)]
        one_line = len({row["depreciation_line"] for row in (year, *parts)}) == 1
        if None in amounts or (name == "depreciation_minor" and not one_line):
            continue
        # A year and its quarters may come from two copies, and one line of a filing may be rounded more than others.
        slack = [max(_money_slack([row]), half_unit(*amounts)) for row in (year, *parts)]
        label = f"{SUM}: {name.removesuffix('_minor').replace('_', ' ')}"
        yield _Outcome(label, amounts[0], Fraction(sum(amounts[1:])), sum(slack, Fraction(0)), year["currency"])
