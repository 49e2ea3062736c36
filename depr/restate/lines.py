"""The lines of the restated statements, one row each: Polars and SQL both work them out from this table.

Restated line = reported line + change, so that whatever the fleet model misses cancels. Depreciation is not cash:
operating cash flow, capital expenditure, interest and tax paid stay as they are, so all of the tax is deferred.
Net income is that of the owners of the parent and takes the whole change after tax: the fleet is taken to be its own;
minority interests, the equity method and discontinued operations stay as reported.

A row is named as its column of contract.Restated, which says what it means; a name that is not there is a step that
others read. A row reads lines as reported, terms of the period (tax rate, shares of the functions), the understatement,
and other rows.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from depr.contract.names import bare
from depr.kernel.formula import Formula, col, either, equal, joined, known, size, value, when
from depr.restate.formula import YEAR, of_year, part, per_share, ratio, taxed

Lines = dict[str, Formula]

FUNCTIONS = ("cost_of_revenue", "research_and_development", "sales_general_admin")
REPORTED = (
    "depreciation",
    "operating_income",
    "pretax_income",
    "net_income",
    *FUNCTIONS,
    "ppe_net",
    "equity",
)
"""Lines that are shown as reported and restated."""

FOLLOWS = "income restated / shares"
COMPUTED = "income restated / shares; the filer gives no figure, so the one as reported is computed too"
MOVES = "as reported + change in income / shares: the figure does not follow from the filer's income and shares"
SMALL = "as reported + change in income / shares: the change is less than what the figure was rounded by"
UNCOUNTED = "; basic shares, since the statement of a loss does not count those that would dilute a profit"
"""By which rule earnings per share of a row are restated."""


def amount(name: str) -> Formula:
    """An amount of money."""
    return col(f"{name}_minor")


understatement = amount("understatement")
carried_over = amount("carried_over")
less = understatement + amount("losses")
rate = col("tax_rate_ppm")

EFFECTIVE_RATE = ratio(amount("income_tax"), amount("pretax_income"))
"""The tax rate of the period itself, null where it has no profit."""

EFFECTS: Lines = {
    "tax_effect_minor": taxed(less, rate),
    "tax_before_minor": taxed(amount("carried_over_before"), rate),
}
"""What deferred tax is the sum of: the first period opens with the one, each adds the other."""

first, both = (part(understatement, col(f"{name}_num"), col(f"{name}_den")) for name in ("first", "both"))

AMOUNTS: Lines = {
    **{f"{name}_reported_minor": amount(name) for name in REPORTED},
    "gross_profit_reported_minor": either(amount("gross_profit"), amount("revenue") - amount("cost_of_revenue")),
    # functions are steps of the rounded running sum of their shares, so that they add up to the understatement
    "understatement_cost_of_revenue_minor": first,
    "understatement_both_minor": both,
    "understatement_research_and_development_minor": amount("understatement_both")
    - amount("understatement_cost_of_revenue"),
    "understatement_sales_general_admin_minor": understatement - amount("understatement_both"),
    **{f"{name}_restated_minor": amount(name) + amount(f"understatement_{name}") for name in FUNCTIONS},
    "gross_profit_restated_minor": amount("gross_profit_reported") - amount("understatement_cost_of_revenue"),
    "depreciation_restated_minor": amount("depreciation") + understatement,
    "operating_income_restated_minor": amount("operating_income") - less,
    "pretax_income_restated_minor": amount("pretax_income") - less,
    "net_income_restated_minor": amount("net_income") - less + amount("tax_effect"),
    "net_income_marginal_minor": amount("net_income") - less + taxed(less, col("tax_rate_marginal_ppm")),
    "deferred_tax_opening_minor": amount("deferred_tax_closing") - amount("tax_effect"),
    "equity_opening_change_minor": amount("deferred_tax_opening") - amount("carried_over_before"),
    "ppe_net_restated_minor": amount("ppe_net") - carried_over,
    "equity_restated_minor": amount("equity") - carried_over + amount("deferred_tax_closing"),
    "total_assets_reported_minor": amount("total_assets"),
    "total_assets_restated_minor": amount("total_assets") - carried_over,
}


def _ratios(kind: str) -> Lines:
    """Margins and interest coverage of every period, returns of years alone, `reported` or `restated`."""
    operating = amount(f"operating_income_{kind}")
    net = amount(f"net_income_{kind}")
    capital = amount("total_debt") + amount(f"equity_{kind}")
    revenue = amount("revenue")
    return {
        f"gross_margin_{kind}_ppm": ratio(amount(f"gross_profit_{kind}"), revenue),
        f"operating_margin_{kind}_ppm": ratio(operating, revenue),
        f"net_margin_{kind}_ppm": ratio(net, revenue),
        f"return_on_assets_{kind}_ppm": of_year(ratio(net, amount(f"total_assets_{kind}"))),
        f"operating_income_taxed_{kind}_minor": operating - taxed(operating, rate),
        f"return_on_capital_{kind}_ppm": of_year(ratio(amount(f"operating_income_taxed_{kind}"), capital)),
        f"interest_coverage_{kind}_ppm": ratio(operating, amount("interest_expense")),
    }


ebitda = amount("operating_income") + amount("depreciation_and_amortization")

RATIOS: Lines = {
    "coverage_ppm": ratio(amount("depreciation_modelled"), amount("depreciation")),
    **_ratios("reported"),
    **_ratios("restated"),
    "debt_to_ebitda_ppm": of_year(ratio(amount("total_debt"), ebitda)),
}

before = amount("income_to_common_reported")
after = amount("income_to_common_restated")
over_basic = col("over_basic")
uncounted = col("uncounted")
ZERO = value(0)


def _eps(kind: str, over: str, note: Formula) -> Lines:
    """Reported, restated and the rule of one kind; restated income is over the shares of `over`, a kind too.

    Income restated / shares where the reported figure follows from its income and shares, else reported + change. A
    change that is less than what the figure was rounded by is added too: the quotient could lie on the other side.
    `eps_basic_follows` and `eps_diluted_follows` say so (depr.statements.identities; null where they cannot be held
    against each other).
    """
    own = col(f"eps_{kind}_micro")
    printed = col(f"eps_{over}_micro")
    shares = col(f"{over}_shares")
    change = col(f"eps_{kind}_moves_micro")
    restated = col(f"eps_{kind}_restated_micro")
    small, apart, stays = (col(f"eps_{kind}_{name}") for name in ("small", "apart", "stays"))
    counted = when(before < ZERO, col("basic_shares"), col(f"{kind}_shares"))
    moved = when(apart | small, printed + change, per_share(after, shares))
    plain = when(known(own), value(FOLLOWS), value(COMPUTED))
    rule = when(apart, value(MOVES), when(small & ~stays, value(SMALL), plain))
    return {
        f"eps_{kind}_reported_micro": either(own, per_share(before, counted)),
        f"eps_{kind}_moves_micro": per_share(after - before, shares),
        f"eps_{kind}_small": either(size(change) < size(printed - per_share(before, shares)), value(False)),
        f"eps_{kind}_apart": ~either(col(f"eps_{over}_follows"), value(True)) & known(printed),
        f"eps_{kind}_stays": known(own) & equal(after, before),  # the figure as printed, which is rounded
        f"eps_{kind}_restated_micro": when(stays, own, moved),
        f"eps_{kind}_rule": when(known(restated), joined(rule, note)),
    }


alone = either(equal(col("diluted_shares"), col("basic_shares")), value(True))
eps = col("eps_diluted_reported_micro")
eps_restated = col("eps_diluted_restated_micro")

PER_SHARE: Lines = {
    # as the filer gives it, else net income; it takes the same change
    "income_to_common_reported_minor": either(amount("net_income_to_common"), amount("net_income")),
    "income_to_common_restated_minor": before + amount("net_income_restated") - amount("net_income"),
    # a loss is over basic shares, and so is a loss that becomes a profit where the statement counts basic shares alone:
    # the number that would dilute it is left out of the statement of a loss
    "uncounted": (before < ZERO) & (after >= ZERO) & alone,
    "over_basic": (after < ZERO) | uncounted,
    "over_shares": when(over_basic, col("basic_shares"), col("diluted_shares")),
    "eps_over_micro": when(over_basic, col("eps_basic_micro"), col("eps_diluted_micro")),
    "eps_over_follows": when(over_basic, col("eps_basic_follows"), col("eps_diluted_follows")),
    **_eps("basic", "basic", value("")),
    **_eps("diluted", "over", when(uncounted, value(UNCOUNTED), value(""))),
    "eps_change_micro": eps_restated - eps,
    "eps_compression_ppm": ratio(eps - eps_restated, eps),
}

capex = amount("capex")
operations = amount("cash_from_operations")
principal = amount("finance_lease_principal") + amount("debt_repaid")

CASH: Lines = {
    # cash is the same in every book, after interest paid (ASC 230-10-45-17), so interest is in the funding gap once
    "free_cash_flow_minor": operations - capex,
    "cash_gap_reported_minor": capex - amount("depreciation_reported"),
    "cash_gap_restated_minor": capex - amount("depreciation_restated"),
    "capex_to_depreciation_reported_ppm": ratio(capex, amount("depreciation_reported")),
    "capex_to_depreciation_restated_ppm": ratio(capex, amount("depreciation_restated")),
    "capex_to_revenue_ppm": ratio(capex, amount("revenue")),
    # replacement of the fleet is taken as its depreciation under the alternative
    "replacement_capex_minor": amount("depreciation_alternative"),
    "owner_earnings_minor": operations - amount("depreciation_alternative"),
    "funding_gap_minor": capex + principal - operations,
    # cash / funding gap of a quarter, a fourth of a year's
    "quarters_of_cash_ppm": ratio(amount("cash") * when(YEAR, value(4), value(1)), amount("funding_gap")),
}

LINES: Lines = AMOUNTS | RATIOS | PER_SHARE | CASH


def worked_out(frame: pl.DataFrame, lines: Lines) -> pl.DataFrame:
    """A frame with the lines beside its columns."""
    for layer in _layers(lines):
        frame = frame.with_columns(lines[name].polars.alias(name) for name in layer)
    return frame


def layered(lines: Lines, source: str) -> str:
    """The same in SQL: the query of a source with the lines beside its columns."""
    query = source
    for layer in _layers(lines):
        columns = ", ".join(f"{_typed(name, lines[name].sql)} AS {bare(name)}" for name in layer)
        query = f"(SELECT l.*, {columns} FROM {query} AS l)"
    return query


def _typed(name: str, sql: str) -> str:
    if name.endswith("_minor"):
        return f"money({sql})"
    return f"({sql})::DECIMAL(18,6)" if name != bare(name) else sql


def _layers(lines: Lines) -> Iterable[list[str]]:
    """The names of lines, each layer of which reads those before it."""
    left = dict(lines)
    while left:
        ready = [name for name, line in left.items() if left.keys().isdisjoint(line.reads)]
        if not ready:
            raise ValueError(f"lines that read each other: {', '.join(left)}")
        yield ready
        left = {name: line for name, line in left.items() if name not in ready}
