"""COMPARISON: statements, what is restated of them, and the judgements behind it."""

from __future__ import annotations

import dataframely as dy

from depr.contract.columns import day, doc, integer, money, per_share, ppm, text, yes_or_no


class Statements(dy.Schema):
    """Reported lines of one issuer and fiscal period; null is not sourced, never zero."""

    issuer = text("ticker")
    period_type = text("FY or Q", regex="^(FY|Q)$")
    fiscal_year = dy.Int32(nullable=False, metadata=doc("year", "fiscal year"))
    fiscal_quarter = dy.Int32(nullable=True, metadata=doc("1-4", "fiscal quarter; null for a year"))
    period_end = day("last day")
    currency = text("ISO 4217 code")
    revenue_minor = money("revenue", nullable=True)
    operating_income_minor = money("operating income", nullable=True)
    pretax_income_minor = money("income before tax", nullable=True)
    income_tax_minor = money("income tax expense", nullable=True)
    net_income_minor = money("net income of the parent's owners", nullable=True)
    basic_shares = integer("weighted basic shares", unit="shares", nullable=True)
    diluted_shares = integer("weighted diluted shares", unit="shares", nullable=True)
    eps_basic_micro = per_share("basic earnings per share as printed")
    eps_diluted_micro = per_share("diluted earnings per share as printed")
    cash_from_operations_minor = money("cash from operations", nullable=True)
    capex_minor = money("purchases of property and equipment", nullable=True)
    depreciation_minor = money("reported depreciation, the line named in depreciation_line", nullable=True)
    depreciation_line = text("line used: depreciation_of_ppe, else depreciation_and_amortization", nullable=True)
    cost_of_revenue_minor = money("cost of revenue", nullable=True)
    gross_profit_minor = money("gross profit", nullable=True)
    research_and_development_minor = money("research and development, or the line that stands for it", nullable=True)
    sales_general_admin_minor = money("selling, general and administrative expense", nullable=True)
    interest_expense_minor = money("interest expense", nullable=True)
    depreciation_and_amortization_minor = money("depreciation and amortization of all assets", nullable=True)
    ppe_net_minor = money("property and equipment, net, at the end", nullable=True)
    total_assets_minor = money("total assets at the end", nullable=True)
    total_debt_minor = money("debt at the end", nullable=True)
    equity_minor = money("equity at the end", nullable=True)
    cash_minor = money("cash, equivalents and marketable securities at the end", nullable=True)
    finance_lease_principal_minor = money("principal of finance leases repaid", nullable=True)
    debt_repaid_minor = money("principal of debt repaid", nullable=True)
    equity_method_income_minor = money("income of the equity method that stands below income tax", nullable=True)
    discontinued_income_minor = money("income of discontinued operations, after tax", nullable=True)
    minority_interest_income_minor = money("net income that belongs to minority interests", nullable=True)
    net_income_to_common_minor = money("net income available to common shareholders", nullable=True)
    split_factor = text(
        "shares of the row in one share as filed: counts are multiplied, amounts per share divided by it; 1 as filed",
        nullable=True,
        regex="^[1-9][0-9]*(/[1-9][0-9]*)?$",
    )
    source = text("a file of one's own, and which filings count; null for those that ship", nullable=True)


class Stated(Statements):
    """The same with what does not add up in them: the table `statements` of a ledger."""

    broken_identities = text("identities that the lines of the period break; null when all hold", nullable=True)
    eps_basic_follows = yes_or_no("whether basic earnings per share follow from income and shares", nullable=True)
    eps_diluted_follows = yes_or_no("whether diluted earnings per share follow from income and shares", nullable=True)


