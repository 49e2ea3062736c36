"""Every claim of the first screen, as it is written there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from scripts.checks.first_screen.facts import BOUNDS, LIVES, Filer
from scripts.checks.first_screen.words import between, fixed, money, on, per_share, percent, signed, together

FOCUS = "3"


def claims(filer: Filer, first: date) -> Iterator[str]:
    """Every claim of the first screen, as it is written there."""
    years, last = filer.years, f"FY{filer.years[-1]}"
    span = f"FY{years[0]} to {last}"
    sums = {bound: sum(filer.understated[FOCUS, bound, year] for year in years) for bound in BOUNDS}
    alone = {bound: filer.understated[FOCUS, bound, years[-1]] for bound in BOUNDS}
    yield from lead(span, last, sums, alone)
    yield from net_or_per_share(filer, last)
    yield from cash(filer, last)
    side = -1 if sums["mid"] < 0 else 1
    if sums["mid"]:
        low, high = (signed(side * (sums[bound] - sums["mid"]), side * sums["mid"], 0) for bound in ("low", "high"))
        yield f"{low} to {high} around the median"
    units = sum(int(row["units"]) for row in filer.lots)
    priced = percent(units, units + filer.left, 1)
    yield f"{priced}% of its units carry a sourced price."
    yield f"Units with a sourced price {priced}%"
    modelled, stated = filer.charges(filer.issuer["book"], "mid").get(years[-1], 0), filer.line("depreciation")
    if stated:
        share, came = percent(modelled, stated, 0), filer.came("depreciation")
        yield f"the modelled fleet explains {share}% of the depreciation ({came}), and"
        yield f"Depreciation, {came}, that the fleet explains, {last} {share}%"
    own = min(date.fromisoformat(row["purchase_date"]) for row in filer.lots)
    more = "" if own == first else f", the first of this issuer of {on(own)}"
    yield f"Fleets bought before {first.year} are missing: the first purchase in the ledger is of {on(first)}{more}."


def lead(span: str, last: str, sums: dict[str, int], alone: dict[str, int]) -> Iterator[str]:
    """By how much depreciation is understated, over all years and in the last."""
    whole, year = (-1 if told["mid"] < 0 else 1 for told in (sums, alone))
    said = [
        f"{money(side * told['mid'])} ({between(side * told['low'], side * told['high'])})"
        for side, told in ((whole, sums), (year, alone))
    ]
    kind = {1: "understated", -1: "overstated"}
    yield f"Against a {FOCUS}-year life, depreciation reported for {span} is {kind[whole]} by {said[0]},"
    yield (
        f"{said[1]} of it in {last}." if whole == year else f"though for {last} alone it is {kind[year]} by {said[1]}."
    )
    yield f"{kind[whole].capitalize()} {money(whole * sums['mid'])} {FOCUS}-year life, {span}"
    yield f"Range {between(whole * sums['low'], whole * sums['high'])}"
    yield f"In {last} {money(year * alone['mid'])}"
    yield f"Range {between(year * alone['low'], year * alone['high'])}"


def net_or_per_share(filer: Filer, last: str) -> Iterator[str]:
    """What earnings per share become, else what net income does."""
    each = [filer.earnings(life) for life in LIVES]
    printed = each[0][0]
    restated = [after for _, after in each if after is not None]
    lives = "under lives of 6, 3 and 1 years."
    places = 2
    while (
        printed is not None
        and places < 6
        and any(after != printed and per_share(after, places) == per_share(printed, places) for after in restated)
    ):
        places += 1
    if printed is not None and len(restated) == len(each):
        said = [per_share(micro, places) + (" (unchanged)" if micro == printed else "") for micro in restated]
        yield f"Diluted earnings per share of {per_share(printed, places)} in {last} become {listed(said)} {lives}"
    elif len(both := [found for life in LIVES if (found := filer.income(life)) is not None]) == len(LIVES):
        net, nets = both[0][0], [after for _, after in both]
        lost = net < 0 and all(after < 0 for after in nets)
        words = together(*(-minor if lost else minor for minor in (net, *nets)))
        said = [text + (" (unchanged)" if minor == net else "") for text, minor in zip(words[1:], nets, strict=True)]
        kind = "the net loss" if lost else "net income"
        yield "Earnings per share cannot be restated from what is sourced;"
        yield f"{kind} of {words[0]} in {last} ({filer.came('net_income')}) becomes {listed(said)} {lives}"
    if printed is not None:
        said_as = filer.came("eps_diluted")
        yield f"Diluted EPS, {last} {per_share(printed, places)} {said_as}; restated, with its change:"
    for life, (_, after) in zip(LIVES, each, strict=True):
        yield f"{life}-year life {changed(printed, after, places)}"


def changed(printed: int | None, after: int | None, places: int) -> str:
    """Earnings per share under a life, with the change."""
    if after is None or printed is None:
        return "not available"
    if after == printed:
        return f"{per_share(after, places)} unchanged"
    if printed > 0:
        return f"{per_share(after, places)} {signed(after - printed, printed, 1)}"
    return f"{per_share(after, places)} {'−' if after < printed else '+'}{fixed(after - printed, 6, 2)}"


def listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"


def cash(filer: Filer, last: str) -> Iterator[str]:
    """Capital expenditure and the cash gaps."""
    capex, charge = filer.line("capex"), filer.line("depreciation")
    if capex is None or charge is None:
        yield f"The cash gap of {last} is not sourced."
        return
    gap = capex - charge
    own, other = together(gap, gap - filer.understated[FOCUS, "mid", filer.years[-1]])
    over = f"a cash gap of {own} over reported depreciation and {other} over restated"
    yield f"Capital expenditure of {money(capex)} leaves {over}."
    yield f"Cash gap, {last} {own} capital expenditure less depreciation, {filer.came('capex', 'depreciation')}"
    yield f"{FOCUS}-year life {other}"
    yield f"Capital expenditure {money(capex)}"
