"""What the page of each issuer sets its finding beside: more lives, other assumptions, peers, the backtest.

Every figure is one that the engine restated: half-years of life from one to ten, and the months around the life at
which the effect reaches the share of income that is first looked at. Nothing is interpolated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import polars as pl

from depr import share
from depr.books.book import ALL, Assumption, Book
from depr.books.issuers import DEFAULT, Issuer
from depr.books.modes import MODES, Case
from depr.contract import CHANGE_KINDS, Lots
from depr.datasets import MONTHS_TO_SERVICE, SERVER_COST
from depr.evidence.materiality import MISSTATEMENT, Screen, parse_screen
from depr.evidence.retirements import retirement_lives
from depr.evidence.survival import ages
from depr.intake import find_book, issuers, read_assumptions, read_book, read_toml
from depr.intake.forms.derived import derivation
from depr.kernel.rounding import multiply_divide
from depr.ledger.known import Known
from depr.pipeline import Restatement, restate_fleets
from depr.report.inputs import ALL_ASSUMPTIONS, Beside, Peer, Retired, Tested

SHORTEST = 12
HALF_YEARS = tuple(range(SHORTEST, 121, 6))
"""The lives from one year to ten, in months."""

YEARS = HALF_YEARS[::2]

NOTHING_FITTED = "nothing fitted, sourced bases, all scopes"
"""The score of the backtest that is like a page: nothing of the answer went into the model."""

PPM = 10**6


@dataclass(frozen=True)
class Engine:
    """The restatement of some issuers, for their last fiscal year, in the case that their pages show."""

    whose: Sequence[tuple[Issuer, Book]]
    last: Mapping[str, int]
    case: Case
    statements: pl.DataFrame
    events: pl.DataFrame
    schedules: Path | None

    def under(self, lots: pl.DataFrame, lives: Sequence[int], tax: str = DEFAULT, **judged: Any) -> pl.DataFrame:
        """Lots under lives in months: contract.Restated of the last fiscal year of each issuer, with `life_months`.

        `judged` is what its policies have otherwise: a method, a residual value.
        """
        books = {months: otherwise(find_book(f"{months}m", self.schedules), judged) for months in lives}
        years = (min(self.last.values()), max(self.last.values()))
        dates = (self.case.change,) if self.case.change else ()
        options: dict[str, Any] = {"modes": (self.case.mode.name,), "changes_on": dates, "years": years, "tax": tax}
        made = restate_fleets(lots, self.statements, self.whose, list(books.values()), events=self.events, **options)
        parts = [each.restated.filter(period_type="FY", fiscal_year=self.last[each.issuer.id]) for each in made]
        of_case = {case.book.id: case.alternative.id for each in made for case in each.cases}
        lasting = {book: months for months, own in books.items() for book, of in of_case.items() if of == own.id}
        return pl.concat(parts).with_columns(life_months=pl.col("book").replace_strict(lasting, return_dtype=pl.Int32))


def otherwise(book: Book, judged: Mapping[str, Any]) -> Book:
    """A book whose policies have something else."""
    policies = tuple(policy.model_copy(update=dict(judged)) for policy in book.policy)
    return book.model_copy(update={"policy": policies})


def beside(
    facts: Known, done: Sequence[Restatement], statements: pl.DataFrame, schedules: Path | None
) -> dict[str, Beside]:
    """By issuer, what its page sets its finding beside; nothing for one without a restated year."""
    shown = [each for each in done if not each.restated.filter(period_type="FY").is_empty()]
    if not shown:
        return {}
    engine = of_last_year(facts, shown, statements, schedules)
    screen = parse_screen(read_toml(share.schedule_file("materiality.toml", schedules)))
    looked_at = next(entry for entry in screen.threshold if entry.line == "pretax_income")
    lots = facts.lots.filter(pl.col("issuer").is_in(list(engine.last)))
    lives = engine.under(lots, HALF_YEARS)
    if between := around(lives, screen):
        lives = pl.concat([lives, engine.under(lots, between)])
    tracks = [each.alternative.track(ALL) for each in shown[0].cases]
    compared = sorted({track[-1].life_months for track in tracks if track and track[-1].life_months})
    parts = [*judged_otherwise(engine, lots, compared), under_assumptions(engine, facts, lots, compared)]
    assumed = pl.concat(parts)
    filers = [(issuer, read_book(issuer.book, schedules)) for _, issuer in sorted(issuers(schedules).items())]
    return {
        name: Beside(
            lives=lives.filter(issuer=name).sort("life_months", "bound"),
            assumed=assumed.filter(issuer=name),
            peers=tuple(peers_of(name, last_day(shown, name), filers)),
            retired=retired(),
            tested=tested(),
            share_ppm=int(looked_at.share * PPM),
            share_source=looked_at.source,
        )
        for name in engine.last
    }


def of_last_year(
    facts: Known, shown: Sequence[Restatement], statements: pl.DataFrame, schedules: Path | None
) -> Engine:
    """The engine for the last fiscal year of each issuer, in the first of the cases that were asked for."""
    last = {each.issuer.id: max(each.restated.filter(period_type="FY")["fiscal_year"].to_list()) for each in shown}
    case = min(shown[0].cases, key=lambda own: (list(MODES).index(own.mode.name), own.change or date.min))
    of_last = [(pl.col("issuer") == name) & (pl.col("fiscal_year") == year) for name, year in last.items()]
    whose = [(each.issuer, each.reported) for each in shown]
    return Engine(whose, last, case, statements.filter(pl.any_horizontal(of_last)), facts.events, schedules)


def last_day(shown: Sequence[Restatement], name: str) -> date:
    """The last day of the last fiscal year restated of an issuer."""
    [own] = [each.restated for each in shown if each.issuer.id == name]
    days: list[date] = own["period_end"].to_list()
    return max(days)


def around(lives: pl.DataFrame, screen: Screen) -> list[int]:
    """Months within the half-years between which the effect comes to the share of income, and a year below them."""
    income = pl.col("pretax_income_reported_minor")
    reaches = screen.above(MISSTATEMENT, income, "pretax_income") & (MISSTATEMENT > 0)
    known = lives.filter(pl.col("bound") == "mid", income.is_not_null()).select(
        "issuer", "life_months", reaches=reaches
    )
    found: set[int] = set()
    for (_,), own in known.sort("life_months").group_by("issuer", maintain_order=True):
        for (shorter, above), (longer, later) in pairwise(own.select("life_months", "reaches").rows()):
            if above and not later:
                found |= {month - less for month in range(shorter, longer + 1) for less in (0, 12)}
    return sorted(month for month in found - set(HALF_YEARS) if month >= SHORTEST)


def judged_otherwise(engine: Engine, lots: pl.DataFrame, compared: Sequence[int]) -> Iterator[pl.DataFrame]:
    """The lives compared at the effective rate of tax, with a residual value of a tenth, by an accelerated method."""
    for name, end, options in (
        ("tax_rate", "effective", {"tax": "effective"}),
        ("residual_value", "high", {"residual_rate": Fraction(1, 10)}),
        ("method", "accelerated", {"method": "sum_of_years_digits"}),
    ):
        made = engine.under(lots, compared, **options)
        yield made.with_columns(assumption=pl.lit(name), end=pl.lit(end))


def under_assumptions(engine: Engine, facts: Known, lots: pl.DataFrame, compared: Sequence[int]) -> pl.DataFrame:
    """Lives compared under the ends of each assumption that lots rest on, whole years under those of all; else empty.

    Only lots whose cost is derived in words that can be read back are taken to other assumptions, and only where
    nothing befell them that has a date or an amount of its own.
    """
    values = read_assumptions(share.schedule_file("assumptions.toml", engine.schedules))
    bought = facts.events.filter(kind="acquisition").select("lot_id", "reason").rows()
    multipliers = {lot: found.multiplier for lot, reason in bought if (found := derivation(reason))}
    changed = facts.events.filter(pl.col("kind").is_in(CHANGE_KINDS)).select("lot_id")
    plain = lots.filter(pl.col("lot_id").is_in(list(multipliers))).join(changed, on="lot_id", how="anti")
    others = lots.join(plain.select("issuer"), on="issuer", how="semi")
    if plain.is_empty() or plain.height != others.height or not {SERVER_COST, MONTHS_TO_SERVICE} <= values.keys():
        return engine.under(lots, (SHORTEST,)).clear().with_columns(assumption=pl.lit(""), end=pl.lit(""))
    parts = []
    for name, end, cost, delay in ends_of(values[SERVER_COST], values[MONTHS_TO_SERVICE]):
        moved = elsewhere(plain, multipliers, cost, delay - int(values[MONTHS_TO_SERVICE].value))
        made = engine.under(moved, YEARS if name == ALL_ASSUMPTIONS else compared)
        parts.append(made.with_columns(assumption=pl.lit(name), end=pl.lit(end)))
    return pl.concat(parts)


def ends_of(cost: Assumption, delay: Assumption) -> Iterator[tuple[str, str, Fraction, int]]:
    """What to restate under: the name and the end, the multiple of the server, the months to service."""
    for end in ("low", "high"):
        yield cost.key, end, getattr(cost, end), int(delay.value)
        yield delay.key, end, cost.value, int(getattr(delay, end))
    for one, other in product(("low", "high"), repeat=2):
        yield ALL_ASSUMPTIONS, f"{one} {other}", getattr(cost, one), int(getattr(delay, other))


def elsewhere(lots: pl.DataFrame, multipliers: Mapping[str, Fraction], cost: Fraction, months: int) -> pl.DataFrame:
    """Lots as another multiple of the server makes their costs, in service so many months later; half to even."""
    named = [multipliers[lot] for lot in lots["lot_id"]]
    over = pl.Series("over", [cost.numerator * each.denominator for each in named], pl.Int64)
    under = pl.Series("under", [cost.denominator * each.numerator for each in named], pl.Int64)
    costs = ("cost_minor", "cost_low_minor", "cost_high_minor")
    moved = lots.with_columns(over, under).with_columns(
        *(multiply_divide(pl.col(name), pl.col("over"), pl.col("under")).alias(name) for name in costs),
        in_service_date=pl.max_horizontal(pl.col("in_service_date").dt.offset_by(f"{months}mo"), "purchase_date"),
    )
    return Lots.validate(moved.drop("over", "under"), cast=True)


def peers_of(name: str, day: date, filers: Sequence[tuple[Issuer, Book]]) -> Iterator[Peer]:
    """The lives by which other issuers report on a day, where they use one for all generations."""
    for issuer, book in filers:
        begun = [policy for policy in book.track(ALL) if policy.effective <= day]
        if issuer.id != name and begun and begun[-1].life_months:
            yield Peer(issuer.id, issuer.short or issuer.name, begun[-1].life_months)


@cache
def retired() -> tuple[Retired, ...]:
    """Families of machines that clouds and laboratories took out of service, with their ages."""
    aged, _ = ages(retirement_lives()[0])
    rows = aged.filter("retired").sort("lot").select("lot", "generation", "duration_days").rows()
    return tuple(Retired(*row) for row in rows)


@cache
def tested() -> Tested | None:
    """The backtest of the disclosures that ship, where nothing was fitted: its score, and the predictions scored."""
    from depr.backtest.run import backtest
    from depr.backtest.scores import score

    rows = backtest()
    scored = score(rows).filter(predictions=NOTHING_FITTED)
    if scored.is_empty():
        return None
    [found] = scored.to_dicts()
    own = rows.filter(pl.col("sample") == "none", pl.col("relative_error_ppm").is_not_null())
    return Tested(found["count"], found["median_error_ppm"], found["within_range_ppm"], own)