class Restated(dy.Schema):
    """The same facts under two books, subtracted, and carried through the statements."""

    issuer = text("ticker")
    book = text("alternative book")
    mode = text(
        "as_if (analysis, not a GAAP restatement), prospective (change in accounting estimate), retrospective "
        "(correction of an error) or catch_up (expensed adjustment: analysis, not a GAAP restatement)"
    )
    bound = text("reading of an estimated cost: low, mid or high")
    period_type = text("FY or Q")
    fiscal_year = dy.Int32(nullable=False, metadata=doc("year", "fiscal year"))
    fiscal_quarter = dy.Int32(nullable=True, metadata=doc("1-4", "fiscal quarter; null for a year"))
    period_end = day("last day")
    depreciation_modelled_minor = money("depreciation of the fleet under the reported book")
    depreciation_alternative_minor = money("depreciation of the fleet under the alternative book")
    understatement_minor = money("alternative less modelled: positive when reported depreciation is too low")
    understatement_cumulative_minor = money("sum of understatement from the first period of the fleet")
    depreciation_reported_minor = money("depreciation line of the statement", nullable=True)
    depreciation_restated_minor = money("reported line plus understatement", nullable=True)
    coverage_ppm = ppm("modelled over reported depreciation: how much of the line the fleet explains")
    operating_income_reported_minor = money("operating income as reported", nullable=True)
    operating_income_restated_minor = money("operating income less understatement and losses", nullable=True)
    pretax_income_reported_minor = money("income before tax as reported", nullable=True)
    pretax_income_restated_minor = money("income before tax less understatement and losses", nullable=True)
    tax_rate_ppm = ppm("tax rate applied to the understatement")
    tax_kind = text("kind of the rate: statutory, marginal, allowance (no benefit is taken) or effective")
    tax_source = text("where the rate is from")
    tax_effect_minor = money(
        "tax on understatement and losses, half to even: lower (deferred) tax expense is positive", nullable=True
    )
    net_income_reported_minor = money("net income as reported", nullable=True)
    net_income_restated_minor = money("net income less understatement and losses plus their tax", nullable=True)
    tax_rate_marginal_ppm = ppm("marginal tax rate that the issuer's own disclosures imply; null where none does")
    net_income_marginal_minor = money("net income restated with that rate instead", nullable=True)
    income_to_common_reported_minor = money(
        "income available to common shareholders as the filer gives it, else net income", nullable=True
    )
    income_to_common_restated_minor = money("the same plus the change of net income", nullable=True)
    basic_shares = integer("weighted basic shares", unit="shares", nullable=True)
    diluted_shares = integer("weighted diluted shares", unit="shares", nullable=True)
    eps_basic_reported_micro = per_share("basic earnings per share as reported; computed where eps_basic_rule says so")
    eps_basic_restated_micro = per_share("basic earnings per share restated")
    eps_diluted_reported_micro = per_share(
        "diluted earnings per share as reported; eps_diluted_rule says when computed"
    )
    eps_diluted_restated_micro = per_share("diluted earnings per share restated; a loss is over basic shares")
    eps_basic_rule = text("how basic earnings per share are restated, and over which shares", nullable=True)
    eps_diluted_rule = text("how diluted earnings per share are restated, and over which shares", nullable=True)
    eps_change_micro = per_share("diluted restated less reported")
    eps_compression_ppm = ppm("1 - restated / reported diluted; null when reported is not positive")
    capex_minor = money("capital expenditure", nullable=True)
    cash_from_operations_minor = money("cash from operations: the same under every book", nullable=True)
    free_cash_flow_minor = money("cash from operations less capital expenditure", nullable=True)
    cash_gap_reported_minor = money("capital expenditure less reported depreciation", nullable=True)
    cash_gap_restated_minor = money("capital expenditure less restated depreciation", nullable=True)
    called = text("what a restatement in this mode may be called")
    change_date = day("date of the change; null in a mode that has none", nullable=True)
    broken_identities = text("identities that the reported lines of the period break", nullable=True)
    losses_minor = money("losses on disposals and impairments: alternative less modelled", nullable=True)
    carried_over_minor = money("carrying amount at the end: modelled less alternative", nullable=True)
    understatement_cost_of_revenue_minor = money("understatement within cost of revenue", nullable=True)
    understatement_research_and_development_minor = money(
        "understatement within research and development", nullable=True
    )
    understatement_sales_general_admin_minor = money(
        "understatement within selling, general and administrative", nullable=True
    )
    revenue_minor = money("revenue: the same under every book", nullable=True)
    cost_of_revenue_reported_minor = money("cost of revenue as reported", nullable=True)
    cost_of_revenue_restated_minor = money("cost of revenue plus its part of the understatement", nullable=True)
    gross_profit_reported_minor = money("gross profit as reported, else revenue less cost of revenue", nullable=True)
    gross_profit_restated_minor = money("gross profit less the part in cost of revenue", nullable=True)
    research_and_development_reported_minor = money("research and development as reported", nullable=True)
    research_and_development_restated_minor = money("research and development plus its part", nullable=True)
    sales_general_admin_reported_minor = money("selling, general and administrative as reported", nullable=True)
    sales_general_admin_restated_minor = money("selling, general and administrative plus its part", nullable=True)
    gross_margin_reported_ppm = ppm("gross profit over revenue as reported")
    gross_margin_restated_ppm = ppm("gross profit over revenue restated")
    operating_margin_reported_ppm = ppm("operating income over revenue as reported")
    operating_margin_restated_ppm = ppm("operating income over revenue restated")
    net_margin_reported_ppm = ppm("net income over revenue as reported")
    net_margin_restated_ppm = ppm("net income over revenue restated")
    deferred_tax_opening_minor = money(
        "deferred tax when the period opens: a lower liability is positive", nullable=True
    )
    deferred_tax_closing_minor = money("the same when it closes: opening plus tax effect", nullable=True)
    equity_opening_change_minor = money(
        "after-tax effect of earlier periods on retained earnings; in mode retrospective the first period presented "
        "opens with it",
        nullable=True,
    )
    ppe_net_reported_minor = money("property and equipment, net, as reported", nullable=True)
    ppe_net_restated_minor = money("the same plus alternative less modelled carrying amount", nullable=True)
    equity_reported_minor = money("equity as reported", nullable=True)
    equity_restated_minor = money("the same plus the change of carrying amounts and of deferred tax", nullable=True)
    return_on_assets_reported_ppm = ppm("net income over total assets at the end, years alone")
    return_on_assets_restated_ppm = ppm("the same restated")
    return_on_capital_reported_ppm = ppm(
        "operating income less tax at the rate, over debt and equity at the end, years alone"
    )
    return_on_capital_restated_ppm = ppm("the same restated")
    interest_coverage_reported_ppm = ppm("operating income over interest expense as reported")
    interest_coverage_restated_ppm = ppm("operating income over interest expense restated")
    debt_to_ebitda_ppm = ppm(
        "debt over operating income before depreciation and amortization, years alone: by construction the same "
        "under every book"
    )
    capex_to_depreciation_reported_ppm = ppm("capital expenditure over reported depreciation")
    capex_to_depreciation_restated_ppm = ppm("capital expenditure over restated depreciation")
    capex_to_revenue_ppm = ppm("capital expenditure over revenue")
    replacement_capex_minor = money(
        "depreciation of the fleet under the alternative book: what replacing it costs", nullable=True
    )
    owner_earnings_minor = money("cash from operations less replacement of the fleet", nullable=True)
    funding_gap_minor = money(
        "capital expenditure and principal repaid, less cash from operations (which is after interest paid)",
        nullable=True,
    )
    quarters_of_cash_ppm = ppm("cash at the end over the funding gap of a quarter; null where there is no gap")


