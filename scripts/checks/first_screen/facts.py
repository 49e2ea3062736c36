"""An issuer from files: purchases, statements, books, and the schedules that follow from them."""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.oracle import Asset, Rule, half_even, schedule

ROOT = Path(__file__).resolve().parents[3]
YEARS = range(2022, 2026)
LIVES = ("6", "3", "1")
BOUNDS = ("low", "mid", "high")
COSTS = {"low": "cost_low", "mid": "cost", "high": "cost_high"}
PRINTED = ("reported", "extract of the earnings release", "quoted", "copy of SEC companyfacts", "us-gaap:")
CAME = {0: "as reported", 1: "derived from what is reported", 2: "as a vendor gives it"}
LINES = ("depreciation_of_ppe", "depreciation_and_amortization")
UNITS = {"USD millions": 10**8, "millions of shares": 10**6, "USD per share": 10**6}

Row = dict[str, str]


def table(path: Path) -> list[Row]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cents(text: str) -> int:
    """US dollars in cents."""
    return int(Decimal(text) * 100)


@dataclass(frozen=True)
class Filer:
    """An issuer with its purchases and statements."""

    folder: Path
    name: str

    @cached_property
    def issuer(self) -> dict[str, Any]:
        return tomllib.loads((ROOT / "schedules" / "issuers" / f"{self.name}.toml").read_text("utf-8"))

    @cached_property
    def lots(self) -> list[Row]:
        return table(self.folder / "purchases" / f"{self.name}.csv")

    @cached_property
    def left(self) -> int:
        """Units without a price."""
        path = self.folder / "unpriced" / f"{self.name}-unpriced.csv"
        return sum(int(row["units"]) for row in table(path)) if path.exists() else 0

    def rules(self, book: str) -> list[Rule]:
        """The dated lives of a book."""
        told = tomllib.loads((ROOT / "schedules" / "books" / f"{book}.toml").read_text("utf-8"))
        return [
            Rule(p["life_months"], p["method"], p["convention"])
            if p["effective"] == "opening"
            else Rule(p["life_months"], p["method"], p["convention"], p["effective"])
            for p in told["policy"]
        ]

    def charges(self, book: str, bound: str) -> dict[int, int]:
        """Depreciation of each fiscal year."""
        end, rules, found = self.issuer["fiscal_year_end_month"], self.rules(book), dict[int, int]()
        for row in self.lots:
            asset = Asset(cents(row[COSTS[bound]]), date.fromisoformat(row["in_service_date"]))
            for year, month, charge, _ in schedule(asset, rules, end):
                fiscal = year + (month > end)
                found[fiscal] = found.get(fiscal, 0) + charge
        return found

    @cached_property
    def understated(self) -> dict[tuple[str, str, int], int]:
        """Life, bound, fiscal year -> depreciation under the life less that under the reported book."""
        own = {bound: self.charges(self.issuer["book"], bound) for bound in BOUNDS}
        return {
            (life, bound, year): other.get(year, 0) - own[bound].get(year, 0)
            for life in LIVES
            for bound in BOUNDS
            for other in [self.charges(f"life-{life}y", bound)]
            for year in YEARS
        }

    @cached_property
    def cells(self) -> dict[tuple[int, str], Row]:
        """Fiscal year, line -> the cell of a statement."""
        rows = table(ROOT / "depr" / "datasets" / "statements.csv")
        own = [row for row in rows if row["issuer"] == self.issuer["id"] and row["period_type"] == "FY"]
        return {(int(row["fiscal_year"]), row["line"].removesuffix("_m")): row for row in own}

    @cached_property
    def years(self) -> list[int]:
        """Fiscal years with a statement, from that of the first purchase on."""
        end = self.issuer["fiscal_year_end_month"]
        first = min(date.fromisoformat(row["purchase_date"]) for row in self.lots)
        start = first.year + (first.month > end)
        return [year for year in YEARS if year >= start and any(key[0] == year for key in self.cells)]

    @cached_property
    def depreciation(self) -> str:
        """The line that more years have."""
        counts = {line: sum(key[1] == line for key in self.cells) for line in LINES}
        own, wide = counts.values()
        return LINES[0] if own >= wide and own else LINES[1]

    def line(self, name: str) -> int | None:
        """A line of the last year in whole numbers."""
        cell = self.cells.get((self.years[-1], self.depreciation if name == "depreciation" else name))
        return None if cell is None else int(Fraction(cell["value"]) * UNITS[cell["unit"]])

    def came(self, *names: str) -> str:
        """How a figure of the last year came: as the worst of the lines it is made of."""
        lines = [self.depreciation if name == "depreciation" else name for name in names]
        said = [self.cells[self.years[-1], line]["basis"] for line in lines if (self.years[-1], line) in self.cells]
        ranks = [
            0 if text.startswith(PRINTED) else 2 if text.startswith(("vendor", "third-party")) else 1 for text in said
        ]
        return CAME[max(ranks)]

    @cached_property
    def rate(self) -> Fraction:
        """The tax rate at the end of the last year: none under an allowance, else the statutory one."""
        rates = self.issuer["tax_rate"]
        kind = "allowance" if any(rate["kind"] == "allowance" for rate in rates) else "statutory"
        year, month = self.years[-1], self.issuer["fiscal_year_end_month"]
        own = sorted((rate for rate in rates if rate["kind"] == kind), key=lambda rate: rate["effective"])
        begun = [rate for rate in own if (rate["effective"].year, rate["effective"].month) <= (year, month)]
        return Fraction((begun or own)[-1 if begun else 0]["rate"])

    @cached_property
    def own_life(self) -> int:
        """The life of the reported book at the end of the last year, in months."""
        end = date(self.years[-1] + (self.issuer["fiscal_year_end_month"] == 12), 1, 1)
        return [rule for rule in self.rules(self.issuer["book"]) if rule.effective < end][-1].life_months

    @cached_property
    def every_life(self) -> dict[int, int]:
        """Life in months -> depreciation of the last year under it less that under the reported book."""
        end = self.issuer["fiscal_year_end_month"]
        own = self.charges(self.issuer["book"], "mid").get(self.years[-1], 0)
        found = {}
        for months in range(12, 121):
            charged = 0
            for row in self.lots:
                asset = Asset(cents(row["cost"]), date.fromisoformat(row["in_service_date"]))
                parts = schedule(asset, [Rule(months)], end)
                charged += sum(c for year, month, c, _ in parts if year + (month > end) == self.years[-1])
            found[months] = charged - own
        return found

    def income(self, more: int) -> tuple[int, int] | None:
        """Net income of the last year as reported, and with so much more depreciation."""
        net = self.line("net_income")
        if net is None:
            return None
        ppm = half_even(self.rate.numerator * 10**6, self.rate.denominator)
        return net, net - more + half_even(more * ppm, 10**6)

    def earnings(self, more: int) -> tuple[int | None, int | None]:
        """Diluted earnings per share of the last year as reported, and with more depreciation, in millionths."""
        printed, both = self.line("eps_diluted"), self.income(more)
        if both is None:
            return printed, None
        net, after = both
        common = self.line("net_income_to_common")
        before = net if common is None else common
        after += before - net
        if before == after and printed is not None:
            return printed, printed
        shares = {kind: self.line(f"{kind}_shares") for kind in ("basic", "diluted")}
        kind = "basic" if after < 0 else "diluted"
        count, base = shares[kind], self.line(f"eps_{kind}")
        if not count:
            return printed, None
        change = half_even((after - before) * 10**6, count * 100)
        if base is not None and abs(change) < abs(base - half_even(before * 10**6, count * 100)):
            return printed, base + change  # a change that is less than what the figure was rounded by
        if base is not None and not self.follows(kind, before, count, base):
            return printed, base + change
        return printed, half_even(after * 10**6, count * 100)

    def follows(self, kind: str, income: int, shares: int, micro: int) -> bool:
        """Whether earnings per share are income / shares within what each is rounded by."""
        loose = [
            self.rounding(name)
            for name in ("net_income_to_common" if self.line("net_income_to_common") is not None else "net_income",
                         f"{kind}_shares", f"eps_{kind}")
        ]  # fmt: skip
        ends = [Fraction(income + a * loose[0], (shares + b * loose[1]) * 100) for a in (-1, 1) for b in (-1, 1)]
        given, slack = Fraction(micro, 10**6), loose[2] / 10**6
        return min(ends) - slack <= given <= max(ends) + slack

    def rounding(self, name: str) -> Fraction:
        """Half of the last digit in which a line is given; of earnings per share at least half a cent."""
        cell = self.cells[self.years[-1], name]
        places = -int(Decimal(cell["value"]).as_tuple().exponent)
        half = Fraction(UNITS[cell["unit"]], 2 * 10 ** max(places, 0))
        return max(half, Fraction(5_000)) if name.startswith("eps") else half


def tied(filer: Filer) -> Iterator[str]:
    """Lots whose parts do not make their cost, or do not lie in the file that they name."""
    for row in filer.lots:
        path = filer.folder / "upstream" / row["upstream_file"]
        if hashlib.sha256(path.read_bytes()).hexdigest() != row["upstream_sha256"]:
            yield f"{row['lot_id']}: {path} has another hash"
        source = table(path)[int(row["upstream_row"]) - 2]
        exact = int(row["units"]) * Fraction(row["unit_price"]) * Fraction(row["multiplier"]) * 100
        if source["units"] != row["units"] or half_even(exact.numerator, exact.denominator) != cents(row["cost"]):
            yield f"{row['lot_id']}: cost is not units x unit price x multiplier of {path.name}:{row['upstream_row']}"
