"""Published cases of other systems: all reproduced but those listed with their reason, and by nothing but the inputs.

The cases stand in tests/examples/cases as they were collected; tests/examples/not_reproduced.toml is checked both ways.
"""

from __future__ import annotations

import ast
import copy
import json
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from depr.errors import Refused
from depr.rows.accounts import Account
from depr.rows.asset import ROW_MONTHS, asset
from depr.rows.profiles import Options, options_of, profiles, profiles_of
from depr.rows.rows import Booking
from depr.rows.rows import rows as rows_of
from tests.conformance import Outcome, case_report, run_case, run_files, stated
from tests.conformance.facts import facts
from tests.conformance.shapes import shaped
from tests.house.repository import ROOT

EXAMPLES = ROOT / "tests" / "examples"
CASES = EXAMPLES / "cases"
FUNCTIONS = "spreadsheet"
REST_AT_LEAST = 0.95


@cache
def outcomes() -> tuple[tuple[str, Outcome], ...]:
    return tuple(run_files(CASES))


@cache
def published() -> dict[str, dict[str, Any]]:
    found = [case for path in sorted(CASES.glob("*.json")) for case in json.loads(path.read_text("utf-8"))]
    return {case["id"]: stated()[case["id"]].added(case) if case["id"] in stated() else case for case in found}


def listed() -> dict[str, str]:
    document = tomllib.loads((EXAMPLES / "not_reproduced.toml").read_text("utf-8"))
    return {entry["id"]: entry["why"] for entry in document["case"]}


def test_every_case_is_reproduced_or_listed_with_its_reason() -> None:
    failed = {o.id: o.reason for _, o in outcomes() if not o.reproduced and not o.outside}
    assert failed.keys() == listed().keys(), failed
    assert all(listed().values())
    assert len({o.id for _, o in outcomes()}) == len(outcomes())


def test_every_full_schedule_that_is_not_suspect_is_reproduced() -> None:
    full = {name for name, case in published().items() if case.get("expected_is") == "full" and not case.get("suspect")}
    assert not full & {o.id for _, o in outcomes() if not o.reproduced}
    assert len(full) > 70


def test_nearly_all_of_the_rest_is_reproduced() -> None:
    rest = [o for _, o in outcomes() if not o.suspect and not o.outside and not o.system.startswith(FUNCTIONS)]
    part = [o for o in rest if published()[o.id].get("expected_is") != "full"]
    assert sum(o.reproduced for o in part) >= REST_AT_LEAST * len(part)


def test_what_is_outside_is_no_depreciation() -> None:
    counts = Counter(o.reason for _, o in outcomes() if o.outside)
    assert all(reason.endswith("is not depreciation") for reason in counts)
    assert sum(counts.values()) == 20


def numbers(case: dict[str, Any]) -> list[tuple[int, int]]:
    """Places in the expected rows that hold an amount."""
    rows = case["expected"] if isinstance(case["expected"], list) else []
    return [(r, k) for r, row in enumerate(rows) for k in (1, 2) if isinstance(row[k], int | float)]


def test_a_figure_that_is_a_cent_off_is_noticed() -> None:
    """Each amount of each schedule counts: moved by a cent, its case is not reproduced any more."""
    tried = 0
    for _, found in outcomes():
        case = published().get(found.id)
        if not found.reproduced or case is None or found.outside:
            continue
        places = numbers(case)
        for r, k in {*places[:2], *places[-2:]}:
            wrong = copy.deepcopy(case)
            wrong["expected"][r][k] += 0.01
            assert not run_case(wrong).reproduced, (found.id, r, k)
            tried += 1
    assert tried > 300


def test_a_row_too_few_is_noticed() -> None:
    case = copy.deepcopy(published()["erpnext-schedule_for_prorated_straight_line_method-01"])
    assert run_case(case).reproduced
    del case["expected"][1]
    assert not run_case(case).reproduced


def test_the_name_of_a_case_decides_nothing() -> None:
    for name, case in published().items():
        renamed = run_case({**case, "id": "x", "source": ""})
        assert renamed.reproduced == next(o for _, o in outcomes() if o.id == name).reproduced, name


def test_no_words_decide_anything() -> None:
    """What a source says in prose is never read: it is stated as data, each with the words it comes from."""
    for name, case in published().items():
        silent = run_case({**case, "notes": None})
        assert silent == run_case({**case, "notes": "FLOOR at salvage, 1/7 days, excludes the start day"}), name
        assert silent.reproduced == next(o for _, o in outcomes() if o.id == name).reproduced, name
    assert stated().keys() <= published().keys()
    assert all(entry.source and (entry.inputs or entry.options) for entry in stated().values())


