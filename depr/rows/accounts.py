"""An asset as a ledger of rows holds it, and the fiscal years its rows fall in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from depr.errors import refuse
from depr.kernel.calendar import EPOCH_YEAR, FIRST, LAST, FiscalCalendar, last_day, period_of
from depr.kernel.daycounts import add_months

DAY = timedelta(days=1)
YEAR = 12
MONTH_END = 28
"""A fiscal year that ends on this day or later ends with its month."""

UNENDING_MONTHS = Fraction(1200)
"""Stands for a life where only a rate is given."""


@dataclass(frozen=True)
class Account:
    """One asset; amounts in minor units.

    `life_months` is None where only a yearly `rate` is known. `row_months` is the length of a row; rows are those of
    the fiscal year, or follow a `first_row` that ends on a day of its own. `percents` are the percentages of a table
    by year; `first_year_part` weighs the first year of a percentage of cost. `opening_minor` is what was booked
    elsewhere, by `opening_date` or in `opening_rows` rows. Raises `Refused` for an impossible life or date.
    """

    method: str
    cost_minor: int
    residual_minor: int
    life_months: Fraction | None
    in_service: date
    row_months: int = 1
    year_end: tuple[int, int] = (12, 31)
    first_row: date | None = None
    rate: Fraction | None = None
    first_year_part: Fraction = Fraction(1)
    percents: tuple[Fraction, ...] = ()
    opening_minor: int = 0
    opening_date: date | None = None
    opening_rows: int = 0

    def __post_init__(self) -> None:
        if self.life_months is not None and not 0 < self.life_months <= UNENDING_MONTHS:
            raise refuse("account", f"a life of {self.life_months} months", f"it is from 1 to {UNENDING_MONTHS}")
        if self.rate is not None and self.rate <= 0:
            raise refuse("account", f"a rate of {self.rate}", "a yearly rate is above nothing")
        if self.row_months < 1 or (YEAR % self.row_months and self.first_row is None):
            raise refuse(
                "account", f"rows of {self.row_months} months", "a year has whole rows, unless one is set apart"
            )
        if self.first_row is not None and self.first_row < self.in_service:
            raise refuse("account", f"a first row of {self.first_row}", "it ends before the asset is in service")
        if not FIRST <= self.in_service <= LAST:
            raise refuse("account", f"in service on {self.in_service}", f"dates run from {FIRST} to {LAST}")

    @property
    def base_minor(self) -> int:
        """Depreciable amount."""
        return self.cost_minor - self.residual_minor

    @property
    def residual_ratio(self) -> Fraction:
        """Residual value / cost."""
        return Fraction(self.residual_minor, self.cost_minor or 1)

    @property
    def life(self) -> Fraction:
        """Useful life in months, one that does not end where none is known."""
        return self.life_months or UNENDING_MONTHS

    @property
    def last_day(self) -> date:
        """The last day of the life."""
        return add_months(self.in_service, self.life) - DAY

    @property
    def calendar(self) -> FiscalCalendar:
        """The calendar by months; a year that ends within a month counts by the month before its end."""
        month, day = self.year_end
        return FiscalCalendar(month if day >= MONTH_END else (month - 2) % YEAR + 1)

    def fiscal_year(self, day: date) -> int:
        """The fiscal year of a day, named by the calendar year it ends in."""
        return day.year + (day > self._closes(day.year))

    def year_bounds(self, year: int) -> tuple[date, date]:
        """First and last day of a fiscal year."""
        return self._closes(year - 1) + DAY, self._closes(year)

    def _closes(self, year: int) -> date:
        month, day = self.year_end
        return date(year, month, day) if day < MONTH_END else last_day((year - EPOCH_YEAR) * YEAR + month - 1)


def shifted(day: date, months: int) -> date:
    """A day so many months on; a month's last day stays one."""
    target = last_day(period_of(day) + months)
    return target if day == last_day(period_of(day)) else target.replace(day=min(day.day, target.day))
