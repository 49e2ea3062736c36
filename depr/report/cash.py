"""Tables of cash: what is spent on equipment beside what is charged for it, and what operations leave after it."""

from __future__ import annotations

from collections.abc import Iterator

from depr.report.facts import Life
from depr.report.lines import Lines, known, life_label, ratio
from depr.report.tables import Group, Row, Table
from depr.report.words import Words

OWNER = Words(
    "Replacing the fleet is taken to cost its depreciation under the life; owner earnings are cash from operations "
    "less that."
)
FUNDING = Words("Funding gap: capital expenditure and principal repaid, less cash from operations, after interest.")
LASTING = Words("Quarters of cash: cash at the end over the gap of a quarter.")


class Cash(Lines):
    """Builds the tables of cash of one issuer."""

    def gap(self) -> Table:
        """Capital expenditure less depreciation, as reported and under each life."""
        rows = (
            self.row(Words("Capital expenditure"), "capex_minor", symbol=True, swatch="capex"),
            self.row(Words("Depreciation, reported"), "depreciation_reported_minor", swatch="reported"),
            self.gap_row(None),
        )
        restated = [line for life in self.facts.lives for line in (self.charged(life), self.gap_row(life))]
        return Table(
            id="gap",
            caption=Words("Cash gap: capital expenditure less depreciation"),
            units=self.money.units(),
            columns=self.columns,
            groups=(Group(rows), Group(tuple(restated))),
            notes=self.depreciation(),
        )

    def charged(self, life: Life) -> Row:
        """Depreciation under a life."""
        label = Words("Depreciation, %(years)s-year", {"years": life.years})
        return self.row(label, "depreciation_restated_minor", life, swatch=life.mark)

    def gap_row(self, life: Life | None) -> Row:
        """The gap as reported, or under a life, footed here."""
        kind = "restated" if life else "reported"
        label = Words("Cash gap, %(years)s-year", {"years": life.years}) if life else Words("Cash gap, reported")
        gap = f"cash_gap_{kind}_minor"
        ticks = self.summed("F", gap, {"capex_minor": 1, f"depreciation_{kind}_minor": -1}, life)
        return self.row(label, gap, life, kind="total", ticks=ticks)

    def flows(self) -> Table:
        """Free cash flow, owner earnings, capital expenditure to depreciation, and the funding gap where known."""
        free = {"cash_from_operations_minor": 1, "capex_minor": -1}
        operations = (
            self.row(Words("Cash from operations"), "cash_from_operations_minor", symbol=True),
            self.row(Words("Capital expenditure"), "capex_minor"),
            self.row(
                Words("Free cash flow"),
                "free_cash_flow_minor",
                kind="total",
                ticks=self.summed("F", "free_cash_flow_minor", free),
            ),
        )
        funding = tuple(self.funding())
        return Table(
            id="flows",
            caption=Words("Cash after equipment"),
            units=Words("%(currency)s millions, except ratios", {"currency": self.money.currency}),
            columns=self.columns,
            groups=(
                Group(operations, Words("The same under every life")),
                Group(tuple(self.under_each("replacement_capex_minor", self.money.show)), Words("Replacing the fleet")),
                Group(tuple(map(self.owner_row, self.facts.lives)), Words("Owner earnings")),
                Group(tuple(self.to_depreciation()), Words("Capital expenditure to depreciation")),
                *((Group(funding, Words("Funding gap")),) if funding else ()),
            ),
            notes=(OWNER, *((FUNDING, LASTING) if funding else ())),
        )

    def owner_row(self, life: Life) -> Row:
        """Owner earnings under a life, recomputed here from the depreciation of the fleet."""
        parts = {"cash_from_operations_minor": 1, "replacement_capex_minor": -1}
        ticks = self.summed("F", "owner_earnings_minor", parts, life)
        return self.row(life_label(life), "owner_earnings_minor", life, ticks=ticks)

    def to_depreciation(self) -> Iterator[Row]:
        """Capital expenditure over depreciation, as reported and under each life."""
        over = Words("Over depreciation reported")
        yield self.row(over, "capex_to_depreciation_reported_ppm", show=ratio)
        yield from self.under_each("capex_to_depreciation_restated_ppm", ratio)

    def funding(self) -> Iterator[Row]:
        """The funding gap and how long cash lasts, where any of it is known; the same under every life."""
        gap = self.row(Words("Funding gap"), "funding_gap_minor")
        lasting = self.row(Words("Quarters of cash"), "quarters_of_cash_ppm", show=ratio)
        yield from (row for row in (gap, lasting) if known((row,)))
