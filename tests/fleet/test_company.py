"""A company of one's own: made in one step, its ledger carries its judgements, and no command names them again."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import depr
from depr.errors import Refused
from depr.fleet import carried
from depr.ledger import adopted
from depr.ledger.store import Ledger
from tests.command import Ran, run

GIVEN = ("--id", "ACME", "--currency", "USD", "--year-end-month", "6", "--life", "5y", "--tax-rate", "0.21")
SAID = ("--by", "A. Chen", "--source", "accounting manual, section 4")
PURCHASES = """\
lot_id,issuer,generation,units,cost,currency,purchase_date,in_service_date
A-1,ACME,h100,16,600000.00,USD,2024-06-10,2024-07-01
A-2,ACME,storage-ssd,4,12000.00,USD,2025-01-05,2025-02-01
"""
STORAGE = """
[[generation]]
key = "storage-ssd"
maker = "various"
model = "SSD shelves"
source = "asset register, class 31"
"""
STATEMENTS = """\
issuer,period_type,fiscal_year,fiscal_quarter,period_end,currency,pretax_income,income_tax,net_income,diluted_shares,eps_diluted,source
ACME,FY,2025,,2025-06-30,USD,300000,63000,237000,100000,2.37,annual report
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company with a class of assets of its own and two lots; what each test changes is a copy."""
    folder = tmp_path_factory.mktemp("made")
    assert run(folder, "new", "acme", *GIVEN, *SAID).code == 0
    catalogue = folder / "acme" / "judgements" / "generations.toml"
    catalogue.write_text(catalogue.read_text("utf-8") + STORAGE, "utf-8")
    assert run(folder / "acme", "adopt", "acme.duckdb", "judgements", *ADOPTS).code == 0
    (folder / "acme" / "purchases.csv").write_text(PURCHASES, "utf-8")
    (folder / "acme" / "statements.csv").write_text(STATEMENTS, "utf-8")
    assert run(folder / "acme", "import", "acme.duckdb", "purchases.csv").code == 0
    return folder / "acme"


ADOPTS = ("--by", "A. Chen", "--reason", "class 31")


@pytest.fixture
def acme(made: Path, tmp_path: Path) -> Path:
    """Its folder."""
    return Path(shutil.copytree(made, tmp_path / "acme"))


def expense(folder: Path, *options: str) -> Decimal:
    """The depreciation that the journal charges in the fiscal year 2025."""
    ran = run(folder, "journal", "acme.duckdb", "2025", "--format", "csv", *options)
    assert ran.code == 0, ran.err
    rows = [line.split(",") for line in ran.out.splitlines() if ",depreciation_expense," in line]
    return sum((Decimal(row[10]) for row in rows), Decimal(0))


def change_life(folder: Path, months: int) -> Ran:
    """The company decides on another life from the beginning, and adopts it."""
    book = folder / "judgements" / "books" / "acme-reported.toml"
    text = re.sub(r"life_months = \d+", f"life_months = {months}", book.read_text("utf-8"))
    book.write_text(text, "utf-8")
    return run(folder, "adopt", "acme.duckdb", "judgements", "--by", "B. Ito", "--reason", "board paper")


def test_from_nothing_to_a_closed_quarter_and_a_restated_page(tmp_path: Path) -> None:
    """In nine commands, no file written by hand but data."""
    assert run(tmp_path, "new", "acme", *GIVEN, *SAID).code == 0
    here = tmp_path / "acme"
    (here / "purchases.csv").write_text(PURCHASES.replace("storage-ssd", "b200"), "utf-8")
    (here / "statements.csv").write_text(STATEMENTS, "utf-8")
    for words in (
        ("import", "acme.duckdb", "purchases.csv"),
        ("check", "acme.duckdb"),
        ("rollforward", "acme.duckdb", "--through", "2025-06-30"),
        ("journal", "acme.duckdb", "2025-Q4"),
        ("close", "acme.duckdb", "ACME", "2025-06"),
        ("restate", "acme.duckdb", "--statements", "statements.csv", "--lives", "3"),
        ("report", "acme.duckdb", "--statements", "statements.csv", "--lives", "3"),
        ("verify", "pages", "acme.duckdb"),
    ):
        ran = run(here, *words)
        assert ran.code == 0, (words, ran.err)
    page = (here / "pages" / "acme.html").read_text("utf-8")
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(re.findall(r'id="([^"]+)"', page))
    assert 'id="gap-chart' not in page  # neither capital expenditure nor depreciation was reported: a table, no chart
    # 600,000 over 60 months for twelve; 12,000 over 60 for five: the year to 30 June 2025
    assert expense(here) == Decimal("121000.00")
    assert "schedules" not in ran.out


def test_what_is_printed_next_can_be_typed(made: Path, tmp_path: Path) -> None:
    ran = run(tmp_path, "new", "acme", *GIVEN, *SAID)
    lines = [line.strip() for line in ran.out.splitlines() if line.startswith("  depr ")]
    assert len(lines) == 5
    first = lines[0].replace(" --dry-run", "")
    for line in (first, *lines[2:]):
        ended = run(tmp_path, *line.split()[1:])
        assert ended.code == 0, (line, ended.err)


def test_a_new_version_holds_from_when_it_was_recorded(acme: Path) -> None:
    before = expense(acme)
    ledger = acme / "acme.duckdb"
    with Ledger.open(ledger) as opened:
        then = opened.batches()[-1].recorded_at.replace(tzinfo=UTC)
    pages = ("report", "acme.duckdb", "--statements", "statements.csv", "--lives", "3")
    assert run(acme, *pages, "--out", "before").code == 0
    assert "books/acme-reported.toml, version 2" in change_life(acme, 72).out
    assert before == Decimal("121000.00")  # 600,000 / 60 x 12 + 12,000 / 60 x 5
    assert expense(acme) == Decimal("100833.33")  # 600,000 / 72 x 12 + 12,000 / 72 x 5
    moment = (then + timedelta(microseconds=1)).isoformat()
    assert expense(acme, "--known-at", moment) == before
    assert run(acme, *pages, "--out", "after", "--known-at", moment).code == 0
    for page in ("index.html", "acme.html"):
        one, other = (
            re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "", (acme / f / page).read_text("utf-8")) for f in NOW_AND_THEN
        )
        assert one == other


NOW_AND_THEN = ("before", "after")


def test_every_version_is_listed_with_who_and_why(acme: Path) -> None:
    change_life(acme, 72)
    versions = depr.open(acme / "acme.duckdb").judgements(every=True).frame
    book = versions.filter(name="books/acme-reported.toml")
    assert book.select("version", "by", "why").rows() == [
        (1, "A. Chen", "the beginning: accounting manual, section 4"),
        (2, "B. Ito", "board paper"),
    ]
    content = (acme / "judgements" / "books" / "acme-reported.toml").read_bytes()
    assert book["sha256"][1] == hashlib.sha256(content).hexdigest()
    assert run(acme, "source", "acme.duckdb", str(book["batch"][1]), "--out", "back.toml").code == 0
    assert (acme / "back.toml").read_bytes() == content


def test_the_same_again_is_nothing_new(acme: Path) -> None:
    head = depr.open(acme / "acme.duckdb").head
    ran = run(acme, "adopt", "acme.duckdb", "judgements", *ADOPTS)
    assert (ran.code, ran.out) == (0, "")
    assert "nothing new" in ran.err
    assert depr.open(acme / "acme.duckdb").head == head


def test_an_earlier_version_can_be_adopted_again(acme: Path) -> None:
    before = expense(acme)
    change_life(acme, 72)
    assert "version 3" in change_life(acme, 60).out
    assert expense(acme) == before


BAD = {
    "a book that is not there": ("issuers/acme.toml", 'book = "acme-reported"', 'book = "acme-other"', "acme-other"),
    "a wrong word": ("books/acme-reported.toml", "straight_line", "straigt_line", "straigt_line"),
    "a key that no rule reads": (
        "books/acme-reported.toml",
        "life_months",
        "life_weeks = 3\nlife_months",
        "life_weeks",
    ),
    "an issuer that is not there": ("books/acme-reported.toml", 'issuer = "ACME"', 'issuer = "ACMY"', "ACMY"),
    "an id that leads elsewhere": (
        "books/acme-reported.toml",
        '"acme-reported"',
        '"../../acme"',
        "no name of a judgement",
    ),
    "no TOML": ("accounts.toml", "[[account]]", "[[account", "cannot be read"),
    "nothing that is one": ("accounts.toml", "[[account]]", "[[acount]]", "acount"),
    "a class without a source": ("generations.toml", 'source = "asset register, class 31"', "", "has no source"),
}


@pytest.mark.parametrize("named", BAD)
def test_what_cannot_be_adopted_changes_nothing(acme: Path, named: str) -> None:
    name, old, new, said = BAD[named]
    file = acme / "judgements" / name
    assert old in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")
    other = acme / "judgements" / "assumptions.toml"
    other.write_text(other.read_text("utf-8") + "# changed\n", "utf-8")
    before = depr.open(acme / "acme.duckdb").head
    ran = run(acme, "adopt", "acme.duckdb", "judgements", *ADOPTS)
    assert ran.code == 1
    assert said in ran.err
    assert str(file.relative_to(acme)) in ran.err or "no name of a judgement" in ran.err or named.endswith("there")
    assert depr.open(acme / "acme.duckdb").head == before


@pytest.mark.parametrize(
    ("files", "by", "why", "said"),
    [
        (["nowhere"], "A", "b", "no such file or folder"),
        (["purchases.csv"], "A", "b", "cannot be read"),
        (["judgements/accounts.toml", "accounts.toml"], "A", "b", "is accounts.toml, as"),
        (["judgements"], " ", "b", "adopted with a by"),
        (["judgements"], "A", "", "adopted with a reason"),
        (["judgements"], "A (by B", "c", "is no name"),
        (["judgements"], "A\nB", "c", "is no name"),
        (["empty"], "A", "b", "holds no judgement"),
        (["other.toml"], "A", "b", "other.toml: is no judgement\n  why: one is told by what it holds: "),
    ],
)
def test_what_is_refused_says_why(acme: Path, files: list[str], by: str, why: str, said: str) -> None:
    (acme / "empty").mkdir()
    (acme / "other.toml").write_text('title = "Other"\n', "utf-8")
    shutil.copy(acme / "judgements" / "accounts.toml", acme)
    ran = run(acme, "adopt", "acme.duckdb", *files, "--by", by, "--reason", why)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err


def test_all_are_recorded_or_none(acme: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault between two judgements of one adoption leaves neither."""
    for name in ("accounts.toml", "assumptions.toml"):
        file = acme / "judgements" / name
        file.write_text(file.read_text("utf-8") + "# changed\n", "utf-8")
    record, fleet = adopted.record, depr.open(acme / "acme.duckdb")
    before = fleet.head

    def failing(ledger: Ledger, name: str, *rest: object) -> object:
        if name == "assumptions.toml":
            raise KeyboardInterrupt
        return record(ledger, name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(adopted, "record", failing)
    with pytest.raises(KeyboardInterrupt):
        fleet.adopt(acme / "judgements", by="A. Chen", reason="changed")
    assert fleet.head == before
    assert fleet.verify().batches[-1].hash in before
    assert fleet.judgements()["version"].max() == 2  # the catalogue of the fixture


def test_a_folder_of_ones_own_is_read_in_their_place_and_said(acme: Path, caplog: pytest.LogCaptureFixture) -> None:
    change_life(acme, 72)
    (acme / "other" / "books").mkdir(parents=True)
    (acme / "other" / "issuers").mkdir()
    for name in ("issuers/acme.toml", "books/acme-reported.toml"):
        text = (acme / "judgements" / name).read_text("utf-8").replace("life_months = 72", "life_months = 36")
        (acme / "other" / name).write_text(text, "utf-8")
    assert expense(acme, "--schedules", "other") == Decimal("201666.67")  # 600,000 / 36 x 12 + 12,000 / 36 x 5
    assert "the judgements of other are read, not those that acme.duckdb carries" in caplog.text


def test_what_lies_in_the_cache_is_what_was_adopted(acme: Path) -> None:
    """Whoever changes the copy there, or puts a file beside it, changes no figure."""
    before = expense(acme)
    place = carried.folder(acme / "acme.duckdb")
    assert place is not None
    book = place / "books" / "acme-reported.toml"
    book.write_text(book.read_text("utf-8").replace("life_months = 60", "life_months = 12"), "utf-8")
    (place / "issuers" / "other.toml").write_text("nonsense", "utf-8")
    assert expense(acme) == before
    assert not (place / "issuers" / "other.toml").exists()


def test_a_name_from_a_ledger_opens_no_file_elsewhere(acme: Path) -> None:
    file = acme / "judgements" / "accounts.toml"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    with Ledger.open(acme / "acme.duckdb", read_only=False) as opened:
        adopted.record(opened, "../../accounts.toml", file, digest, datetime.now(UTC), "A", "b")
    with pytest.raises(Refused, match="no name of a judgement"):
        carried.folder(acme / "acme.duckdb")


def test_an_own_class_is_bought_beside_those_that_ship(acme: Path) -> None:
    held = depr.open(acme / "acme.duckdb").holdings(["generation"])
    assert held["generation"].to_list() == ["h100", "storage-ssd"]


WEEKS = ("--weeks", "4-4-5", "--weekday", "sunday", "--year-ends", "last")


def test_a_year_of_weeks(tmp_path: Path) -> None:
    """The last Sunday of January, as NVIDIA's (26 January 2025, 28 January 2024: 52 weeks)."""
    given = ("--id", "ACME", "--currency", "USD", "--year-end-month", "1", "--life", "5y", "--tax-rate", "0.21")
    assert run(tmp_path, "new", "acme", *given, *WEEKS, *SAID).code == 0
    here = tmp_path / "acme"
    (here / "purchases.csv").write_text(PURCHASES.replace("storage-ssd", "b200"), "utf-8")
    assert run(here, "import", "acme.duckdb", "purchases.csv").code == 0
    ends = depr.open(here / "acme.duckdb").schedule(grain="quarter")["period_end"].unique().sort().to_list()
    assert ends[:4] == [date(2024, 7, 28), date(2024, 10, 27), date(2025, 1, 26), date(2025, 4, 27)]
    assert run(here, "prepare", "acme.duckdb", "--life", "3y").code == 0


NOT_NEW = {
    "an issuer that ships": ("--id", "META", "is an issuer that ships"),
    "no id": ("--id", "../x", "is no id"),
    "no currency": ("--currency", "USX", "USX"),
    "no month": ("--year-end-month", "13", "give 1 to 12"),
    "no life": ("--life", "5", "not a useful life"),
    "no rate": ("--tax-rate", "21%", "is no rate"),
    "a rate above one": ("--tax-rate", "21", "is no rate"),
    "half a year of weeks": ("--weeks", "4-4-5", "a year of weeks has"),
    "no method": ("--method", "straigt_line", "straigt_line"),
    "no kind of tax": ("--tax-kind", "usual", "tax_rate.0.kind"),
    "no residual value": ("--residual-rate", "2", "residual_rate"),
}


@pytest.mark.parametrize("named", NOT_NEW)
def test_what_is_no_company_leaves_nothing(tmp_path: Path, named: str) -> None:
    option, value, said = NOT_NEW[named]
    words = [*GIVEN, *SAID]
    if option in words:
        words[words.index(option) + 1] = value
    else:
        words += [option, value]
    ran = run(tmp_path, "new", "acme", *words)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert not (tmp_path / "acme").exists()


def test_a_year_of_weeks_ends_on_a_day_of_the_week(tmp_path: Path) -> None:
    ran = run(tmp_path, "new", "acme", *GIVEN, *SAID, "--weeks", "4-4-5", "--weekday", "someday", "--year-ends", "last")
    assert (ran.code, ran.out) == (1, "")
    assert "'someday' is none\n  do: use one of: monday, tuesday, " in ran.err


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "notes.txt").write_text("mine", "utf-8")
    ran = run(tmp_path, "new", "acme", *GIVEN, *SAID)
    assert (ran.code, ran.out) == (1, "")
    assert "is there already" in ran.err
    assert [path.name for path in (tmp_path / "acme").iterdir()] == ["notes.txt"]