def test_a_case_may_state_its_options() -> None:
    case = published()["xero-dv-actual-days"]
    assert run_case(case).reproduced
    exactly = run_case({**case, "options": {"daily_rate_places": None}})
    assert exactly.reason == "14 days depreciation: expected 9.94, found 9.97"
    assert run_case({**case, "options": {"mood": "good"}}).reason == "unknown option 'mood'"


def test_every_plain_schedule_can_be_asked_of_one_asset() -> None:
    """The options that a case is mapped to are options of depr.rows.asset.asset, and give the same rows."""
    tried = Counter[str]()
    for case in filter(plain, (published()[o.id] for _, o in outcomes() if o.reproduced and o.id in published())):
        method, options = options_of(case["system"], case["method"], convention(case), case.get("options"))
        if shaped(case["inputs"], options, method) or options.beyond_life != "none":
            continue
        told = facts(method, case["inputs"], (), monthly=len(str(case["expected"][0][0])) == len("2024-01"))
        rows = [(row.ends, row.depreciation, row.accumulated) for row in told.entries(rows_of(told.account, options))]
        assert asked(told.account, options) == rows, case["id"]
        tried[case["system"]] += 1
    assert sum(tried.values()) > 50
    assert len(tried) > 10


def plain(case: dict[str, Any]) -> bool:
    """Whether a case is the schedule of a system, nothing befalls its asset, and its years end with a month."""
    rows = case.get("expected_is") in ("full", "partial") and not str(case["system"]).startswith(FUNCTIONS)
    inputs = case["inputs"]
    whole = not str(inputs.get("fiscal_year_end")).endswith("-01") and not inputs.get("carry_forward_missed")
    return rows and not case["events"] and whole


def convention(case: dict[str, Any]) -> str:
    return str(case["inputs"].get("convention") or "").lower()


def asked(account: Account, options: Options) -> list[tuple[date, Fraction, Fraction]]:
    """The rows of an asset, asked as one would by hand."""
    cents = [f"{amount // 100}.{amount % 100:02}" for amount in (account.cost_minor, account.residual_minor)]
    opening = f"{account.opening_date or account.in_service} opening {Decimal(account.opening_minor) / 100}"
    given: dict[str, Any] = {"rate_percent": account.rate and account.rate * 100, "first_row": account.first_row}
    found = asset(
        cents[0],
        account.in_service,
        None if account.life_months is None else f"{account.life_months}m",
        residual=cents[1],
        calendar=account.calendar,
        grain=next(name for name, months in ROW_MONTHS.items() if months == account.row_months),
        changes=[opening] if account.opening_minor or account.opening_date else [],
        booking={option.name: getattr(options, option.name) for option in fields(Booking)},
        method=account.method,
        percents=account.percents,
        first_year_part=account.first_year_part,
        opening_rows=account.opening_rows,
        **{name: value for name, value in given.items() if value is not None},
    )
    rows = found.select("period_end", "depreciation_minor", "accumulated_minor").rows()
    return [(end, Fraction(amount, 100), Fraction(total, 100)) for end, amount, total in rows]


def test_no_code_and_no_profile_knows_a_case_and_no_code_a_system() -> None:
    names = {str(case.get("system")) for case in published().values()} - {"None"}
    words = {name.split(" (")[0] for name in names if not name.startswith(FUNCTIONS)} | published().keys()
    for path in (ROOT / "tests" / "conformance").glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        assert not [word for word in words if any(word in text for text in texts)], path
    for path in (ROOT / "schedules" / "profiles").glob("*.toml"):
        assert not [name for name in published() if len(name) > 5 and name in path.read_text("utf-8")], path


def test_cases_that_came_after_the_mapping_are_reproduced() -> None:
    assert [o.reason for _, o in run_files(EXAMPLES / "further")] == ["", ""]


@pytest.mark.parametrize(
    ("name", "inputs", "rows"),
    [
        # 17/31 of 37.50: the parts of January at both ends add to one row.
        ("tryton-linear-24m", {"depreciation_start_date": "2023-01-15"}, [["2023-01-31", 20.56, 20.56]]),
        ("tryton-linear-24m", {"frequency": "year"}, [["2023-12-31", 450, 450], ["2024-12-31", 450, 900]]),
        # The rate of (5000 / 10000) ** (12 / 5), which the case states as 81.054.
        ("erpnext-monthly_depreciation_by_wdv_method-01", {"rate_percent": None}, [["2022-03-31", 675.45, 1013.17]]),
        ("d365-straight-line-service-life", {"convention": "half-year"}, [["Year 1", 1000, 1000]]),
        ("d365-straight-line-service-life", {"convention": "30/360"}, [["Year 1", 2000, 2000]]),
        # 178 of 366 days of 666.60, less five rows of 55.55.
        ("oca-prorata-monthly-2023", {"depreciation_start_date": "2024-07-07"}, [["2024-07-31", 46.44, None]]),
    ],
)
def test_other_inputs_go_through_the_same_mapping(name: str, inputs: dict[str, Any], rows: list[Any]) -> None:
    case = {k: v for k, v in published()[name].items() if k not in ("expected_row_numbers", "other_assertions")}
    found = run_case({**case, "inputs": {**case["inputs"], **inputs}, "expected": rows, "expected_is": "partial"})
    assert found.reproduced, found.reason


