"""JUDGEMENTS: what one chooses to believe about a fleet.

A book is a TOML file of dated policies (life, residual value, method, convention) with their sources. A later policy
is a change in accounting estimate: it applies from its effective date to the carrying amount, over what remains of
the new life (ASC 250-10-45-17). What follows for each lot is worked out in depr/books/estimates.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from depr.errors import Finding, Refused, meant, refuse, unknown
from depr.kernel.calendar import FIRST, LAST
from depr.kernel.conventions import CONVENTIONS
from depr.kernel.curves import GIVEN, METHODS, MONTHS_PER_YEAR, Knots, Terms
from depr.kernel.daycounts import DAY_COUNTS
from depr.kernel.paths import from_amounts, from_percentages, from_prices, from_usage

OPENING = "opening"
"""The effective date of a policy in force before the first dated change."""

ALL = "*"
EXACT = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30}|/0*[1-9][0-9]{0,29})?")
"""Decimal text or a fraction; no exponent, separator, blank or other digit."""

LONGEST_LIFE_MONTHS = 1200


def _rate(value: Any) -> Any:
    """Rates are decimal text, fractions or integers, so that 0.05 means exactly five hundredths."""
    if isinstance(value, str) and EXACT.fullmatch(value):
        return Fraction(value)
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return Fraction(value)
    if isinstance(value, float):
        raise ValueError("write the rate as text, as in '0.05', so that it is exact")
    raise ValueError(f"{str(value)[:40]!r} is not a rate; write digits as in '0.05', or a fraction as in '1/3'")


def _effective(value: Any) -> Any:
    if isinstance(value, date) and not FIRST <= value <= LAST:
        raise ValueError(f"{value} is out of range; dates run from {FIRST} to {LAST}")
    return FIRST if value == OPENING else value


Exact = Annotated[Fraction, BeforeValidator(_rate)]
Rate = Annotated[Fraction, BeforeValidator(_rate), Field(ge=0, le=1)]


TAX_CONVENTIONS = {"half_year": "HY", "mid_quarter": "MQ", "mid_month": "MM"}
"""The conventions of tax law, and how the published tables name them."""


class Policy(BaseModel):
    """One dated judgement: life, residual value, method and convention of some generations.

    A method whose curve is data carries it: `percents` by year (table, macrs), `usage` by month with `total_usage`
    (units_of_production), `prices` as pairs of age in months and price (economic), `amounts` by month (manual). Its
    life is where the data end; every other method needs `life_months`. Without percents macrs takes them from the tax
    tables by its recovery period (`life_months`), `convention` and `tax_method`: `columns`, one for each part of the
    tax year in which service may begin, by the months that its first year then has.
    A life that was estimated for a lot before the policy stands, unless `own_life` is replaced.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    effective: Annotated[date, BeforeValidator(_effective)]
    generations: tuple[str, ...] = (ALL,)
    method: str
    convention: str
    life_months: Annotated[int, Field(ge=1, le=LONGEST_LIFE_MONTHS)] | None = None
    residual_rate: Rate = Fraction(0)
    factor: Annotated[Exact, Field(gt=0)] = Fraction(2)
    switch: Literal["remaining", "original", "none"] = "remaining"
    residual_as: Literal["deduction", "floor"] = "deduction"
    reset: Literal["asset_year", "fiscal_year"] = "asset_year"
    day_count: str = "actual_actual"
    percents: tuple[Exact, ...] = ()
    tax_method: Literal["200DB", "150DB", "SL"] | None = None
    columns: tuple[tuple[Exact, tuple[Exact, ...]], ...] = ()
    usage: tuple[Exact, ...] = ()
    total_usage: Exact = Fraction(0)
    prices: tuple[tuple[Exact, Exact], ...] = ()
    amounts: tuple[Exact, ...] = ()
    own_life: Literal["stands", "replaced"] = "stands"
    source: str = Field(min_length=1)
    note: str = ""

    @model_validator(mode="after")
    def _holds_together(self) -> Policy:
        kinds = (("method", METHODS), ("convention", CONVENTIONS), ("day_count", DAY_COUNTS))
        for kind, known in kinds:
            if (name := getattr(self, kind)) not in known:
                raise ValueError(f"unknown {kind.replace('_', ' ')} {name!r}; use one of: {', '.join(known)}")
        if self.residual_rate and not self.takes_residual:
            raise ValueError(
                f"{self.method} takes no residual value: the whole cost is recovered (26 U.S.C. 168(b)(4))"
            )
        if self.by_tables:
            self._check_tables()
        elif self.columns or self.tax_method:
            raise ValueError("tax_method and columns are for macrs by its recovery period, without percents")
        elif self.method in GIVEN:
            self.points(Fraction(MONTHS_PER_YEAR))
        elif self.life_months is None:
            raise ValueError(f"{self.method} needs life_months")
        return self

    def _check_tables(self) -> None:
        if self.convention not in TAX_CONVENTIONS:
            raise ValueError(f"macrs by its recovery period has one of the conventions: {', '.join(TAX_CONVENTIONS)}")
        if not self.columns:
            raise ValueError("macrs has no percents; give the columns of its recovery period, or percents by year")
        for _, percents in self.columns:
            from_percentages(percents)

    @property
    def by_tables(self) -> bool:
        """Whether the percentages are those of its recovery period and of the part of the tax year of service."""
        return self.method == "macrs" and self.life_months is not None and not self.percents

    @property
    def takes_residual(self) -> bool:
        """Whether a residual value, of the policy or of a lot, is left over: tax law recovers the whole cost."""
        return self.method != "macrs"

    @property
    def shaped_by_residual(self) -> bool:
        """Whether the curve depends on residual value / cost."""
        return self.method == "declining_balance" and self.residual_as == "floor"

    @property
    def life(self) -> Fraction:
        """Useful life in months; of a curve given as data, where the data end."""
        if self.life_months is None or (self.method in GIVEN and not self.by_tables):
            return self.points(Fraction(MONTHS_PER_YEAR))[-1][0]
        return Fraction(self.life_months)

    def points(self, first_year_months: Fraction) -> Knots:
        """The knots of a method whose curve is data. Raises `Refused` when the data are not a curve."""
        if self.method == "units_of_production":
            return from_usage(self.usage, self.total_usage)
        if self.method == "economic":
            return from_prices(self.prices, accounting=True)
        if self.method == "manual":
            return from_amounts(self.amounts, sum(self.amounts, Fraction(0)))
        if self.by_tables:
            return from_percentages(self._column(first_year_months), first_year_months, self.life)
        return from_percentages(self.percents, first_year_months)

    def _column(self, first_year_months: Fraction) -> tuple[Fraction, ...]:
        for months_, percents in self.columns:
            if months_ == first_year_months:
                return percents
        what = f"a first tax year of {float(first_year_months):g} months is not one of {self.convention}"
        raise refuse("macrs", what, "it is in force from the day of service on", "make it the opening policy of a book")

    def terms(self, life_months: Fraction, ratio: Fraction, first_year_months: Fraction) -> Terms:
        """The kernel's terms for a life (all or what remains of it), a residual ratio and a first fiscal year."""
        if self.method in GIVEN:
            points = self.points(first_year_months or Fraction(MONTHS_PER_YEAR))
            return Terms(self.method, points[-1][0], points=points)
        shape = ratio if self.shaped_by_residual else Fraction(0)
        first = first_year_months if self.reset == "fiscal_year" else Fraction(0)
        return Terms(self.method, life_months, self.factor, self.switch, self.residual_as, shape, first)


