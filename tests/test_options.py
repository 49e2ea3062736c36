"""Every option of every command is honoured or refused: another value gives another answer, or a message that says so.

A new option fails here until it stands in TRIED, with a value that must change what is said, or in ELSEWHERE, with the
reason why it is not tried here.
"""

from __future__ import annotations

import re
import shlex
import shutil
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import typer.main

from depr import cli
from tests.command import Ran, run
from tests.daily import sampled
from tests.ledger.samples import event, ledger, lot, write

LEDGER, OWN = "fleet.duckdb", "own"
KNOWN = "2025-01-31T11:00"
"""Before anything was recorded."""

JOURNAL = "journal fleet.duckdb 2024-06"
ROLLED = "rollforward fleet.duckdb --through 2024-12-31"
RESTATED = "restate fleet.duckdb --lives 3 --years 2024"
REPORTED = "report fleet.duckdb --lives 3 --years 2024"
SCREENED = "materiality fleet.duckdb --lives 3 --years 2024"
ASKED = {
    "--as-of 2024-01-31": "as-of",
    f"--known-at {KNOWN}": "known-at",
    f"--schedules {OWN}": "schedules",
}
WRITTEN = {"sheet": "--sheet one", "delimiter": "--delimiter tab", "encoding": "--encoding utf-16"}
TRIED: dict[str, dict[str, str]] = {
    "schedule fleet.duckdb": {
        "book": "--book 3y",
        "issuer": "--issuer META",
        "grain": "--grain quarter",
        "out": "--out s.csv",
        "format": "--format json",
        **{name: words for words, name in ASKED.items()},
    },
    ROLLED: {
        "through": "--through 2025-12-31",
        "book": "--book 3y",
        "issuer": "--issuer META",
        "by": "--by location",
        "grain": "--grain year",
        "format": "--format json",
        **{name: words for words, name in ASKED.items()},
    },
    JOURNAL: {
        "book": "--book 3y",
        "issuer": "--issuer META",
        "per-lot": "--per-lot",
        "difference": "--difference",
        "posted": "--posted",
        "export": "--export netsuite",
        "format": "--format hledger",
        **{name: words for words, name in ASKED.items()},
    },
    "explain fleet.duckdb A 2024-06": {
        "book": "--book 3y",
        **{name: words for words, name in ASKED.items()},
        "as-of": "--as-of 2023-01-31",
    },
    "tie fleet.duckdb theirs.csv --from 2024-04": {
        "mapping": "--mapping absent",
        "from": "--from 2024-05",
        "months": "--months 3",
        "book": "--book 3y",
        "issuer": "--issuer META",
        **WRITTEN,
        "format": "--format json",
        **{name: words for words, name in ASKED.items()},
    },
    RESTATED: {
        "issuer": "--issuer META",
        "lives": "--lives 2",
        "mode": "--mode retrospective",
        "change-date": "--change-date 2024-01-01",
        "tax": "--tax effective",
        "by": "--by lot",
        "periods": "--periods Q",
        "years": "--years 2023",
        "statements": "--statements absent.csv",
        "filed": "--filed first",
        "accept-breaks": "--accept-breaks",
        **WRITTEN,
        "save": "--save kept",
        "format": "--format json",
        **{name: words for words, name in ASKED.items()},
    },
    f"{RESTATED} --by lot": {"years": "--years 2025"},
    f"{RESTATED} --by generation": {"years": "--years 2025", "lives": "--lives 2"},
    REPORTED: {
        "issuer": "--issuer META",
        "lives": "--lives 2",
        "mode": "--mode retrospective",
        "change-date": "--change-date 2024-01-01",
        "years": "--years 2023-2024",
        "statements": "--statements absent.csv",
        "filed": "--filed first",
        "accept-breaks": "--accept-breaks",
        **WRITTEN,
        "out": "--out elsewhere",
        "reports": "--reports absent",
        **{name: words for words, name in ASKED.items()},
    },
    SCREENED: {
        "issuer": "--issuer META",
        "lives": "--lives 2",
        "years": "--years 2023",
        "statements": "--statements absent.csv",
        "filed": "--filed first",
        "accept-breaks": "--accept-breaks",
        **WRITTEN,
        "format": "--format json",
        **{name: words for words, name in ASKED.items()},
    },
    "saved fleet.duckdb": {"drop": "--drop absent", "format": "--format json"},
    "holdings fleet.duckdb": {
        "by": "--by location",
        "as-of": "--as-of 2023-01-31",
        "known-at": f"--known-at {KNOWN}",
        "format": "--format json",
    },
    "check fleet.duckdb chain": {"counts": "--counts absent.csv", "list": "--list"},
    "claims seen-2025-11 --surface burry-176": {"level": "--level burry-176"},
    "lives": {"as-of": "--as-of 2024-01-31", "known-at": f"--known-at {KNOWN}"},
}
"""Words of a command, and by option a value that must change what is said."""