def test_profiles_name_their_source() -> None:
    assert {"common", "erpnext", "oca", "tryton", "axelor", "dynamics365"} <= profiles().keys()
    assert all(profile.source and profile.title for profile in profiles().values())
    known = [system for profile in profiles().values() for system in profile.systems]
    assert len(known) == len(set(known))


def test_a_longer_name_goes_on_top_of_a_shorter_one() -> None:
    assert [profile.title for profile in profiles_of("Axelor (2022)")][1:] == ["Axelor", "Axelor, as it was in 2022"]
    assert [profile.title for profile in profiles_of("nobody's")] == [profiles()["common"].title]
    assert options_of("Axelor (2022)", "linear", "")[1].last_row == "last_day"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"method": "magic"}, "unknown method 'magic'"),
        ({"inputs": {}}, "neither a cost nor a life"),
        ({"inputs": {"cost": "ten", "life_years": 3}}, "'ten' is not a number"),
        ({"inputs": {"cost": 10, "life_years": 0}}, "a life of 0 months"),
        ({"inputs": {"cost": 10, "life_years": 1e6}}, "a life of"),
        ({"inputs": {"cost": 10, "life_years": 3, "frequency": "fortnight"}}, "cannot be read"),
        ({"events": [{"type": "earthquake"}]}, "event 'earthquake'"),
        ({"expected": []}, "asserts no figure"),
        ({"expected": [["2030-12-31"]]}, "cannot be read"),
        ({"other_assertions": {"mood": 1}}, "no rule for the figure mood"),
        ({"inputs": None}, "cannot be read"),
        ({"system": "unheard of", "method": "declining_balance"}, "no rate"),
    ],
)
def test_strange_cases_are_not_reproduced_and_say_why(change: dict[str, Any], reason: str) -> None:
    case = published()["erpnext-schedule_for_straight_line_method-01"]
    found = run_case({**case, **change})
    assert not found.reproduced
    assert reason in found.reason


def test_report_of_a_file(tmp_path: Path) -> None:
    cases = [published()["glpi-linear-1"], published()["tryton-close-early"]]
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(cases), "utf-8")
    report = case_report(path)
    assert report.columns == ["case", "system", "row", "date", "expected", "actual", "agrees", "why"]
    assert report["agrees"].to_list() == [True] * 12 + [False]
    assert report["why"][-1].startswith("3 rows are posted")
    path.write_text("[1]", "utf-8")
    with pytest.raises(Refused, match="is not a case"):
        case_report(path)
    path.write_text("{", "utf-8")
    with pytest.raises(Refused, match="is not JSON"):
        case_report(path)


def test_a_file_that_holds_no_cases_is_a_line_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"no": "case"}', "utf-8")
    (tmp_path / "b.csv").write_text("x\n1\n", "utf-8")
    (tmp_path / "c.csv").write_text("id,function,cost,salvage,life,expected\n1,SLN,30,0,3,10\n2,FLY,1,0,1,1\n", "utf-8")
    (tmp_path / "d.txt").write_text("", "utf-8")
    found = [(file, outcome.reproduced, outcome.reason) for file, outcome in run_files(tmp_path)]
    assert [line[:2] for line in found] == [("a.json", False), ("b.csv", False), ("c.csv", True), ("c.csv", False)]
    assert "is not a case" in found[0][2]
    assert "not a file of spreadsheet functions" in found[1][2]
    assert "FLY" in found[3][2]


def test_check_prints_the_table_of_any_folder(tmp_path: Path) -> None:
    wrong = copy.deepcopy(published()["glpi-linear-1"])
    wrong["expected"][0][1] = 1
    (tmp_path / "one.json").write_text(json.dumps([wrong]), "utf-8")
    script = ROOT / "scripts" / "checks" / "conformance.py"
    run = subprocess.run([sys.executable, script, "--cases", tmp_path], capture_output=True, text=True, check=True)
    assert "glpi-linear-1: 2010 depreciation: expected 1, found 16500" in run.stdout
    missing = subprocess.run([sys.executable, script, "--cases", tmp_path / "no"], capture_output=True, text=True)
    assert missing.returncode == 2
    assert "no such folder" in missing.stderr
