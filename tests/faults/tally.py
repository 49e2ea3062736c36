"""What a fault did: how often it was tried, what was lost or torn, how often it was noticed."""

from __future__ import annotations

from dataclasses import dataclass, field

TOLD = 600
"""Characters of what went wrong."""


@dataclass
class Tally:
    """One row of the table of faults. `noticed` is None where there is nothing to notice."""

    fault: str
    how: str
    trials: int = 0
    lost: int = 0
    torn: int = 0
    noticed: int | None = None
    wrong: list[str] = field(default_factory=list)

    def must(self, holds: bool, what: str, *, lost: bool = False, torn: bool = False) -> bool:
        """Notes what went wrong when something does not hold; whether it does."""
        if not holds:
            self.wrong.append(what if len(what) <= TOLD else f"{what[: TOLD // 2]} ... {what[-TOLD // 2 :]}")
            self.lost, self.torn = self.lost + lost, self.torn + torn
        return holds

    def notice(self, seen: bool, what: str) -> None:
        """One trial of a fault that has to be noticed."""
        self.trials += 1
        self.noticed = (self.noticed or 0) + seen
        self.must(seen, what)

    def prove(self) -> None:
        """Fails with the first things that went wrong, or when nothing was tried."""
        assert self.trials, f"{self.fault}: nothing was tried"
        assert not self.wrong, "\n".join([f"{self.fault}: {len(self.wrong)} wrong", *self.wrong[:20]])
