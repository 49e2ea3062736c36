"""The backtest: what filers said a change of life did, against what the vintages of their statements say.

    model = scale x effect(vintages, lives)

The scale is 1 unless a row says that it comes from another disclosure of the issuer. It is the only thing that is
ever fitted, and never on the figure that is predicted, except in the sample `in`, which is named so. The rule that
stands without a scale (the class takes its share of retirements) holds no number of its own, but was settled with the
shipped disclosures in view; disclosures that are not shipped are the fairer test (`depr backtest --cases FILE`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product
from statistics import median
from typing import Any

import dataframely as dy
import polars as pl

from depr.backtest.disclosures import Disclosure, Step, begins
from depr.backtest.life_changes import Carried, Path, Range, carried_effect, even, path, variants
from depr.backtest.rows import Prediction, Shares, compared, row
from depr.backtest.vintages import Vintage, Year, vintages
from depr.books.issuers import Issuer
from depr.contract.backtest import Backtest
from depr.kernel.curves import MONTHS_PER_YEAR

NAMED = "the assets are named ones whose carrying amount is not disclosed"
SPENT = "both lives end within the period, so its effect takes back that of the periods before"
PART = "only a part of the class is meant, of a size that is not disclosed"


@dataclass(frozen=True)
class Evidence:
    """What is known besides the disclosures: lives before, balances by issuer and class, statutory rates, shares."""

    lives: Sequence[Disclosure] = ()
    years: Mapping[tuple[str, str], Sequence[Year]] = field(default_factory=dict)
    issuers: Mapping[str, Issuer] = field(default_factory=dict)
    shares: Mapping[tuple[str, int], Shares] = field(default_factory=dict)


@dataclass(frozen=True)
class Model:
    """The paths of one change: its vintages under the lives as stated, then under the ends of their ranges."""

    paths: tuple[Path, ...]
    found: tuple[Vintage, ...]
    steps: tuple[Step, ...]
    sourced: bool
    inputs: str

    def effect(self, disclosure: Disclosure) -> Range:
        """Effect in the window of a disclosure on its measure, before tax, with the ends over vintages and lives.

        A scope that is not stated is A, its far end B.
        """
        assert disclosure.window is not None
        scopes = ("A", "B") if disclosure.scope == "not stated" else (disclosure.scope,)
        all_of = [each.effect(disclosure.window, scope) for each in self.paths for scope in scopes]
        sign = -1 if disclosure.measure == "net_income" else 1
        ends = [sign * end for each in all_of for end in each]
        return Range(min(ends), sign * all_of[0].mid, max(ends))


def backtest(
    disclosures: Sequence[Disclosure], evidence: Evidence, shown: Sequence[Disclosure] | None = None
) -> dy.DataFrame[Backtest]:
    """Every prediction of every disclosure in `shown` (all of `disclosures`, when None), each a row of the table.

    `disclosures` calibrate each other. What cannot be predicted is one row without a figure, with the reason.
    """
    tester = _Tester(disclosures, evidence)
    rows = [
        row(
            made,
            evidence.issuers,
            evidence.shares.get((each.issuer, each.window.fiscal_year if each.window else 0), (None, None)),
        )
        for each in (disclosures if shown is None else shown)
        for made in tester.predictions(each)
    ]
    types = {name: column.dtype for name, column in Backtest.columns().items()}
    return Backtest.validate(pl.DataFrame(rows, schema=types))


class _Tester:
    """Models each change once, and predicts a disclosure in every way that the issuer's other disclosures allow."""

    def __init__(self, disclosures: Sequence[Disclosure], evidence: Evidence) -> None:
        self.disclosures = disclosures
        self.evidence = evidence
        self._models: dict[tuple[Any, ...], Model] = {}

    def predictions(self, each: Disclosure) -> Iterator[Prediction]:
        if each.amounts.get("carrying_amount") and each.remaining and each.window:
            yield self._carrying(each)
            return
        why = self._lacks(each)
        if why:
            yield Prediction(each, "none", why=why)
            return
        model = self._model(each)
        others = self._others(each, model)
        made = self._plain(each, model)
        if made.effect or not others:
            yield made
        yield from (self._scaled(made, model, other) for other in others)
        if others and compared(each) and made.unscaled:
            yield self._in_sample(made, model, others)

    def _carrying(self, each: Disclosure) -> Prediction:
        """The disclosed carrying amount over the remaining lives; amounts of the case at other dates are used too."""
        assert each.window
        assert each.effective
        assert each.remaining
        first = begins(each.effective, each.calendar)
        known = {
            max(d.window.first, first): amount
            for d in self.disclosures
            if d.case_id == each.case_id and d.window and (amount := d.amounts.get("carrying_amount"))
        }
        opens = max(each.window.first, first)
        closes = each.window.last + 1
        start = known[min(known)]
        carried = Carried(start, min(known), *each.remaining, known[opens], known.get(closes))
        effect = carried_effect(carried, each.window)
        ending = max(each.remaining) + min(known) <= closes
        given = compared(each)
        off = given and not effect.low - given.half <= given.value <= effect.high + given.half
        return Prediction(
            each,
            "carrying",
            effect,
            why=SPENT if off and ending else "",
            rounding=max(effect.high - effect.mid, effect.mid - effect.low),
            carrying=known[opens].value,
            lives=each.remaining,
            inputs="disclosed carrying amounts and remaining lives",
        )

    def _lacks(self, each: Disclosure) -> str:
        if each.scope == "C":
            return NAMED
        if each.lacks:
            return "; ".join(each.lacks)
        return "" if each.steps else "no change of life can be dated"

    def _model(self, each: Disclosure) -> Model:
        key = (each.issuer, each.kind, each.steps)
        if key not in self._models:
            history = self._history(each)
            longest = max(step.old.high for step in (*history, *each.steps))
            whole_years = -(-longest // MONTHS_PER_YEAR)
            first = begins(each.steps[0].effective, each.calendar)
            years = self.evidence.years.get((each.issuer, each.kind), ())
            known = any(y.class_gross and y.fiscal_year < each.calendar.year_of(first) for y in years)
            found = vintages(years, each.calendar, whole_years) if known else []
            fleet = found or even(first, whole_years, each.calendar)
            paths = tuple(path(fleet, history, steps, each.calendar) for steps in variants(each.steps))
            base = f"vintages of {each.kind} from reported balances" if found else "a steady fleet of unknown size"
            before = f", lives before by {', '.join(str(s.effective) for s in history)}" if history else ""
            self._models[key] = Model(paths, tuple(fleet), each.steps, bool(found), f"{base}, stated lives{before}")
        return self._models[key]

    def _history(self, each: Disclosure) -> list[Step]:
        """Changes of the class before this one, in order, each once."""
        same = [d for d in (*self.evidence.lives, *self.disclosures) if (d.issuer, d.kind) == (each.issuer, each.kind)]
        steps = {step.effective: step for d in same if not d.part for step in d.steps}
        return [steps[day] for day in sorted(steps) if day < each.steps[0].effective]

    def _plain(self, each: Disclosure, model: Model) -> Prediction:
        """The prediction that nothing is fitted for."""
        assert each.window is not None
        why = self._unscaled(each, model)
        effect = model.effect(each)
        inputs = model.inputs
        unscaled = effect.mid
        carried = each.amounts.get("carrying_amount")
        if carried and model.paths[0].carrying:
            scale = Fraction(carried.value, model.paths[0].carrying)
            effect = Range(*(round(scale * end) for end in effect))
            why = ""
            inputs = f"{inputs}, of the disclosed carrying amount"
        if each.measure == "net_income" and not why and each.issuer in self.evidence.issuers:
            keep = 1 - self.evidence.issuers[each.issuer].tax(each.steps[0].effective, "statutory").rate
            effect = Range(*(round(end * keep) for end in effect))
        return Prediction(
            each,
            "none",
            None if why else effect,
            why,
            unscaled=unscaled,
            carrying=carried.value if carried else model.paths[0].carrying if model.sourced else None,
            without=model.paths[0].without(each.window, each.scope).mid if model.sourced else None,
            lives=(each.steps[0].old.months, each.steps[-1].new.months),
            sourced=model.sourced,
            inputs=inputs,
        )

    def _unscaled(self, each: Disclosure, model: Model) -> str:
        """Why nothing can be said without a scale."""
        if not model.sourced:
            return f"no asset base of {each.issuer or each.company} for this class is sourced"
        if each.part:
            return PART
        if each.measure == "net_income" and each.issuer not in self.evidence.issuers:
            return f"no tax rate of {each.issuer} is sourced"
        return self._unserved(each, model)

    def _unserved(self, each: Disclosure, model: Model) -> str:
        assert each.window is not None
        last = max(begins(v.in_service, each.calendar) for v in model.found)
        return "additions of the period are not sourced" if each.scope == "B" and last < each.window.last - 2 else ""

    def _others(self, each: Disclosure, model: Model) -> list[Disclosure]:
        """Disclosures that can give the scale: of the issuer and class, on a like measure, and not the same figure.

        Where the base is unknown or the class is a part of unknown size, a scale says nothing of another change.
        """
        like = each.measure == "net_income"
        bound = each.part or not model.sourced or self._unserved(each, model)
        out: dict[tuple[Any, ...], Disclosure] = {}
        for d in sorted(self.disclosures, key=lambda d: bool(d.window and d.window.guided)):
            usable = d is not each and not self._lacks(d) and d.window and compared(d) and not d.remaining
            same_class = (d.issuer, d.kind) == (each.issuer, each.kind) and (d.case_id == each.case_id or not bound)
            parts = d.case_id == each.case_id or not d.part
            if usable and same_class and parts and (d.measure == "net_income") == like and figure(d) != figure(each):
                out.setdefault(figure(d), d)
        return [d for d in out.values() if self._model(d).effect(d).mid]

    def _scale(self, other: Disclosure) -> Fraction:
        known = compared(other)
        assert known is not None
        return Fraction(known.value, self._model(other).effect(other).mid)

    def _scaled(self, made: Prediction, model: Model, other: Disclosure) -> Prediction:
        """The prediction times what another disclosure says of the model.

        Figures of one change share their vintages, so each end goes with the same end of the other; those of different
        changes need not share them, so every end goes with every end.
        """
        effect = model.effect(made.disclosure)
        theirs = self._model(other).effect(other)
        known = compared(other)
        assert known is not None
        pairs = (
            zip(effect, theirs, strict=True) if other.case_id == made.disclosure.case_id else product(effect, theirs)
        )
        printed = (known.value - known.half, known.value + known.half)
        ends = [Fraction(value * ours, their) for ours, their in pairs if their for value in printed]
        return _replace(made, "out", self._scale(other), ends, other)

    def _in_sample(self, made: Prediction, model: Model, others: Sequence[Disclosure]) -> Prediction:
        scales = sorted(self._scale(d) for d in (made.disclosure, *others))
        middle = model.effect(made.disclosure).mid
        return _replace(made, "in", Fraction(median(scales)), [scale * middle for scale in scales])


def figure(disclosure: Disclosure) -> tuple[Any, ...]:
    """What a disclosure is a figure of: guidance and outcome of one period are the same figure."""
    return disclosure.case_id, disclosure.window and (disclosure.window.first, disclosure.window.last), disclosure.scope


def _replace(
    made: Prediction, sample: str, scale: Fraction, ends: Sequence[Fraction], other: Disclosure | None = None
) -> Prediction:
    """A prediction with another scale, its middle within the ends."""
    assert made.unscaled is not None
    effect = Range(round(min(ends)), round(scale * made.unscaled), round(max(ends)))
    return replace(made, sample=sample, effect=effect, why="", scale=scale, calibrator=other)
