"""Every claim of the first screen, as it is written there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from scripts.checks.first_screen.facts import Filer
from scripts.checks.first_screen.words import between, lasting, money, on, percent, shares, together

FOCUS, LONGEST, SHORTEST = "3", "6", "1"
NAMES = {"meta": "Meta", "amzn": "Amazon"}
TIPS = 20
"""One part in so many of income before tax is what tips it."""


def claims(filer: Filer) -> Iterator[str]:
    """Every claim of the first screen, as it is written there."""
    last = filer.years[-1]
    month = filer.issuer["fiscal_year_end_month"]
    ended = date(last, month, 31 if month in (1, 3, 5, 7, 8, 10, 12) else 30)
    yield f"{filer.issuer['id']} · FY{last}, ended {on(ended)}"
    yield f"by useful life, {called(filer)}."
    more = {life: filer.understated[life, "mid", last] for life in (FOCUS, LONGEST, SHORTEST)}
    yield from measured(filer, more)
    side = -1 if more[FOCUS] < 0 else 1
    low, high = (side * filer.understated[FOCUS, bound, last] for bound in ("low", "high"))
    kind = "less" if side < 0 else "more"
    yield f"Charge {money(side * more[FOCUS])} {kind} {between(low, high)} by units and prices"
    yield from cash(filer, more[FOCUS])
    units = sum(int(row["units"]) for row in filer.lots)
    yield f"{percent(units, units + filer.left, 0)}% of units priced"
    modelled, stated = filer.charges(filer.issuer["book"], "mid").get(last, 0), filer.line("depreciation")
    if stated:
        yield f"the fleet modelled is {percent(modelled, stated, 0)}% of its depreciation"
        yield f"{percent(modelled, stated, 0)}% of depreciation modelled"
    yield from tipping(filer)


def called(filer: Filer) -> str:
    """The last fiscal year in a sentence."""
    calendar = filer.issuer["fiscal_year_end_month"] == 12
    return str(filer.years[-1]) if calendar else f"FY{filer.years[-1]}"


def measured(filer: Filer, more: dict[str, int]) -> Iterator[str]:
    """The finding and what other lives give: earnings per share where every life has them, else net income."""
    both = {life: filer.earnings(value) for life, value in more.items()}
    printed = both[FOCUS][0]
    per_share = {life: after for life, (_, after) in both.items() if after is not None}
    if printed is not None and len(per_share) == len(more):
        yield from told(filer, "eps", per_share, printed)
        return
    incomes = {life: own for life, value in more.items() if (own := filer.income(value))}
    yield from told(filer, "net", {life: after for life, (_, after) in incomes.items()}, incomes[FOCUS][0])


LABELS = {"eps": "Earnings per share", "net": "Net income"}
NOUNS = {
    ("eps", False): "earnings are",
    ("eps", True): "loss is",
    ("net", False): "net income is",
    ("net", True): "net loss is",
}


def told(filer: Filer, kind: str, after: dict[str, int], before: int) -> Iterator[str]:
    """The headline, the clause on other lives, and the figure of the measure."""
    name, said = NAMES.get(filer.name, filer.issuer["name"]), shares if kind == "eps" else together
    was, now = said(abs(before), abs(after[FOCUS]))
    lost = after[FOCUS] < 0
    assert lost == (before < 0), "a finding that this check has no words for"
    becomes = f"{now} a share, not {was}" if kind == "eps" else f"{now}, not {was}"
    the = "the " if lost else ""
    yield f"If {name}’s GPUs last three years, {the}{called(filer)} {NOUNS[kind, lost]} {becomes}"
    yield f"{name} uses {lasting(filer.own_life)}"
    others = [life for life in (LONGEST, SHORTEST) if after[life] != before]
    texts = said(abs(before), *(abs(after[life]) for life in others))[1:]
    gives = [f"a loss of {t}" if after[life] < 0 else t for life, t in zip(others, texts, strict=True)]
    first, *rest = (lasting(12 * int(life)) for life in others)
    yield ", ".join([f"{first} would give {gives[0]}", *(f"{a} {b}" for a, b in zip(rest, gives[1:], strict=True))])
    change = ""
    if before > 0:
        share = percent(abs(after[FOCUS] - before), before, 1)
        change = f"{share}% {'less' if after[FOCUS] < before else 'more'}; "
    held = f"{'a loss of ' if before < 0 else ''}{was} {filer.came('eps_diluted' if kind == 'eps' else 'net_income')}"
    yield f"{LABELS[kind]} {'a loss of ' if lost else ''}{now} {change}{held}"


def cash(filer: Filer, more: int) -> Iterator[str]:
    """The cash gap over restated depreciation beside that over what was reported."""
    capex, charge = filer.line("capex"), filer.line("depreciation")
    if capex is None or charge is None:
        yield "Cash gap not sourced capital expenditure less depreciation"
        return
    own, other = together(capex - charge, capex - charge - more)
    yield f"Cash gap {other} capital expenditure less depreciation; {own} {filer.came('capex', 'depreciation')}"


def tipping(filer: Filer) -> Iterator[str]:
    """The longest life at which the effect is a twentieth of income before tax, and what the next year less takes."""
    income = filer.line("pretax_income")
    if income is None:
        yield f"Income before tax of {called(filer)} is not sourced, so no life can be said to tip it."
        return
    reached = [months for months, more in filer.every_life.items() if more * TIPS >= income]
    if income <= 0 or not reached:
        yield "At no life from one to ten years does the effect reach 5% of income before tax."
        return
    at = f"At {lasting(max(reached))} the effect reaches 5% of income before tax"
    ends = [filer.earnings(filer.every_life[months])[1] for months in (max(reached), max(reached) - 12) if months >= 12]
    if len(ends) < 2 or None in ends:
        yield f"{at}."
    else:
        one, other = (end or 0 for end in ends)
        yield f"{at}; the next year less takes {shares(abs(one - other))[0]} a share."
