"""Deductions by tax year straight from a printed table, or from the formula as a return rounds it, to compare with."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate, pairwise

from depr.tax.tables import FACTORS, Table, decline, first_year_fraction, half_up

CENTS = 100


def table_deductions(basis_minor: int, table: Table, rounding: str = "cumulative") -> list[int]:
    """The basis spread by a table, US cents; adds to the basis.

    cumulative: what is recovered by each year's end is rounded half to even, a year is the difference. whole_dollars:
    each year is rounded half up to dollars, as on a return, within what is left; the last one takes the rest.
    """
    if rounding == "cumulative":
        recovered = [round(basis_minor * used) for used in accumulate(table.shares, initial=Fraction(0))]
        return [end - start for start, end in pairwise(recovered)]
    left, years, dollars = basis_minor, [], half_up(0)
    for share in table.shares[:-1]:
        years.append(min(int(dollars(basis_minor * share / CENTS)) * CENTS, left))
        left -= years[-1]
    return [*years, left]


def worked_deductions(basis_minor: int, table: Table, rate_places: int, fraction_places: int) -> list[int]:
    """Deductions as a return works them without the table, US cents: the formula with each step rounded half up.

    The yearly rate is rounded to `rate_places`, the first-year fraction to `fraction_places`, each year to dollars.
    """
    first = half_up(fraction_places)(first_year_fraction(table.convention, table.quarter_or_month))
    basis, factor = Fraction(basis_minor, CENTS), FACTORS[table.method]
    charges = decline(basis, table.recovery_years, first, factor, rate=half_up(rate_places), charge=half_up(0))
    return [int(charge * CENTS) for charge in charges]