def test_what_is_missing_is_named_where_nobody_can_be_asked(tmp_path: Path) -> None:
    ran = run(tmp_path, "new", "acme", "--id", "ACME")
    assert ran.code == 2
    said = " ".join(ran.err.replace("│", " ").split())
    assert "give --currency, --year-end-month, --life, --tax-rate, --by, --source" in said


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What is kept of judgements lies in a cache of the test."""
    carried._place.cache_clear()
    yield
    carried._place.cache_clear()


OWN_LIFE = """\
lot_id,issuer,generation,units,cost,currency,purchase_date,in_service_date,residual,life_months
B-1,ACME,h100,1,36000.00,USD,2024-06-10,2024-07-01,,36
B-2,ACME,h100,1,36000.00,USD,2024-06-10,2024-07-01,12000.00,48
B-3,ACME,h100,1,36000.00,USD,2024-06-10,2024-07-01,,
"""


def test_a_lot_may_bring_its_own_life_and_residual_value(acme: Path) -> None:
    """36,000 over 36 months of its own, 24,000 over 48, 36,000 over the 60 of the book; a scenario asks for its own."""
    (acme / "own.csv").write_text(OWN_LIFE, "utf-8")
    ran = run(acme, "import", "acme.duckdb", "own.csv", "--format", "csv")
    assert ran.out.splitlines()[1].split(",")[2:6] == ["3", "3", "0", "0"]
    fleet = depr.open(acme / "acme.duckdb")
    year = fleet.schedule(grain="year").filter(fiscal_year=2025)
    found = dict(year.select("lot_id", "depreciation").rows())
    assert [found[f"B-{n}"] for n in (1, 2, 3)] == [12_000, 6_000, 7_200]
    plain = dict(fleet.schedule("3y", grain="year").filter(fiscal_year=2025).select("lot_id", "depreciation").rows())
    assert [plain[f"B-{n}"] for n in (1, 2, 3)] == [12_000, 8_000, 12_000]
    again = run(acme, "import", "acme.duckdb", "own.csv", "--format", "csv")
    assert again.out.splitlines()[1].split(",")[2:6] == ["3", "0", "0", "3"]


@pytest.mark.parametrize(
    ("cell", "served", "said"),
    [
        ("0", "2024-07-01", "life_months 0"),
        ("3y", "2024-07-01", "life_months '3y'"),
        ("36", "", "in_service_date is blank"),
    ],
)
def test_a_life_that_is_none_is_refused(acme: Path, cell: str, served: str, said: str) -> None:
    text = OWN_LIFE.splitlines()[0] + f"\nB-1,ACME,h100,1,36000.00,USD,2024-06-10,{served},,{cell}\n"
    (acme / "own.csv").write_text(text, "utf-8")
    ran = run(acme, "import", "acme.duckdb", "own.csv")
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