class Parts(dy.Schema):
    """Understatement of a part of a fleet, a generation or a lot, in every case and period of its life."""

    issuer = text("ticker")
    part = text("generation or lot")
    book = text("alternative book")
    mode = text("as_if, prospective, retrospective or catch_up")
    called = text("what a restatement in this mode may be called")
    change_date = day("date of the change; null in a mode that has none", nullable=True)
    bound = text("reading of an estimated cost: low, mid or high")
    period_type = text("FY or Q")
    fiscal_year = dy.Int32(nullable=False, metadata=doc("year", "fiscal year"))
    fiscal_quarter = dy.Int32(nullable=True, metadata=doc("1-4", "fiscal quarter; null for a year"))
    period_end = day("last day")
    depreciation_modelled_minor = money("depreciation under the reported book")
    depreciation_alternative_minor = money("depreciation under the alternative book")
    understatement_minor = money("alternative less modelled")
    understatement_cumulative_minor = money("sum of understatement from the first period")
    losses_minor = money("losses on disposals and impairments: alternative less modelled")
    carried_over_minor = money("carrying amount at the end: modelled less alternative")


class Books(dy.Schema):
    """Judgements as a table: one row a policy."""

    book = text("book")
    title = text("title")
    kind = text("as reported or scenario")
    issuer = text(
        "whose book it is, or, where a date of change makes it, whose reported book comes before; null for a scenario",
        nullable=True,
    )
    alternative = text("the book that applies from a date of change on; null where no date makes it", nullable=True)
    mode = text("the mode that makes it of what is reported and the alternative; null likewise", nullable=True)
    change_date = day("date of the change; null likewise", nullable=True)
    effective = day("date from which it applies; 1900-01-01 when in force before the first dated change")
    generations = text("GPU generations it is for; * is all")
    method = text("method")
    convention = text("convention")
    life_months = integer("useful life", unit="months")
    residual_rate_ppm = ppm("residual value / cost")
    source = text("where it comes from")
    note = text("what a reader should know", nullable=True)


class Issuers(dy.Schema):
    """Entities with statements."""

    issuer = text("ticker")
    name = text("name")
    currency = text("ISO 4217 code")
    fiscal_year_end_month = integer("last month of the fiscal year", unit="1-12")
    book = text("book that stands for what it reports")
