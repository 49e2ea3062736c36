"""Published cases: reproduced by the product or listed with the reason, and nothing that a case says is left unread.

The cases stand in tests/examples/cases as they were collected; tests/examples/not_reproduced.toml is checked both ways.
"""

from __future__ import annotations

import ast
import copy
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from depr.errors import Refused
from scripts.checks.conformance import changed, listed
from tests.conformance import Outcome, run_case, run_files
from tests.conformance.assets import NOT_ASSERTED
from tests.conformance.reading import Given, meaning
from tests.conformance.reading import _document as words
from tests.conformance.run import OTHER_SUBJECTS, read_cases
from tests.house.repository import ROOT

HERE, EXAMPLES = Path(__file__).parent, ROOT / "tests" / "examples"
CASES = EXAMPLES / "cases"
FUNCTIONS = "spreadsheet"
PLACES = ("inputs", "events", "method", "system", "topic", "expected_is", "rounding")
"""Where the facts and the words of a case stand; the rest is what it asserts, and prose."""

Path_ = tuple[str | int, ...]


@cache
def outcomes() -> dict[str, Outcome]:
    found = [outcome for _, outcome in run_files(CASES)]
    assert len({each.id for each in found}) == len(found)
    return {each.id: each for each in found}


@cache
def published() -> dict[str, dict[str, Any]]:
    return {case["id"]: case for path in sorted(CASES.glob("*.json")) for case in read_cases(path)}


def reproduced() -> dict[str, dict[str, Any]]:
    return {name: case for name, case in published().items() if outcomes()[name].reproduced}


