"""Books: what is accepted, what follows from it, and what is refused with which words."""

from __future__ import annotations

import tomllib
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from depr.books.book import Book, Policy, months, parse_assumptions, parse_book, scenario
from depr.errors import Refused
from depr.intake import find_book, read_book, tax_columns
from depr.kernel.calendar import FIRST
from depr.kernel.conventions import CONVENTIONS
from depr.kernel.curves import GIVEN, METHODS
from depr.share import find, names

DOCUMENT = """
id = "own"
title = "Our own"
kind = "scenario"
source = "board minutes"

[[policy]]
effective = "opening"
method = "straight_line"
convention = "full_month"
life_months = 48
source = "accounting manual, section 4"

[[policy]]
effective = 2022-04-01
method = "declining_balance"
convention = "mid_month"
life_months = 60
residual_rate = "0.05"
factor = "1.5"
switch = "original"
residual_as = "floor"
source = "memo of March 2022"
note = "approved by the audit committee"
"""
DO = "\n  do: compare it with the files in schedules/"
KEYS = f"\n  do: the keys are: {', '.join(Policy.model_fields)}"


def parsed(change: str = "", into: str = "") -> Book:
    """The document, with a line of it changed."""
    assert change in DOCUMENT
    return parse_book(tomllib.loads(DOCUMENT.replace(change, into, 1)), "own.toml")


def refused(change: str, into: str) -> str:
    with pytest.raises(Refused) as fault:
        parsed(change, into)
    return str(fault.value)


def test_a_book() -> None:
    first, second = parsed().policy
    assert (first.effective, first.generations) == (FIRST, ("*",))
    assert (first.residual_rate, first.factor) == (Fraction(0), Fraction(2))
    assert (first.switch, first.residual_as, first.note) == ("remaining", "deduction", "")
    assert (second.effective, second.life_months) == (date(2022, 4, 1), 60)
    assert (second.residual_rate, second.factor) == (Fraction(1, 20), Fraction(3, 2))
    assert (second.switch, second.residual_as) == ("original", "floor")


def test_the_kernels_terms() -> None:
    """The residual ratio shapes a curve only where it is a floor of declining balance."""
    first, second = parsed().policy
    life, ratio = Fraction(40), Fraction(1, 10)
    assert (first.shaped_by_residual, second.shaped_by_residual) == (False, True)
    assert first.terms(life, ratio, Fraction(12)).residual_ratio == 0
    assert second.terms(life, ratio, Fraction(12)).residual_ratio == ratio
    assert second.terms(life, ratio, Fraction(12)).life_months == life


def test_a_book_does_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        parsed().policy[0].life_months = 60  # type: ignore[misc]


def test_policies_that_name_a_generation_go_before_those_for_all() -> None:
    named = 'effective = 2022-04-01\ngenerations = ["H100", "B200"]'
    book = parsed("effective = 2022-04-01", named)
    assert [p.life_months for p in book.track("H100")] == [60]
    assert [p.life_months for p in book.track("V100")] == [48]
    assert [p.life_months for p in parsed().track("H100")] == [48, 60]
    only = parse_book(tomllib.loads(DOCUMENT) | {"policy": [_policy(generations=["H100"])]})
    assert only.track("V100") == ()


def _policy(**fields: Any) -> dict[str, Any]:
    plain = {"effective": "opening", "method": "straight_line", "convention": "full_month", "source": "a test"}
    return {**plain, "life_months": 48, **fields}


def test_every_method_and_convention_can_be_named() -> None:
    data = {"percents": ["60", "40"], "usage": [1, 2], "total_usage": 3, "prices": [[0, 9], [6, 1]], "amounts": [5, 5]}
    for method in METHODS:
        for convention in CONVENTIONS:
            policy = _policy(method=method, convention=convention, **data if method in GIVEN else {})
            assert Policy.model_validate(policy).method == method


def test_the_books_that_ship_are_read() -> None:
    assert [read_book(find("books", name)).id for name in names("books")] == names("books")


@pytest.mark.parametrize("text", ["0", "1", "0.1", "0.0725", "0.333333333333333333"])
def test_rates_are_exact(text: str) -> None:
    assert Policy.model_validate(_policy(residual_rate=text)).residual_rate == Fraction(text)


