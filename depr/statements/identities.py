"""What the lines of a statement must fulfil, each with the difference and what rounding allows.

    pretax income - income tax = net income          with equity method, discontinued operations and minorities, if any
    revenue - cost of revenue = gross profit
    net income / shares = earnings per share         basic and diluted; of income available to common where it is given
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

from depr.contract.currencies import currencies
from depr.errors import Finding
from depr.statements.fitting import Odd, one_a_cause
from depr.statements.periods import QUARTERS, Span
from depr.statements.rounding import SCALES, half_unit, text

MICRO = 10**6

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


def flags(statements: pl.DataFrame) -> pl.DataFrame:
    """What is said of every period: the `identities` it breaks, and `eps_basic_follows`, `eps_diluted_follows`.

    Those say whether earnings per share follow from income and shares within their rounding; null where a part of it
    is not known. One row an issuer and period (KEY).
    """
    table = identities(statements)
    holds = {f"eps_{kind}_follows": pl.col("holds").filter(identity=EPS.format(kind, kind)).first() for kind in KINDS}
    names = pl.col("identity").filter(~pl.col("holds")).sort().str.join("; ")
    broken = table.group_by(KEY).agg(identities=pl.when(names != "").then(names), **holds)
    return statements.select(KEY).join(broken, on=KEY, how="left", nulls_equal=True).sort(KEY, nulls_last=True)


def consistent(statements: pl.DataFrame) -> pl.DataFrame:
    """The statements without the periods that break an identity of their own (the sum of the quarters is another's)."""
    own = identities(statements).filter(~pl.col("holds"), ~pl.col("identity").str.starts_with(SUM))
    return statements.join(own, on=KEY, how="anti", nulls_equal=True, maintain_order="left")


def findings(flags: pl.DataFrame, file: str = "statements") -> tuple[Finding, ...]:
    """The flags that do not hold, as findings with the difference; one for each identity and issuer."""
    return tuple(one_a_cause(odd(row, file) for row in flags.filter(~pl.col("holds")).iter_rows(named=True)))


def odd(row: Row, file: str, note: str = "") -> Odd:
    """A flag that does not hold, as an oddity of its period; `note` is added to its reason."""
    span = Span(row["fiscal_year"], row["fiscal_quarter"] or 1, row["fiscal_quarter"] or QUARTERS)
    per = MICRO if row["unit"] == PER_SHARE else currencies().get(row["unit"], 1)
    stated, gives, off, allowed = (Fraction(row[n], per) for n in ("stated", "worked_out", "difference", "allowed"))
    scales = [by for by in SCALES if stated and min(abs(stated - gives / by), abs(stated / by - gives)) <= allowed]
    why = f"they differ by {text(off)}, rounding allows {text(allowed)}{note}"
    if wrong := [by for by in scales if abs(off) > allowed][:1]:
        why += f"; one is {wrong[0]:,} times the other: a scale error, as of figures in thousands"
    named = f"Q{span.first} FY{span.fiscal_year}" if row["fiscal_quarter"] else f"FY{span.fiscal_year}"
    what = f"{row['issuer']} {named}: {row['identity']}: {text(stated)} stated, {text(gives)} worked out"
    do = "look at the filing; --accept-breaks uses the period as it is"
    cause = (file, row["issuer"], row["identity"], note, str(wrong))
    return Odd(cause, row["identity"], span, Finding(file, 0, what, why, do, "identity"))


GROSS = "revenue - cost of revenue = gross profit"
TAX = "pretax income - income tax = net income"
KINDS = ("basic", "diluted")
EPS = "net income / {} shares = {} earnings per share"
SUM = "the quarters = the year"
PER_SHARE = "per share"
BELOW_TAX = {
    "equity_method_income_minor": " + equity method",
    "discontinued_income_minor": " + discontinued operations",
    "minority_interest_income_minor": " - minority interests",
}
"""Lines between income after tax and net income, as they stand in the identity."""


def _period(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEY)


def _money_slack(rows: Iterable[Row]) -> Fraction:
    """Half of the last digit that the amounts of some periods are printed to."""
    return half_unit(*(row[name] for row in rows for name in FLOWS if row[name]))


def _less(row: Row) -> Iterator[_Outcome]:
    revenue, cost, gross = (row[f"{line}_minor"] for line in ("revenue", "cost_of_revenue", "gross_profit"))
    if None not in (revenue, cost, gross):
        yield _Outcome(GROSS, gross, Fraction(revenue - cost), 3 * _money_slack([row]), row["currency"])
    pretax, tax, net = (row[f"{line}_minor"] for line in ("pretax_income", "income_tax", "net_income"))
    if None not in (pretax, tax, net):
        yield _to_net_income(row)


def _to_net_income(row: Row) -> _Outcome:
    """Income before tax to net income, through the lines between that the statement has.

    Income of the equity method stands below income tax or above it, which is the filer's choice: the reading by which
    the statement holds together counts, and below it where none does.
    """
    below = [name for name in BELOW_TAX if row[name]]
    readings = [below, [name for name in below if name != "equity_method_income_minor"]]
    outcomes = []
    for lines in readings if len(readings[1]) < len(below) else [below]:
        moved = sum(row[name] if "+" in BELOW_TAX[name] else -row[name] for name in lines)
        label = TAX.replace(" = ", "".join(BELOW_TAX[name] for name in lines) + " = ")
        gives = Fraction(row["pretax_income_minor"] - row["income_tax_minor"] + moved)
        slack = (3 + len(lines)) * _money_slack([row])
        outcomes.append(_Outcome(label, row["net_income_minor"], gives, slack, row["currency"]))
    return next((o for o in outcomes if abs(o.stated - o.worked_out) <= o.allowed), outcomes[0])


def _per_share(row: Row) -> Iterator[_Outcome]:
    """net income / shares, from its lowest to its highest reading, against earnings per share in theirs."""
    net = row["net_income_minor"]
    units = currencies().get(row["currency"], 1)
    if row["net_income_to_common_minor"] is not None:
        net = row["net_income_to_common_minor"]
    printed, heads = _slack_per_share(row)
    for kind in KINDS:
        shares = row[f"{kind}_shares"]
        eps = row[f"eps_{kind}_micro"]
        if net is None or eps is None or not shares:
            continue
        middle = Fraction(net * MICRO, shares * units)
        per = Fraction(MICRO, units)
        edge = (abs(net) + _money_slack([row])) * per / (shares - heads) if shares > heads else abs(middle) * 2
        yield _Outcome(EPS.format(kind, kind), eps, middle, edge - abs(middle) + printed, PER_SHARE)


def _slack_per_share(row: Row) -> tuple[Fraction, Fraction]:
    """What earnings per share and counts may be off by their rounding: that of the figures as filed.

    Amounts per share are printed to the minor unit or finer, also where they end in zeros by chance. After a split
    figures are restored to what was filed: half a minor unit or less, then what the division left.
    """
    unit = MICRO // currencies().get(row["currency"], 1)
    eps = [row[name] for name in ("eps_basic_micro", "eps_diluted_micro") if row[name]]
    shares = [row[name] for name in ("basic_shares", "diluted_shares") if row[name]]
    factor = Fraction(row["split_factor"] or 1)
    if factor == 1:
        return min(half_unit(*eps), Fraction(unit, 2)), half_unit(*shares)
    filed = [round(count / factor) for count in shares]
    return Fraction(unit, 2) / factor + Fraction(1, 2), half_unit(*filed) * factor + Fraction(1, 2)


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
