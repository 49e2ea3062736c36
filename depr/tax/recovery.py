"""Section 179 and the special (bonus) allowance: what of a cost is allowed before the MACRS percentages of the rest.

Amounts are US cents. The law's numbers come as `Parameters` (schedules/tables/us-tax.toml).

Left to the caller: whether property qualifies (used property, listed property, the alternative depreciation system,
which takes no special allowance), the taxable-income limit of section 179, short tax years, disposals.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from depr.contract.currencies import currencies
from depr.errors import refuse, unknown
from depr.tax.parameters import Bonus, Parameters
from depr.tax.tables import PARTS, WHOLE

ALLOWANCES = ("regular", "reduced", "none")
MINOR_PER_DOLLAR = currencies()["USD"]
MONTHS = 12
QUARTERS = PARTS["MQ"]


@dataclass(frozen=True)
class Asset:
    """What happened: cost, day of acquisition (a written binding contract at the latest), day placed in service.

    The tax year ends with a calendar month. Raises `Refused` for a negative cost or service before acquisition.
    """

    cost_minor: int
    acquired: date
    in_service: date
    year_end_month: int = MONTHS

    def __post_init__(self) -> None:
        if self.cost_minor < 0:
            raise refuse("cost", f"{self.cost_minor} cents", "a cost is not negative")
        if self.in_service < self.acquired:
            raise refuse("in service", f"{self.in_service} is before the acquisition on {self.acquired}")
        if not 1 <= self.year_end_month <= MONTHS:
            raise refuse("tax year", f"it cannot end in month {self.year_end_month}", do="give 1 to 12")

    @property
    def year_end(self) -> date:
        """The last day of the tax year of service."""
        return self._end(self.in_service.year + (self.in_service.month > self.year_end_month))

    @property
    def year_start(self) -> date:
        """The first day of the tax year of service."""
        return self._end(self.year_end.year - 1) + timedelta(1)

    def part(self, convention: str) -> int | None:
        """The quarter (MQ) or month (MM) of the tax year in which service begins, from 1; None with HY."""
        parts = PARTS[convention]
        elapsed = (self.in_service.month - self.year_start.month) % MONTHS
        return elapsed * parts // MONTHS + 1 if parts > 1 else None

    def _end(self, year: int) -> date:
        return date(year, self.year_end_month, monthrange(year, self.year_end_month)[1])


@dataclass(frozen=True)
class Elections:
    """What the taxpayer chose.

    `section_179_property_minor` is the cost of all section 179 property placed in service in the year (None: this asset
    alone). The allowance is regular, reduced (where the law offers it) or none.
    """

    section_179_minor: int = 0
    section_179_property_minor: int | None = None
    allowance: str = "regular"


def allowances(asset: Asset, recovery_years: Fraction, parameters: Parameters, chosen: Elections) -> tuple[int, int]:
    """Section 179 off the cost and the special allowance off the rest, rounded half to even; US cents.

    Raises `Refused` when the election is more than the cost or the limit, or when dates are outside the parameters.
    """
    section_179 = _section_179(asset, chosen, parameters)
    percent = bonus_percent(asset, recovery_years, parameters, chosen.allowance)
    return section_179, round((asset.cost_minor - section_179) * percent / WHOLE)


def _section_179(asset: Asset, chosen: Elections, parameters: Parameters) -> int:
    if chosen.section_179_minor == 0:
        return 0
    placed = chosen.section_179_property_minor
    limit = section_179_limit(asset.year_start.year, asset.cost_minor if placed is None else placed, parameters)
    if not 0 < chosen.section_179_minor <= min(limit, asset.cost_minor):
        why = f"the limit is {limit} cents and the cost {asset.cost_minor}"
        raise refuse("section 179", f"{chosen.section_179_minor} cents cannot be elected", why, "elect the smaller")
    return chosen.section_179_minor


def section_179_limit(tax_year: int, property_minor: int, parameters: Parameters) -> int:
    """max(0, limit - max(0, property - threshold)), US cents; `tax_year` is the one in which the tax year begins.

    `property_minor` is the cost of all section 179 property placed in service in the year. Before the taxable-income
    limit. Source: 26 U.S.C. 179(b)(1), (2). Raises `Refused` for a year without parameters.
    """
    years = {entry.tax_year: entry for entry in parameters.section_179}
    if tax_year not in years:
        raise unknown("tax year of section 179", str(tax_year), map(str, years))
    limit = years[tax_year].limit_usd * MINOR_PER_DOLLAR
    start = years[tax_year].phase_out_from_usd * MINOR_PER_DOLLAR
    return max(0, limit - max(0, property_minor - start))


def bonus_percent(
    asset: Asset, recovery_years: Fraction, parameters: Parameters, allowance: str = "regular"
) -> Fraction:
    """The special allowance in percent, by the days of acquisition and of service. Source: 26 U.S.C. 168(k).

    Raises `Refused` for dates without parameters, and when reduced is asked where the law does not offer it.
    """
    if allowance not in ALLOWANCES:
        raise unknown("allowance", allowance, ALLOWANCES)
    if allowance == "none" or recovery_years > parameters.bonus_property.recovery_years_at_most:
        return Fraction(0)
    elective = allowance == "reduced"
    found = [entry.percent for entry in parameters.bonus if entry.elective == elective and _covers(entry, asset)]
    if not found:
        dates = f"acquired {asset.acquired}, in service {asset.in_service}"
        raise refuse(
            "bonus", f"no {allowance} special allowance is known: {dates}", do="elect none, or add it to the file"
        )
    return found[0]


def _covers(entry: Bonus, asset: Asset) -> bool:
    after = entry.first_tax_year_ending_after
    return (
        entry.acquired_from <= asset.acquired <= entry.acquired_to
        and entry.in_service_from <= asset.in_service <= entry.in_service_to
        and (after is None or asset.year_start <= after + timedelta(1) <= asset.year_end)
    )


def needs_mid_quarter(basis_by_quarter: Sequence[int | Fraction], parameters: Parameters) -> bool:
    """Whether more than the set share of the year's basis was placed in service in its last quarter.

    Basis after section 179, without real property. Source: 26 U.S.C. 168(d)(3). Raises `Refused` unless there are four
    amounts, none negative.
    """
    if len(basis_by_quarter) != QUARTERS or min(basis_by_quarter) < 0:
        raise refuse("mid-quarter test", f"{list(basis_by_quarter)} are not the bases of four quarters")
    return basis_by_quarter[-1] > parameters.mid_quarter.more_than * sum(basis_by_quarter)