METHOD_LIST = ", ".join(METHODS)
CONVENTION_LIST = ", ".join(CONVENTIONS)
NO_RATE = "is not a rate; write digits as in '0.05', or a fraction as in '1/3'"
EXACT = "write the rate as text, as in '0.05', so that it is exact"
BAD = {
    "unknown method": (
        'method = "straight_line"',
        'method = "magic"',
        f"own.toml: policy.0: unknown method 'magic'; use one of: {METHOD_LIST}{DO}",
    ),
    "unknown convention": (
        'convention = "mid_month"',
        'convention = "mid_week"',
        f"own.toml: policy.1: unknown convention 'mid_week'; use one of: {CONVENTION_LIST}{DO}",
    ),
    "life of nothing": (
        "life_months = 48",
        "life_months = 0",
        f"own.toml: policy.0.life_months: Input should be greater than or equal to 1{DO}",
    ),
    "negative life": (
        "life_months = 48",
        "life_months = -12",
        f"own.toml: policy.0.life_months: Input should be greater than or equal to 1{DO}",
    ),
    "life of more than a century": (
        "life_months = 48",
        "life_months = 1201",
        f"own.toml: policy.0.life_months: Input should be less than or equal to 1200{DO}",
    ),
    "part of a month": (
        "life_months = 48",
        "life_months = 48.5",
        "own.toml: policy.0.life_months: Input should be a valid integer, got a number with a fractional part" + DO,
    ),
    "float residual rate": (
        'residual_rate = "0.05"',
        "residual_rate = 0.05",
        f"own.toml: policy.1.residual_rate: {EXACT}{DO}",
    ),
    "float factor": ('factor = "1.5"', "factor = 1.5", f"own.toml: policy.1.factor: {EXACT}{DO}"),
    "residual value above cost": (
        'residual_rate = "0.05"',
        'residual_rate = "1.01"',
        f"own.toml: policy.1.residual_rate: Input should be less than or equal to 1{DO}",
    ),
    "negative residual value": (
        'residual_rate = "0.05"',
        'residual_rate = "-0.01"',
        f"own.toml: policy.1.residual_rate: Input should be greater than or equal to 0{DO}",
    ),
    "rate in words": (
        'residual_rate = "0.05"',
        'residual_rate = "five percent"',
        f"own.toml: policy.1.residual_rate: 'five percent' {NO_RATE}{DO}",
    ),
    "rate that is no number": (
        'residual_rate = "0.05"',
        'residual_rate = "nan"',
        f"own.toml: policy.1.residual_rate: 'nan' {NO_RATE}{DO}",
    ),
    "unknown switch": (
        'switch = "original"',
        'switch = "never"',
        f"own.toml: policy.1.switch: Input should be 'remaining', 'original' or 'none'{DO}",
    ),
    "unknown residual treatment": (
        'residual_as = "floor"',
        'residual_as = "gift"',
        f"own.toml: policy.1.residual_as: Input should be 'deduction' or 'floor'{DO}",
    ),
    "no source": (
        'source = "memo of March 2022"\n',
        "",
        f"own.toml: policy.1.source: Field required{DO}",
    ),
    "misspelt field": (
        "life_months = 48",
        "life_months = 48\nlife_moths = 60",
        "own.toml: policy.0.life_moths: unknown key; did you mean 'life_months'?" + KEYS,
    ),
    "a kind that does not exist": (
        'kind = "scenario"',
        'kind = "guess"',
        f"own.toml: kind: Input should be 'as reported' or 'scenario'{DO}",
    ),
    "a date that is none": (
        "effective = 2022-04-01",
        'effective = "spring"',
        f"own.toml: policy.1.effective: Input should be a valid date or datetime, input is too short{DO}",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_refused(name: str) -> None:
    change, into, text = BAD[name]
    assert refused(change, into) == text


def test_policies_out_of_order_are_refused() -> None:
    text = f"own.toml: document: policies are not in order of their effective dates{DO}"
    assert refused('effective = "opening"', "effective = 2023-01-01") == text


def test_every_fault_is_shown_at_once() -> None:
    document = tomllib.loads(DOCUMENT)
    document["policy"] = [_policy(life_months=0, method="magic"), _policy(residual_rate=0.5), _policy(convention="x")]
    with pytest.raises(Refused) as fault:
        parse_book(document, "own.toml")
    assert [finding.what for finding in fault.value.findings] == [
        "policy.0.life_months: Input should be greater than or equal to 1",
        f"policy.1.residual_rate: {EXACT}",
        f"policy.2: unknown convention 'x'; use one of: {CONVENTION_LIST}",
    ]


def test_a_book_without_policies_is_refused() -> None:
    head = {key: value for key, value in tomllib.loads(DOCUMENT).items() if key != "policy"}
    for document, what in [(head, "Field required"), (head | {"policy": []}, "Tuple should have at least 1 item")]:
        with pytest.raises(Refused, match=f"^own.toml: policy: {what}"):
            parse_book(document, "own.toml")


NO_RATES = ["1/0", "1e-400000", "\uff10.\uff11", "1_0e-2", " 0.1", True, [1], {"a": 1}]


@pytest.mark.parametrize("value", NO_RATES, ids=str)
def test_a_rate_that_is_not_in_its_form_is_refused(value: Any) -> None:
    """Neither taken for a number (full-width digits, separators, blanks, true) nor let through as another error."""
    with pytest.raises(Refused):
        parse_book(tomllib.loads(DOCUMENT) | {"policy": [_policy(residual_rate=value)]})


@pytest.mark.parametrize("day", [date(1850, 1, 1), date(1899, 12, 31), date(2200, 1, 1)], ids=str)
def test_a_policy_out_of_the_calendar_is_refused(day: date) -> None:
    with pytest.raises(Refused):
        parse_book(tomllib.loads(DOCUMENT) | {"policy": [_policy(effective=day)]})


# Lives and scenarios given by hand


@pytest.mark.parametrize(("text", "life"), [("3y", 36), ("42m", 42), ("1m", 1), ("100y", 1200)])
def test_lives(text: str, life: int) -> None:
    assert months(text) == life


@pytest.mark.parametrize("text", ["", "y", "3", "3 y", "-3y", "3.5y", "3d", "３y", "²m", "1_2m", "y3", "+3y"])
def test_what_is_not_a_life(text: str) -> None:
    with pytest.raises(Refused) as fault:
        months(text)
    why = "it is a whole number of years or months"
    assert str(fault.value) == f"life: {text!r} is not a useful life\n  why: {why}\n  do: write 3y or 42m"


def test_a_scenario() -> None:
    book = scenario(36)
    (policy,) = book.policy
    assert (book.id, book.title, book.kind) == ("life-3y", "Useful life of 3y", "scenario")
    assert (policy.effective, policy.method, policy.convention) == (FIRST, "straight_line", "full_month")
    assert (policy.life_months, policy.source) == (36, "stated by the user")
    assert scenario(54).id == "life-54m"


def test_a_scenario_with_options() -> None:
    (policy,) = scenario(60, method="declining_balance", factor="1.5", convention="half_year").policy
    assert (policy.method, policy.factor, policy.convention) == ("declining_balance", Fraction(3, 2), "half_year")


@pytest.mark.parametrize(
    ("life", "options", "text"),
    [
        (0, {}, "options: policy.0.life_months: Input should be greater than or equal to 1"),
        (-12, {}, "options: policy.0.life_months: Input should be greater than or equal to 1"),
        (1212, {}, "options: policy.0.life_months: Input should be less than or equal to 1200"),
        (36, {"method": "magic"}, f"options: policy.0: unknown method 'magic'; use one of: {METHOD_LIST}"),
        (36, {"colour": "red"}, "options: policy.0.colour: unknown key" + KEYS),
    ],
)
def test_a_scenario_that_is_refused(life: int, options: dict[str, str], text: str) -> None:
    with pytest.raises(Refused) as fault:
        scenario(life, **options)
    assert str(fault.value) == (text if KEYS in text else text + DO)


# Assumptions

ASSUMPTION = """
[[assumption]]
key = "months_from_shipment_to_service"
value = "3"
low = "0"
high = "6.5"
unit = "months"
meaning = "time to install"
source = "assumed, as filers do not disclose it"
sourced = false
"""


def test_assumptions() -> None:
    (entry,) = parse_assumptions(tomllib.loads(ASSUMPTION)).values()
    assert (entry.key, entry.value) == ("months_from_shipment_to_service", Fraction(3))
    assert (entry.low, entry.high) == (Fraction(0), Fraction(13, 2))
    assert not entry.sourced


def test_an_assumption_without_its_words_is_refused() -> None:
    document = tomllib.loads(ASSUMPTION.replace("assumed, as filers do not disclose it", "").replace('"3"', "3.1"))
    with pytest.raises(Refused) as fault:
        parse_assumptions(document, "assumptions.toml")
    assert str(fault.value) == (
        "assumptions.toml: assumption.0.source: String should have at least 1 character\n"
        f"assumptions.toml: assumption.0.value: {EXACT}{DO}"
    )


@pytest.mark.parametrize(("quarter", "percent"), [(1, 35), (2, 25), (3, 15), (4, 5)])
def test_macrs_takes_the_column_of_the_quarter_placed_in_service(quarter: int, percent: int) -> None:
    """IRS Publication 946, tables A-2 to A-5: the first year of five-year property, mid-quarter convention."""
    [policy] = scenario(60, **tax_columns(60, "mid_quarter")).policy
    months_left = Fraction(27, 2) - 3 * quarter
    assert policy.points(months_left)[1] == (months_left, Fraction(percent, 100))


def test_a_book_is_found_by_a_life_a_name_a_path_or_itself(tmp_path: Path) -> None:
    assert find_book("3y") == scenario(36)
    assert find_book("42m") == scenario(42)
    shipped = find_book("meta-reported")
    assert shipped.id == "meta-reported"
    assert find_book(shipped) is shipped
    own = tmp_path / "m.toml"
    own.write_text(find("books", "meta-reported").read_text("utf-8"), "utf-8")
    assert find_book(str(own)).policy == shipped.policy
    with pytest.raises(Refused):
        find_book("y")


def test_a_book_is_named_by_its_id(tmp_path: Path) -> None:
    """The file of a folder; a path names the file itself."""
    (tmp_path / "books").mkdir()
    file = tmp_path / "books" / "other.toml"
    file.write_text(DOCUMENT, "utf-8")
    with pytest.raises(Refused, match="the id is 'own', the file is other"):
        find_book("other", tmp_path)
    assert read_book(file).id == "own"
    file.rename(file.with_name("OWN.toml"))
    assert find_book("own", tmp_path).id == "own"