ELSEWHERE = {
    "adopt": "tests/fleet/test_company",
    "asset": "test_cli tries every option of it",
    "backtest": "tests/backtest; it takes long",
    "check": "tests/checks, test_checks",
    "claims": "tests/projection",
    "close": "tests/ledger",
    "conventions": "the format alone: test_cli",
    "demo": "test_demo",
    "import": "test_forms, test_mapping, tests/intake, tests/faults",
    "lives": "test_evidence",
    "mappings": "test_mapping",
    "methods": "the format alone: test_cli",
    "diff": "tests/fleet/test_diff",
    "judgements": "tests/fleet/test_company; the format alone: test_cli",
    "migrate": "tests/ledger/test_migrate",
    "new": "tests/fleet/test_company",
    "post": "tests/journal/test_posting",
    "postings": "tests/journal/test_posting",
    "prepare": "tests/sql/test_preparing",
    "project": "tests/projection",
    "publish": "tests/sql/test_publish",
    "record": "its columns are those of a file of events: test_forms; schedules: below",
    "reopen": "tests/ledger",
    "source": "tests/ledger, tests/faults",
    "sql": "tests/sql/test_analyst, test_query",
    "statements": "tests/statements, test_evidence",
    "verify": "tests/ledger, tests/sql/test_publish",
}
"""Commands of which some options are tried in other files, and where."""

WRITES = "overwrite"
"""What may be written over has a test of every command that writes."""

ROWS = [
    lot(lot_id="A", units="100", cost="36000000000.00", purchase_date="2023-02-01", in_service_date="2023-03-01"),
    lot(lot_id="B", issuer="MSFT", cost="720000.00", location="Oslo", in_service_date="2024-03-01"),
]


def declared() -> dict[str, set[str]]:
    """The options of every command."""
    group: Any = typer.main.get_command(cli.app)
    return {
        name: {param.opts[0].lstrip("-") for param in command.params if param.param_type_name == "option"} - {"help"}
        for name, command in group.commands.items()
    }


def test_every_option_is_tried_or_said_where() -> None:
    tried: dict[str, set[str]] = {}
    for words, options in TRIED.items():
        tried.setdefault(words.split()[0], set()).update(options)
    commands = declared()
    assert {name for name in tried if tried[name] - commands[name]} == set()
    left = {name: options - tried.get(name, set()) - {WRITES} for name, options in commands.items()}
    assert {name: options for name, options in left.items() if options and name not in ELSEWHERE} == {}
    assert set(ELSEWHERE) <= set(commands)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("options")
    moved = event("transfer", "2024-02-01", "A", location="Oregon")
    ledger(folder / LEDGER, ROWS, [moved])
    shipped = Path(__file__).parents[1] / "schedules"
    for kind in ("books", "issuers"):
        (folder / OWN / kind).mkdir(parents=True)
    book = (shipped / "books" / "meta-reported.toml").read_text(encoding="utf-8")
    shorter = re.sub("life_months = [0-9]+", "life_months = 30", book)
    (folder / OWN / "books" / "meta-reported.toml").write_text(shorter, encoding="utf-8")
    theirs = "lot_id,date,depreciation\nA,2024-04-30,1.00\nB,2024-05-31,1.00\n"
    (folder / "theirs.csv").write_text(theirs, encoding="utf-8")
    return folder