class Book(BaseModel):
    """A set of judgements with a name: an issuer's policies as reported, or a scenario.

    `impairments` says what an impairment of the reported book is in this one: what leads to the recoverable amount that
    the reported book implies (more where more is carried, none where less is), or the same amount again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    kind: Literal["as reported", "scenario"]
    issuer: str | None = None
    source: str = Field(min_length=1)
    note: str = ""
    impairments: Literal["recoverable", "same_amount"] = "recoverable"
    policy: tuple[Policy, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Book:
        dates = [p.effective for p in self.policy]
        if dates != sorted(dates):
            raise ValueError("policies are not in order of their effective dates")
        return self

    @property
    def as_reported(self) -> bool:
        """Whether it is what an issuer reports: then opening balances and changes of estimate of lots count in it."""
        return self.kind == "as reported"

    @property
    def minds_own_residual(self) -> bool:
        """Whether a lot's own residual value does more than reduce its base: it shapes a curve, or does not count."""
        return any(policy.shaped_by_residual or not policy.takes_residual for policy in self.policy)

    def reports(self, issuer: str) -> bool:
        """Whether it is what that issuer reports, or may be: it names no issuer."""
        return self.as_reported and self.issuer in (None, issuer)

    def track(self, generation: str) -> tuple[Policy, ...]:
        """The policies of a generation in order of date; those that name it go before those for all."""
        named = tuple(p for p in self.policy if generation in p.generations)
        return named or tuple(p for p in self.policy if ALL in p.generations)

    def policies(self, generation: str) -> tuple[Policy, ...]:
        """The policies of a generation, as `track`. Raises `Refused` when there are none."""
        if track := self.track(generation):
            return track
        known = {name for policy in self.policy for name in policy.generations}
        raise unknown("generation", generation, known, f"book {self.id}", typo=False)