def leaves(value: Any, at: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Every value within a value, with the keys that lead to it."""
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(each, (*at, key))
    else:
        yield at, value


def tables(value: Any, at: Path_ = ()) -> Iterator[Path_]:
    """Every table within a value."""
    if isinstance(value, dict | list):
        if isinstance(value, dict):
            yield at
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from tables(each, (*at, key))


def with_value(case: dict[str, Any], at: Path_, value: Any) -> dict[str, Any]:
    """A copy of a case with another value in a place."""
    other = copy.deepcopy(case)
    within: Any = other
    for key in at[:-1]:
        within = within[key]
    within[at[-1]] = value
    return other


def facts(case: dict[str, Any]) -> dict[str, Any]:
    return {name: case[name] for name in PLACES if name in case}


# The table.


def test_every_case_is_reproduced_or_listed_with_its_reason() -> None:
    assert changed(outcomes().values(), listed()) == []
    assert listed().keys() <= outcomes().keys()
    assert all(listed().values())


def test_every_case_counts_unless_it_is_of_another_subject() -> None:
    other = [each for each in outcomes().values() if each.other]
    assert Counter(each.other for each in other) == {
        "leases": 4,
        "earnings per share": 3,
        "income tax": 1,
        "survival": 3,
    }
    assert not any(each.reproduced for each in other)
    topics = {case.get("topic", case.get("kind")) for case in published().values()}
    assert OTHER_SUBJECTS.keys() <= topics
    assert not run_case({"id": "x", "topic": "something new", "inputs": {}, "expected": {"y": 1}}).other
    assert not run_case({"id": "x", "inputs": {"unheard": 1}, "expected": {"y": 1}}).other


def test_functions_of_spreadsheets_are_all_reproduced_but_one() -> None:
    found = [each for each in outcomes().values() if each.system.startswith(FUNCTIONS)]
    assert [each.id for each in found if not each.reproduced] == ["expected-131"]
    assert len(found) > 1500


# What is asserted is compared.


def is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def numbers(value: Any) -> Counter[str]:
    return Counter(str(Decimal(str(n)).normalize()) for _, n in leaves(value) if is_number(n))


def test_every_number_that_a_reproduced_case_asserts_is_compared() -> None:
    for name, case in reproduced().items():
        rows = case["expected"] if isinstance(case["expected"], dict) else [row[1:] for row in case["expected"]]
        others = {k: v for k, v in (case.get("other_assertions") or {}).items() if k not in NOT_ASSERTED}
        asserted = numbers([rows if not name.startswith("fn-") else [row[:1] for row in rows], others])
        compared = numbers([each.expected for each in outcomes()[name].compared])
        assert not asserted - compared, name


def test_a_figure_that_is_a_cent_off_is_noticed() -> None:
    tried = 0
    for name in reproduced():
        for each in outcomes()[name].compared:
            if is_number(each.expected):
                off = Decimal(str(each.expected)) + (Decimal("0.01") if each.places else 1)
                assert not Outcome("x", "x", (type(each)(each.name, off, each.actual, each.places),)).reproduced, name
                tried += 1
    assert tried > 800


def test_a_row_too_few_is_noticed() -> None:
    case = copy.deepcopy(published()["erpnext-schedule_for_prorated_straight_line_method-01"])
    assert run_case(case).reproduced
    del case["expected"][1]
    assert run_case(case).reason == "number of rows: expected 3, found 4"


def test_neither_name_nor_prose_of_a_case_decides_anything() -> None:
    for name, case in published().items():
        if "topic" in case:
            continue  # a ledger each: their rule takes the topic and the inputs alone
        silent = {**case, "id": "x", "source": "", "notes": "FLOOR at salvage, 1/7 days, excludes the start day"}
        found = run_case(silent)
        assert (found.reproduced, found.reason) == (outcomes()[name].reproduced, outcomes()[name].reason), name


# Nothing is left unread.


def test_an_input_that_no_rule_reads_is_refused() -> None:
    """In each table of facts of each case, under a name that is new: refused, never a figure."""
    for name, case in reproduced().items():
        for at in tables({place: case[place] for place in ("inputs", "events") if place in case}):
            if at:
                assert "not read: " in run_case(with_value(case, (*at, "mood"), "good")).reason, (name, at)
        assert run_case({**case, "mood": "good"}).reason == "not read: mood good", name


def test_a_word_that_no_rule_knows_is_refused() -> None:
    """Each word and date of the facts of each case, with another beside it: no figure is asked of the product."""
    tried = 0
    for name, case in reproduced().items():
        for at, word in leaves(facts(case)):
            if isinstance(word, str):
                found = run_case(with_value(case, at, f"{word} or so"))
                assert not found.reproduced, (name, at)
                assert found.refusal or at[-1] == "name", (name, at)
                tried += 1
    assert tried > 450


NO_FIGURE = {
    ("axelor-step-second-prorata", "row"): "of a row that stands, what is accumulated counts",
    ("erpnext-gle_made_by_asset_sale_for_existing_asset-01", "opening_periods_booked"): "it says that rows stand",
    ("oca-early-removal-days", "proceeds"): "what is written off does not depend on them",
    ("fn-db-6", "salvage"): "the rate is rounded to three decimals",
}
"""Numbers that move no figure that their case asserts, and why that is right."""


@pytest.mark.release
def test_every_number_counts() -> None:
    """A number of the facts, raised by one, is refused or moves a figure; each name is tried once."""
    tried: dict[Any, tuple[str, str]] = {}
    for name, case in reproduced().items():
        for at, number in leaves(facts(case)):
            names = tuple(part for part in at if isinstance(part, str))
            key = (case.get("system", "").startswith(FUNCTIONS), names, at[-1] if names[-1] == "row" else "")
            if is_number(number) and key not in tried:
                tried[key] = (name, names[-1])
                moved = run_case(with_value(case, at, number + 1))
                before = [each.actual for each in outcomes()[name].compared]
                if moved.reproduced and [each.actual for each in moved.compared] == before:
                    assert tried[key] in NO_FIGURE, (name, at)
    assert len(tried) > 35
    assert NO_FIGURE.keys() <= set(tried.values())


SAYS_NOTHING_NEW = frozenset(
    {
        *("depreciation_start_defaulted_to_month_end", "rate_rule", "period", "opening_periods_booked"),
        *("convention", "frequency", "frequency_months", "fiscal_year_end", "month", "quarter", "salvage"),
        *("life", "life_years", "life_months", "purchase_date", "available_for_use_date", "in_service_date"),
        *("first_depreciation_date", "depreciation_start_date"),
    }
)
"""Known inputs that may leave the few figures of a case as they are: the same said again, or what moves other rows."""


def test_a_known_input_that_a_method_does_not_read_is_refused() -> None:
    """Every input of any case, added to a case of each method: refused, or it moves a figure."""
    pool: dict[str, Any] = {}
    for case in published().values():
        for name, value in (case.get("inputs") or {}).items():
            if value:
                pool.setdefault(name, value)
    methods = {case["method"]: case for case in reproduced().values() if "method" in case}
    for case in methods.values():
        before = [each.actual for each in outcomes()[case["id"]].compared]
        for name, value in pool.items():
            if not case["inputs"].get(name):
                found = run_case(with_value(case, ("inputs", name), value))
                silent = found.reproduced and [each.actual for each in found.compared] == before
                assert not silent or name in SAYS_NOTHING_NEW, (case["id"], name)
    assert len(methods) > 8


@pytest.mark.parametrize(
    ("name", "extra", "reason"),
    [
        ("gnucash-linear", {"rate_percent": 30}, "not read: rate_percent 30"),
        ("gnucash-linear", {"table_percent": [50, 50]}, "not read: table_percent [50, 50]"),
        ("gnucash-geometric", {"coefficient": 2}, "rate_percent and factor are both a yearly rate"),
        ("it-40pct-three-years", {"life_years": 9}, "not read: life_years 9"),
        ("it-40pct-three-years", {"convention": "half-year"}, "not read: convention half-year"),
    ],
)
def test_a_method_reads_what_it_is_made_of(name: str, extra: dict[str, Any], reason: str) -> None:
    case = published()[name]
    assert run_case({**case, "inputs": {**case["inputs"], **extra}}).reason == reason


def test_words_and_names_are_read_in_any_spelling() -> None:
    for name, case in reproduced().items():
        if "system" not in case:
            continue
        shouted = {key.upper().replace("_", "-"): value for key, value in case["inputs"].items()}
        for word in ("CONVENTION", "FREQUENCY"):
            if word in shouted:
                shouted[word] = f" {shouted[word].upper().replace('-', '_')}"
        method = case["method"].replace("_", " ").title()
        assert run_case({**case, "inputs": shouted, "method": method}).reproduced, name


def test_other_names_of_an_input_are_the_same_input() -> None:
    case = next(case for case in published().values() if case["id"] == "gnucash-linear")
    for name, others in words()["inputs"].items():
        for other in others:
            given = Given({other.title(): 1})
            assert given.need(name) == 1
            given.done()
    again = {**case, "inputs": {"Purchase Price": 1500, "Residual value": 0, "Useful-life": "5 years"}}
    assert run_case(again).reproduced
    with pytest.raises(Refused, match="cost is given twice"):
        Given({"cost": 1, "Original cost": 2})


PLAIN = {"cost": 91500, "salvage": 18000, "life_years": 5}


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        # A residual value under another name: 14,700 a year, never 18,300.
        ({"cost": 91500, "Scrap value": 18000, "life_years": 5}, ""),
        ({"cost": 91500, "scrap": 18000, "life_years": 5}, "not read: scrap 18000"),
        (
            {**PLAIN, "Convention": "Half-Year"},
            "expected 14700, found 7350.00",
        ),
        ({**PLAIN, "convention": "half"}, "not read: convention 'half'"),
        ({**PLAIN, "life_months": 60}, "not read: life_years 5"),
        (
            {**PLAIN, "frequency": "fortnight"},
            "not read: frequency 'fortnight'",
        ),
        ({**PLAIN, "life_years": "five"}, "'five' is not a number"),
    ],
)
def test_an_input_is_read_or_refused(inputs: dict[str, Any], reason: str) -> None:
    case = published()["gnucash-linear"]
    found = run_case({**case, "inputs": inputs, "expected": [["Year 1", 14700, 14700]], "expected_is": "partial"})
    assert reason in found.reason
    assert found.reproduced == (not reason)


def test_a_rate_on_what_is_left_over_the_residual_value() -> None:
    """260 of 1,300, never 300 of 1,500."""
    case = published()["xero-dv-two-years"]
    assert case["expected"][0][1] == 260
    other = {**case["inputs"], "residual amount": case["inputs"]["salvage"]}
    del other["salvage"]
    assert run_case({**case, "inputs": other}).reason == "not read: residual_amount 200"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"method": "magic"}, "not read: method 'magic'"),
        ({"system": "unheard of"}, "not read: system 'unheard of'"),
        ({"inputs": {}}, "straight_line has no life to be charged over"),
        ({"inputs": {"cost": "ten", "life_years": 3}}, "'ten' is not a number"),
        ({"inputs": {"cost": 10, "life_years": 0}}, "'0y' is not a useful life"),
        ({"inputs": {"cost": 10, "life_years": 1e6}}, "is not a useful life"),
        ({"events": [{"type": "earthquake"}]}, "not read: event 'earthquake'"),
        ({"expected": []}, "cannot be read"),
        ({"expected": [["2030-12-31"]]}, "cannot be read"),
        ({"expected_columns": ["date", "accumulated", "depreciation"]}, "not read: expected_columns"),
        ({"expected_is": "whole"}, "not read: expected_is 'whole'"),
        ({"rounding": "to the euro"}, "not read: rounding 'to the euro'"),
        ({"options": {"places": 0}}, "not read: options"),
        ({"other_assertions": {"mood": 1}}, "the product answers no figure 'mood'"),
        ({"inputs": None}, "inputs is not given"),
    ],
)
def test_strange_cases_are_not_reproduced_and_say_why(change: dict[str, Any], reason: str) -> None:
    case = published()["erpnext-schedule_for_straight_line_method-01"]
    found = run_case({**case, **change})
    assert not found.reproduced
    assert reason in found.reason


@pytest.mark.parametrize(
    ("name", "inputs", "rows"),
    [
        # 17/31 of 37.50: the parts of January at both ends add to one row.
        ("tryton-opening-depreciated", {"depreciation_start_date": "2023-01-15"}, [["2023-01-31", 20.56, 520.56]]),
        ("tryton-opening-depreciated", {"frequency": "year"}, [["2023-12-31", 450, 950], ["2024-12-31", 450, 1400]]),
        # The rate of (5000 / 10000) ** (12 / 5), which the case states as 81.054.
        ("erpnext-monthly_depreciation_by_wdv_method-01", {"rate_percent": None}, [["2022-03-31", 675.45, 1013.17]]),
        ("d365-straight-line-service-life", {"convention": "half-year"}, [["Year 1", 1000, 1000]]),
        ("d365-straight-line-service-life", {"convention": "30/360"}, [["Year 1", 2000, 2000]]),
        # 178 of 366 days of 666.60, less five rows of 55.55.
        ("oca-prorata-monthly-2023", {"depreciation_start_date": "2024-07-07"}, [["2024-07-31", 46.44, None]]),
    ],
)
def test_other_inputs_go_through_the_same_rules(name: str, inputs: dict[str, Any], rows: list[Any]) -> None:
    case = {k: v for k, v in published()[name].items() if k not in ("expected_row_numbers", "other_assertions")}
    found = run_case({**case, "inputs": {**case["inputs"], **inputs}, "expected": rows, "expected_is": "partial"})
    assert found.reproduced, found.reason


def test_cases_that_came_after_the_rules_are_reproduced() -> None:
    assert [o.reason for _, o in run_files(EXAMPLES / "further")] == ["", ""]


# The product answers, the runner works nothing out.


MODULES = [path for path in sorted(HERE.glob("*.py")) if not path.name.startswith("test_")]
PUBLIC = {"depr", "depr.errors", "depr.spreadsheet.functions"}
"""What the runner may take of the product: its face, its refusals, its spreadsheet functions; and readings of text."""

READINGS = {"fiscal_calendar", "months", "bounds"}
COMPARING = {"compare.py", "spreadsheets.py"}
"""Where numbers are set side by side: differences and tolerances, of figures that are both there."""


def test_the_runner_has_no_arithmetic() -> None:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if path.name not in COMPARING:
                assert not isinstance(node, ast.BinOp) or isinstance(node.op, ast.BitOr), (path.name, node.lineno)
                assert not isinstance(node, ast.AugAssign) or isinstance(node.op, ast.BitOr), (path.name, node.lineno)
                called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
                assert called not in {"sum", "round", "divmod", "pow", "Fraction", "timedelta"}, (path.name, called)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("depr"):
                assert node.module in PUBLIC or {name.name for name in node.names} <= READINGS, (path.name, node.module)


def test_the_product_knows_no_runner() -> None:
    for path in (ROOT / "depr").rglob("*.py"):
        assert "conformance" not in path.read_text("utf-8"), path


def test_no_code_knows_a_case_or_a_system_and_no_words_a_case() -> None:
    names = {str(case.get("system")) for case in published().values()} - {"None"}
    known = {name.split(" (")[0] for name in names if not name.startswith(FUNCTIONS)} | published().keys()
    for path in MODULES:
        tree = ast.parse(path.read_text("utf-8"))
        texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        assert not [word for word in known if any(word in text for text in texts)], path
    for path in (*(ROOT / "schedules" / "profiles").glob("*.toml"), HERE / "words.toml"):
        assert not [name for name in published() if len(name) > 5 and name in path.read_text("utf-8")], path


def test_a_word_of_one_system_is_not_that_of_another() -> None:
    plain = "declining balance switch to straight line"
    assert meaning("method", plain)["booking"] == ["switch=remaining"]
    assert meaning("method", plain, "OCA Account-asset-management")["booking"] == ["switch=original"]
    with pytest.raises(Refused, match="not read: convention"):
        meaning("convention", "number of depreciations", "Tryton")


# Files.


def test_a_file_that_holds_no_cases_is_a_line_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"no": "case"}', "utf-8")
    (tmp_path / "b.csv").write_text("x\n1\n", "utf-8")
    rows = "id,function,cost,salvage,life,expected\n1,SLN,30,0,3,10\n2,FLY,1,0,1,1\n3,SLN,30,0,3,11\n"
    (tmp_path / "c.csv").write_text(rows, "utf-8")
    (tmp_path / "d.csv").write_text("id,function,cost,salvage,life,mood,expected\n1,SLN,30,0,3,2,10\n", "utf-8")
    (tmp_path / "e.json").write_text("{", "utf-8")
    (tmp_path / "f.txt").write_text("", "utf-8")
    reasons = [outcome.reason for _, outcome in run_files(tmp_path)]
    assert "is not a case" in reasons[0]
    assert "not a file of spreadsheet functions" in reasons[1]
    assert reasons[2:6] == ["", "not read: FLY", "expected: expected 11, found 10", "not read: mood"]
    assert "is not JSON" in reasons[6]


def test_check_prints_the_table_of_any_folder(tmp_path: Path) -> None:
    wrong = copy.deepcopy(published()["glpi-linear-1"])
    wrong["expected"][0][1] = 1
    (tmp_path / "one.json").write_text(json.dumps([wrong], default=float), "utf-8")
    script = [sys.executable, "-m", "scripts.checks.conformance", "--cases"]
    run = subprocess.run([*script, tmp_path], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "2010 depreciation: expected 1, found 16500.00: glpi-linear-1" in " ".join(run.stdout.split())
    missing = subprocess.run([*script, tmp_path / "no"], cwd=ROOT, capture_output=True, text=True)
    assert missing.returncode == 2
    assert "no such folder" in missing.stderr
