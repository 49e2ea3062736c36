"""The texts, judged by bean-check and hledger themselves, down to the balance of every account."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from depr.console import writers
from depr.contract import FLOW_KINDS
from depr.journal import beancount_text, hledger_text
from depr.journal.texts import SENTENCE, WORD, inert
from tests.journal.samples import MARCH, booked, changes, chart, flow

IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")
WRITERS: dict[str, Callable[..., str]] = {"beancount": beancount_text, "hledger": hledger_text}
Outcome = subprocess.CompletedProcess[str]


def _tool(name: str, where: str) -> str:
    """The path of a checker; without it a test is skipped, in CI it fails."""
    beside = Path(sys.executable).with_name(name)
    path = str(beside) if beside.exists() else shutil.which(name) or ""
    if not path:
        reason = f"{name} is not installed ({where})"
        pytest.fail(reason) if IN_CI else pytest.skip(reason)
    return path


@pytest.fixture(params=list(WRITERS))
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def check(form: str, tmp_path: Path) -> Callable[..., Outcome]:
    """The checker of a form, run on a text: bean-check, or hledger check with every name declared."""
    bean = form == "beancount"
    tool = _tool("bean-check", "PyPI: beancount") if bean else _tool("hledger", "Debian: apt-get install hledger")

    def run(text: str, *words: str, **environment: str) -> Outcome:
        path = tmp_path / f"journal.{form}"
        path.write_bytes(text.encode("ascii"))
        options = [str(path)] if bean else ["-f", str(path), *(words or ("check", "--strict", "ordereddates"))]
        given = {**os.environ, **environment}
        return subprocess.run([tool, *options], capture_output=True, text=True, env=given, stdin=subprocess.DEVNULL)

    return run


def accepted(outcome: Outcome) -> bool:
    return outcome.returncode == 0 and not outcome.stderr


# What is written


COACH = [
    flow("depreciation", accumulated=40_000),
    flow("disposal", cost=-5_000_000, accumulated=-4_040_000, proceeds=500_000),
]
"""A machine sold on January 31: accountingcoach.com/blog/asset-disposal-entry."""


def test_beancount_to_the_letter() -> None:
    lines = booked([{}], [COACH[1]], per_lot=True)
    assert beancount_text(lines, ["ledger 3f2a, book life-3y"]) == (
        "; ledger 3f2a, book life-3y\n"
        "2025-03-31 open Assets:META:PropertyAndEquipment:GPU:AccumulatedDepreciation\n"
        "2025-03-31 open Assets:META:PropertyAndEquipment:GPU:Cost\n"
        "2025-03-31 open Assets:META:Receivables:DisposalProceeds\n"
        "2025-03-31 open Expenses:META:LossOnDisposal\n"
        "\n"
        '2025-03-31 * "META" "Disposal 2025-03: h100, lot L0, book life-3y"\n'
        '  entry: "META-2025-03-0001"\n'
        '  kind: "disposal"\n'
        '  generation: "h100"\n'
        "  lots: 1\n"
        '  book: "life-3y"\n'
        '  lot: "L0"\n'
        "    Assets:META:PropertyAndEquipment:GPU:AccumulatedDepreciation               40400.00 USD\n"
        "    Assets:META:Receivables:DisposalProceeds                                    5000.00 USD\n"
        "    Expenses:META:LossOnDisposal                                                4600.00 USD\n"
        "    Assets:META:PropertyAndEquipment:GPU:Cost                                 -50000.00 USD\n"
    )


def test_hledger_to_the_letter() -> None:
    lines = booked([{"currency": "JPY"}], [flow("depreciation", accumulated=7)], per_lot=True)
    assert hledger_text(lines) == (
        "decimal-mark .\n"
        "commodity 1000. JPY\n"
        "account Assets:META:PropertyAndEquipment:GPU:AccumulatedDepreciation  ; type:A\n"
        "account Expenses:META:Depreciation  ; type:X\n"
        "\n"
        "2025-03-31 * (META-2025-03-0001) Depreciation 2025-03: h100, lot L0, book life-3y\n"
        "    ; kind:depreciation, generation:h100, lots:1, book:life-3y, lot:L0\n"
        "    Expenses:META:Depreciation                                                        7 JPY\n"
        "    Assets:META:PropertyAndEquipment:GPU:AccumulatedDepreciation                     -7 JPY\n"
    )


@pytest.mark.parametrize(
    ("minor", "currency", "shown"),
    [
        (1, "USD", "0.01"),
        (10, "USD", "0.10"),
        (100, "USD", "1.00"),
        (2**63 - 1, "USD", "92233720368547758.07"),
        (2**63 - 1, "JPY", "9223372036854775807"),
    ],
)
def test_amounts_are_exact(minor: int, currency: str, shown: str, form: str, check: Callable[..., Outcome]) -> None:
    text = WRITERS[form](booked([{"currency": currency}], [flow("depreciation", accumulated=minor)]))
    assert re.findall(rf"  (-?[0-9.]+) {currency}$", text, re.M) == [shown, f"-{shown}"]
    assert accepted(check(text))


@pytest.mark.parametrize("rows", [[], COACH], ids=["none", "some"])
def test_memoranda_and_empty_journals_are_accepted(
    rows: list[dict[str, Any]], form: str, check: Callable[..., Outcome]
) -> None:
    told = changes({"effective_date": booked([{}], COACH)["date"][0], "life_months": 60})
    assert accepted(check(WRITERS[form](booked([{}], rows, changes=told))))
    assert accepted(check(WRITERS[form](booked([{}], rows))))


def test_the_locale_does_not_matter(check: Callable[..., Outcome], form: str) -> None:
    text = WRITERS[form](booked([{"issuer": "輝達"}], COACH), ["輝達"])
    assert accepted(check(text, LC_ALL="C", LANG="C"))


# Every balance, asserted to the checkers

OWNERS = ("META", "MSFT", "o;x", "-", '"')
FLEET = [
    {"issuer": issuer, "generation": generation, "currency": currency}
    for issuer in OWNERS
    for generation in ("h100", "GB200")
    for currency in ("USD", "JPY", "EUR")
]
SIGNS = {
    "construction_in_progress": ("construction", 1),
    "gpu_equipment": ("cost", 1),
    "accumulated_depreciation": ("accumulated", -1),
    "accumulated_impairment": ("impairment", -1),
    "disposal_proceeds": ("proceeds", 1),
}
OTHER = {
    "opening": "opening_equity",
    "improvement": "acquisition_clearing",
    "impairment": "impairment_loss",
    "reversal": "impairment_reversal",
    "depreciation": "depreciation_expense",
}


def random_flows(random: Random, count: int) -> list[dict[str, Any]]:
    """Flows over a year of all kinds and mixtures; the last rows have every kind."""
    rows = []
    for number in range(count):
        kind = FLOW_KINDS[number % len(FLOW_KINDS)] if number < 90 else random.choice(FLOW_KINDS)
        lot, period = random.randrange(len(FLEET)), MARCH + random.randrange(12)
        largest = 10 ** random.randrange(1, 16)
        amounts = {name: random.randint(-largest, largest) for name, _ in SIGNS.values() if random.random() < 0.6}
        if kind == "placed_in_service":
            amounts = {"construction": -largest, "cost": largest}
        rows.append(flow(kind, lot, period, **amounts))
    return rows


def balances(rows: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """The balance of every account and currency, in plain integers of minor units."""
    total: Counter[tuple[str, str]] = Counter()
    arrived = {row["lot"] for row in rows if row["kind"] == "opening"}
    for row in rows:
        owner = FLEET[row["lot"]]
        amounts = {role: sign * row[f"{name}_minor"] for role, (name, sign) in SIGNS.items()}
        rest = sum(amounts.values())
        if row["kind"] == "acquisition":
            amounts["opening_equity" if row["lot"] in arrived else "acquisition_clearing"] = -rest
        elif row["kind"] in OTHER:
            amounts[OTHER[row["kind"]]] = -rest
        elif row["kind"] != "placed_in_service":
            amounts["gain_on_disposal" if rest > 0 else "loss_on_disposal"] = -rest
        for role, amount in amounts.items():
            total[chart().name(role, owner["issuer"], owner["generation"]), owner["currency"]] += amount
    return total


def asserted(total: Counter[tuple[str, str]], form: str) -> str:
    """Assertions of balances, without tolerance, in the words of a form."""
    rows = []
    for (account, currency), minor in sorted(total.items()):
        if minor:
            cents = f"{abs(minor) // 100}.{abs(minor) % 100:02}"
            amount = str(minor) if currency == "JPY" else "-" * (minor < 0) + cents
            if form == "beancount":
                rows.append(f"2199-12-31 balance {account}  {amount} ~ 0 {currency}")
            else:
                rows.append(f"2199-12-31 assertion\n    {account}  0 {currency} = {amount} {currency}")
    return "\n\n".join(["", *rows, ""])


@pytest.mark.parametrize(("seed", "per_lot"), [(1, False), (2, False), (3, True)])
def test_the_checkers_find_the_balances_of_the_flows(
    seed: int, per_lot: bool, form: str, check: Callable[..., Outcome]
) -> None:
    rows = random_flows(Random(seed), 1500)
    lines, total = booked(FLEET, rows, per_lot=per_lot), balances(rows)
    assert lines["entry"].n_unique() > 900
    assert sum(value != 0 for value in total.values()) > 150
    text = WRITERS[form](lines)
    assert accepted(check(text + asserted(total, form)))
    total[next(key for key, value in sorted(total.items()) if value)] += 1
    assert check(text + asserted(total, form)).returncode != 0


@pytest.mark.parametrize(
    ("old", "new"),
    [("40400.00", "40400.01"), ("META:LossOnDisposal  ", "META:Loss  "), ("  5000.00 USD", "  5000.00 USX")],
    ids=["amount", "account", "currency"],
)
def test_the_checkers_refuse_what_is_wrong(old: str, new: str, form: str, check: Callable[..., Outcome]) -> None:
    text = WRITERS[form](booked([{}], COACH))
    assert accepted(check(text))
    head, _, tail = text.rpartition(old)
    assert check(head + new + tail).returncode != 0


# Names that would like to be something else

HOSTILE = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "'", '"', '\\"', "\\", '" "', "''"),
    *("a;b", "; include /etc/passwd", "a|b", "a  b", " a ", "\t", "(x)", ")", "!", "*", "[2025-02-30]"),
    *('x"\n2020-01-01 open Assets:Gift\n', "x\n\ninclude other.journal\n", "\n    Assets:Gift  1 USD", "\r\n"),
    *("\ninclude other.journal", 'x"\noption "title" "y"', 'plugin "os"', "comment", "end comment", "#tag", "^link"),
    *("<script>alert(1)</script>", "<U+000A>", "&amp;", "\u202eabc", "a\u0000b", "\ufeff", "輝達", "é", "e\u0301"),
    *("a,b", "a:b", "lot:x, date:9", "date:2025-02-30", "%s{}", "../../x", "A" * 5000, "Assets:META", "true", "TRUE"),
    *("NULL", "2025-01-01", "\u2028", "💻", "{}"),
)
"""Formulas, quotes, comments, tags, dates, directives, controls, other scripts, paths, length."""

READ = """
import json, sys
from beancount import loader
entries, errors, options = loader.load_file(sys.argv[1])
assert not errors, errors
kept = [e for e in entries if type(e).__name__ == "Transaction"]
print(json.dumps({
    "kinds": sorted({type(e).__name__ for e in entries}),
    "title": options["title"], "files": len(options["include"]), "plugins": options["plugin"],
    "entries": [[e.payee, e.meta["entry"], e.meta["generation"], e.meta["lot"], str(len(e.postings))] for e in kept],
}))
"""


def hostile_lines() -> pl.DataFrame:
    fleet = [{"issuer": name, "generation": name, "lot_id": name} for name in HOSTILE]
    return booked(fleet, [flow("depreciation", lot, accumulated=5) for lot in range(len(fleet))], per_lot=True)


def as_written() -> list[list[str]]:
    return sorted([inert(n), f"{inert(n + '-2025-03-0001')}", inert(n), inert(n), "2"] for n in HOSTILE)


def test_hostile_names_are_inert_in_beancount(tmp_path: Path) -> None:
    path = tmp_path / "journal.beancount"
    path.write_bytes(beancount_text(hostile_lines(), HOSTILE).encode("ascii"))
    found = json.loads(subprocess.run([sys.executable, "-c", READ, str(path)], capture_output=True, check=True).stdout)
    assert sorted(found.pop("entries")) == as_written()
    assert found == {"kinds": ["Open", "Transaction"], "title": "Beancount", "files": 1, "plugins": []}


@pytest.mark.parametrize("form", ["hledger"], indirect=True)
def test_hostile_names_are_inert_in_hledger(check: Callable[..., Outcome]) -> None:
    text = hledger_text(hostile_lines(), HOSTILE)
    assert accepted(check(text))
    found = json.loads(check(text, "print", "-O", "json").stdout)
    entries = []
    for entry in found:
        tags = dict(entry["ttags"])
        assert set(tags) == {"kind", "generation", "lots", "book", "lot"}
        entries.append([entry["tcode"], tags["generation"], tags["lot"], str(len(entry["tpostings"]))])
    assert sorted(entries) == sorted(written[1:] for written in as_written())


@pytest.mark.parametrize("form", list(WRITERS), indirect=True)
def test_bean_check_and_hledger_accept_hostile_names(form: str, check: Callable[..., Outcome]) -> None:
    assert accepted(check(WRITERS[form](hostile_lines(), HOSTILE)))


def test_hostile_names_are_inert_in_csv() -> None:
    out = StringIO()
    writers.text(writers.decimals(hostile_lines()), "csv", Console(file=out))
    back = pl.read_csv(StringIO(out.getvalue()), infer_schema=False)
    assert len(back) == 2 * len(HOSTILE)
    cells = pl.concat([back[name] for name in ("entry", "issuer", "generation", "lot_id", "account", "narration")])
    assert not cells.str.contains(r"^[=+\-@\t\r]").any()
    assert set(back["lot_id"].str.strip_prefix("'")) == {name.removeprefix("'") for name in HOSTILE}


@given(st.one_of(st.text(), st.text(" <U+0A>ab")), st.sampled_from([WORD, SENTENCE]))
def test_a_text_can_be_read_back_from_its_inert_form(text: str, unfit: re.Pattern[str]) -> None:
    shown = inert(text, unfit)
    assert re.sub(r"<U\+([0-9A-F]+)>", lambda found: chr(int(found[1], 16)), shown) == text
    assert shown.isascii()
    assert shown == shown.strip() == re.sub(" +", " ", shown)
    assert not set(shown) & set('"\\;|()[]{}#^*!=@&\n\r\t')