Model = TypeVar("Model", bound=BaseModel)


def validated(
    model: type[Model], document: Mapping[str, Any], file: str, do: str = "compare it with the files in schedules/"
) -> Model:
    """A document as a model. Raises `Refused` with every fault found; a key that there is not with those that are."""
    try:
        return model.model_validate(document)
    except ValidationError as faults:
        first = [fault for fault in faults.errors() if fault["type"] != "too_short"] or faults.errors()
        raise Refused(_finding(model, file, dict(fault), do) for fault in first) from None


def _finding(model: type[BaseModel], file: str, fault: Mapping[str, Any], do: str) -> Finding:
    where = ".".join(str(part) for part in fault["loc"]) or "document"
    what = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        *above, key = fault["loc"]
        keys = list(_model_at(model, above).model_fields)
        return Finding(file, 0, f"{where}: unknown key{meant(str(key), keys)}", do=f"the keys are: {', '.join(keys)}")
    return Finding(file, 0, f"{where}: {what}", do=do)


def _model_at(model: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel]:
    """The model of the table that lies at a place of a document."""
    for part in path:
        if isinstance(part, str) and part in model.model_fields:
            inner = _models_in(model.model_fields[part].annotation)
            model = inner[0] if inner else model
    return model


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for each in get_args(annotation) for found in _models_in(each)]


def parse_book(document: Mapping[str, Any], file: str = "book") -> Book:
    """A book from its TOML document. Raises `Refused` with every fault found."""
    return validated(Book, document, file)


class Assumption(BaseModel):
    """A number that is believed, not known: named, with the range it may lie in and where it comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    key: str
    value: Exact
    low: Exact
    high: Exact
    unit: str
    meaning: str
    source: str = Field(min_length=1)
    sourced: bool


class _Assumptions(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    assumption: tuple[Assumption, ...]


def parse_assumptions(document: Mapping[str, Any], file: str = "assumptions") -> dict[str, Assumption]:
    """Assumptions by key from their TOML document. Raises `Refused` with every fault found."""
    return {entry.key: entry for entry in validated(_Assumptions, document, file).assumption}


def months(life: str) -> int:
    """A life such as 3y or 42m in months. Raises `Refused`."""
    count = life[:-1]
    unit = {"y": MONTHS_PER_YEAR, "m": 1}.get(life[-1:])
    if unit is None or not (count.isascii() and count.isdecimal() and len(count) <= 4):
        raise refuse(
            "life", f"{life!r} is not a useful life", "it is a whole number of years or months", "write 3y or 42m"
        )
    number = int(count) * unit
    if not 1 <= number <= LONGEST_LIFE_MONTHS:
        why = f"it is 1 to {LONGEST_LIFE_MONTHS} months"
        raise refuse("life", f"{life!r} is not a useful life", why, "write 3y or 42m")
    return number


def scenario(life_months: int | None, **policy: Any) -> Book:
    """A book of a single policy for every generation: a question, not a belief. Raises `Refused`.

    Straight line and full month unless `policy` (fields of Policy) says otherwise; a method whose curve is given as
    data needs no life.
    """
    plain = {
        "effective": OPENING,
        "method": "straight_line",
        "convention": "full_month",
        "source": "stated by the user",
    }
    name = _name(life_months) if life_months else str(policy.get("method"))
    book = {"id": f"life-{name}", "title": f"Useful life of {name}", "kind": "scenario", "source": plain["source"]}
    return parse_book({**book, "policy": [{**plain, "life_months": life_months, **policy}]}, "options")


def _name(life_months: int) -> str:
    years, rest = divmod(life_months, MONTHS_PER_YEAR)
    return f"{life_months}m" if rest else f"{years}y"
