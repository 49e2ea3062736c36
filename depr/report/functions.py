"""The understatement by function: what of it belongs to cost of revenue, to research and to administration."""

from __future__ import annotations

from depr.report.lines import FUNCTIONS, REPORTED, Lines, caption, known
from depr.report.tables import Group, Table
from depr.report.words import Words

SPLIT = Words("The shares of the functions and their source stand under Sources, Function.")
LOSSES_APART = Words("Losses on disposals and impairments are not split.")


class Functions(Lines):
    """Builds the table of functions of one issuer, under the focus life."""

    def table(self) -> Table:
        """The part of each function, which add up, and each function that has one as reported and restated."""
        focus = self.facts.focus
        parts = {name: f"understatement_{name}_minor" for name in FUNCTIONS}
        split = [
            self.row(caption(self.facts, name), parts[name], focus, symbol=place == 0)
            for place, name in enumerate(FUNCTIONS)
        ]
        whole = self.row(
            Words("Understatement"),
            "understatement_minor",
            focus,
            kind="grand",
            ticks=self.summed("F", "understatement_minor", dict.fromkeys(parts.values(), 1), focus),
        )
        stated = [self.function(name, part) for name, part in parts.items() if any(self.yearly(part, focus))]
        return Table(
            id="functions",
            caption=Words("Understatement by function, %(years)s-year life", {"years": focus.years}),
            units=self.money.units(),
            columns=self.columns,
            groups=(Group((*split, whole)), *(group for group in stated if known(group.rows))),
            notes=(SPLIT, LOSSES_APART) if self.loses else (SPLIT,),
        )

    def function(self, name: str, part: str) -> Group:
        """A function of the statement as reported, and with its part."""
        column = f"{name}_restated_minor"
        focus = self.facts.focus
        ticks = self.summed("R", column, {f"{name}_reported_minor": 1, part: 1}, focus)
        reported = self.row(REPORTED, f"{name}_reported_minor", symbol=True)
        return Group((reported, self.row(Words("Restated"), column, focus, ticks=ticks)), caption(self.facts, name))