def answer(folder: Path, words: str) -> tuple[int, str]:
    """What a command says and writes."""
    ran = run(folder, *shlex.split(words))
    pages = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("pages/*.html"))]
    shutil.rmtree(folder / "pages", ignore_errors=True)
    return ran.code, ran.out + ran.err + "".join(pages)


@pytest.mark.parametrize("words", sampled(TRIED, 2))
def test_another_value_gives_another_answer_or_is_refused(words: str, made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    plain = answer(tmp_path, words)
    assert plain[0] == 0, plain[1]
    same = [option for option, more in TRIED[words].items() if answer(tmp_path, f"{words} {more}") == plain]
    assert same == []


def test_an_event_can_name_a_book_of_ones_own(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    books = tmp_path / OWN / "books"
    own = (books / "meta-reported.toml").read_text("utf-8").replace('"meta-reported"', '"mine"')
    (books / "mine.toml").write_text(own, "utf-8")
    words = ("record", LEDGER, "estimate", "A", "2024-06-30", "--life", "4y", "--book", "mine")
    assert run(tmp_path, *words).code == 1
    ran = run(tmp_path, *words, "--schedules", OWN)
    assert ran.code == 0, ran.err


PAGES = (
    "",
    "--issuer META --lives 2,42m",
    "--lives 3 --years 2023-2024 --mode as_if,prospective --change-date 2024-01-01 --change-date 2024-07-01",
    "--lives life-3y --as-of 2024-12-31 --schedules own --reports 'my reports'",
    "--issuer META --lives 3 --years 2024 --statements 'my statements.csv' --accept-breaks",
    "--issuer META --lives 3 --years 2024 --statements tabs.csv --accept-breaks --delimiter tab --encoding utf-16",
)


@pytest.mark.parametrize("options", sampled(PAGES, 3, 2))
def test_the_command_on_a_page_gives_the_page(options: str, made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    shutil.copytree(Path(__file__).parents[1] / "reports", tmp_path / "my reports")
    row = {"issuer": "META", "period_type": "FY", "fiscal_year": "2024", "fiscal_quarter": "", "currency": "USD"}
    row |= {"period_end": "2024-12-31", "pretax_income": "4000.00", "income_tax": "800.00", "net_income": "3000.00"}
    write(tmp_path / "my statements.csv", row)
    tabs = (tmp_path / "my statements.csv").read_text("utf-8").replace(",", "\t")
    (tmp_path / "tabs.csv").write_text(tabs, "utf-16")
    assert run(tmp_path, "report", LEDGER, *shlex.split(options)).code == 0
    first = {path.name: path.read_bytes() for path in (tmp_path / "pages").iterdir()}
    shutil.rmtree(tmp_path / "pages")
    page = first["meta.html"].decode()
    printed = [unescape(found) for found in re.findall(r"<dd><code>(depr report [^<]*)</code>", page)]
    assert len(printed) == 1
    again: Ran = run(tmp_path, *shlex.split(printed[0])[1:])
    assert again.code == 0, again.err
    assert {path.name: path.read_bytes() for path in (tmp_path / "pages").iterdir()} == first
    saves = set(re.findall(r"depr restate [^<]*--save page", unescape(page)))
    assert len(saves) == 1
    kept = run(tmp_path, *shlex.split(saves.pop())[1:])
    assert kept.code == 0, kept.err
    asked = "SELECT count(*) AS n FROM restatement WHERE run = 'page' AND issuer = 'META'"
    assert int(run(tmp_path, "sql", LEDGER, asked, "--format", "csv").out.split()[1]) > 0
