"""Hostile text: in cells it stays text wherever it comes out again, as a name it leads nowhere."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from random import Random

from depr.contract.names import spell
from depr.errors import Refused
from depr.fleet.facts import import_files, source
from depr.fleet.figures import schedule
from depr.fleet.questions import sql
from depr.fleet.restating import report
from depr.intake import read_facts
from depr.ledger.store import Ledger
from tests.command import run
from tests.faults.tally import Tally
from tests.ledger.samples import GENERATIONS, RECORDED, csv_text, foreign, ledger, lot, write

HOSTILE = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "=cmd|' /C calc'!A0", "＝1+1"),
    *("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "'\"><svg/onload=alert(1)>", "</title>", "<!--"),
    *("&lt;b&gt;", "javascript:alert(1)", "{{ 7*7 }}", "{% for x in y %}", "${7*7}", "[bold]x[/bold]", "[/]"),
    *("\u202eabc", "\u200b", "\ufeff", "\x1b[31mred", "\x07", "\x00", "a\x00b", "a\nb", "a\r\nb", 'a"b', "a,b", "a;b"),
    *("'; DROP TABLE events; --", "NULL", "\\N", "\\", "null", "nan", "é", "e\u0301", "🙂", "x" * 100_000, "%s%n"),
)
INNOCENT = "plain"
ACTIVE = {"script", "img", "svg", "iframe", "object", "embed", "form", "input", "base", "link"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Elements(HTMLParser):
    """The elements of a page that do something, and those of their attributes that do."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.active: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        self.active += [tag] * (tag in ACTIVE)
        self.active += [name for name, value in attrs if name.startswith("on") or "javascript:" in (value or "")]

    def handle_data(self, data: str) -> None:
        """Text."""
        self.text.append(data)


def active(page: str) -> list[str]:
    """What a page has of elements and attributes that do something."""
    read = Elements()
    read.feed(page)
    read.close()
    return sorted(read.active)


def hostile(folder: Path, trials: int, seed: int) -> Iterator[Tally]:
    """Each text in every column that takes one, through import to every output."""
    yield _cells(folder / "cells", _texts(trials, Random(seed)))
    yield _surrogates(folder / "surrogates")


def _texts(trials: int, random: Random) -> list[str]:
    """The texts above, then some made of parts of them."""
    made = [random.choice(HOSTILE)[:40] + random.choice(HOSTILE)[:40] for _ in range(max(trials - len(HOSTILE), 0))]
    return list(dict.fromkeys([*HOSTILE, *made]))


def _cells(folder: Path, texts: list[str]) -> Tally:
    tally = Tally("S1 hostile cells: import to CSV, JSON, SQL, HTML, hledger", "text intact, nothing active")
    folder.mkdir(parents=True)
    named = {spell(f"lot {n} {text}"): text for n, text in enumerate(texts)}
    rows = [lot(lot_id=name, location=text, document=text, serial=f"{n}{text}")
            for n, (name, text) in enumerate(named.items())]  # fmt: skip
    told = [
        {"kind": "transfer", "lot_id": name, "effective_date": "2023-06-01", "location": f"{text}!", "reason": text}
        for name, text in named.items()
    ]
    path = ledger(folder / "fleet.duckdb", rows, told)
    plain = ledger(folder / "plain.duckdb", [lot(lot_id=f"{n}", location=INNOCENT) for n in range(len(texts))])
    got = dict(sql(path, "SELECT lot_id, document FROM lots").iter_rows())
    for name, text in named.items():
        tally.trials += 1
        tally.must(got.get(name) == text.strip(), f"{text[:40]!a} became {got.get(name)!a:.80}", lost=True)
    reasons = sql(path, "SELECT reason FROM events WHERE kind = 'transfer' ORDER BY seq")["reason"].to_list()
    tally.must(reasons == [text.strip() for text in texts], "reasons are other ones", lost=True)
    _printed(tally, folder, named)
    _pages(tally, folder, path, plain)
    return tally


def _printed(tally: Tally, folder: Path, named: dict[str, str]) -> None:
    for words in (["schedule", "fleet.duckdb"], ["sql", "fleet.duckdb", "SELECT lot_id, location FROM lots"]):
        told = json.loads(run(folder, *words, "--format", "json").out)
        tally.must({row["lot_id"] for row in told} == set(named), f"{words}: other names in JSON", lost=True)
        text = run(folder, *words, "--format", "csv").out
        header, *lines = list(csv.reader(StringIO(text, newline="")))
        place = header.index("lot_id")
        tally.must({line[place] for line in lines} == set(named), f"{words}: other names in CSV", lost=True)
        formulas = [cell for line in lines for cell in line if cell[:1] in FORMULA and not _number(cell)]
        tally.must(not formulas, f"{words}: a spreadsheet would run {formulas[:3]!a}")
    said = run(folder, "journal", "fleet.duckdb", "2023", "--per-lot", "--format", "hledger").out
    indented = [line for line in said.splitlines() if line.strip().startswith("include")]
    tally.must(not indented, f"hledger would include {indented}")


def _number(cell: str) -> bool:
    return cell.removeprefix("-").replace(".", "", 1).isdecimal()


def _pages(tally: Tally, folder: Path, path: Path, plain: Path) -> None:
    """A page has the active elements that an innocent fleet's has, and no more."""
    report(plain, folder / "plain")
    report(path, folder / "pages")
    for page in ("index.html", "meta.html"):
        inert, own = (active((folder / name / page).read_text(encoding="utf-8")) for name in ("plain", "pages"))
        tally.must(own == inert, f"{page}: {sorted(set(own))} instead of {sorted(set(inert))}")


def _surrogates(folder: Path) -> Tally:
    """What is no text at all is refused, not repaired."""
    tally = Tally("S1 lone surrogates, broken UTF-8, a cell of 1 MB", "refused with the row, or kept whole")
    folder.mkdir(parents=True)
    path = ledger(folder / "fleet.duckdb")
    whole = csv_text(lot(document="HERE")).encode()
    for bad in (b"\xed\xa0\x80", b"\xff", b"\xc0\xaf", b"\xf8\x88\x80\x80\x80", b"\xe2\x82"):
        (folder / "bad.csv").write_bytes(whole.replace(b"HERE", bad))
        try:
            import_files(path, [folder / "bad.csv"], RECORDED)
            tally.notice(False, f"{bad!r} was taken")
        except Refused as refused:
            tally.notice(refused.findings[0].file == "bad.csv", f"{refused}")
    long = "m" * (1 << 20)
    import_files(path, [write(folder / "long.csv", lot(location=long))], RECORDED)
    tally.notice(sql(path, "SELECT location FROM lots")["location"].to_list() == [long], "1 MB is not kept")
    return tally


def obeyed(folder: Path) -> list[str]:
    """Control characters of the data that a table brings to the terminal."""
    folder.mkdir(parents=True)
    ledger(folder / "fleet.duckdb", [lot(location="\x1b]0;title\x07", document="\x9b31m\x08")])
    shown = run(folder, "sql", "fleet.duckdb", "SELECT location, document FROM lots").out
    return [character for character in "\x07\x08\x1b\x9b" if character in shown]


# Names as paths


NAMES = (
    *("../evil", "../../evil", "/etc/depr-evil", "..", ".", "a/b", "a\\b", "..\\evil", "C:\\evil", "\\\\host\\x"),
    *("con", "nul", "aux.html", "index", "INDEX", "Index", "a" * 300, "é", "🙂", ".hidden", "-rf", "~", "$HOME"),
    *("%2e%2e%2fevil", "a\nb", "a:b", "a?b", "a*b", "<a>", "a\x00b", "x.html", "../meta", "meta", "Meta"),
)


def paths(folder: Path, trials: int, seed: int, every: int = 1) -> Iterator[Tally]:
    """Ids and file names that are paths: nothing is written outside the folder that was named."""
    random = Random(seed)
    made = [random.choice(NAMES)[:20] + random.choice(("/", "\\", "", "../")) + random.choice(NAMES)[:20]
            for _ in range(max(trials - len(NAMES), 0))]  # fmt: skip
    tally = Tally("S2 ids and file names as paths", "report, source --out, schedule --out: nothing outside the folder")
    for number, name in enumerate(list(dict.fromkeys([*NAMES, *made]))[::every]):
        own = folder / str(number)
        (own / "inside").mkdir(parents=True)
        outside = own / "outside"
        outside.mkdir()
        (outside / "guard").write_text("as it was", encoding="utf-8")
        tally.trials += 1
        _issuer_as_path(tally, own, name)
        _file_as_path(tally, own, name.replace("\x00", ""))  # no file bears it
        there = sorted(str(each.relative_to(own)) for each in own.iterdir())
        expected = {"inside", "outside", "fleet.duckdb", "fleet.duckdb.seal", ".fleet.duckdb.lock", "one.csv", "batch"}
        tally.must(set(there) <= expected, f"{name[:40]!a}: {sorted(set(there) - expected)} is new")
        tally.must([each.name for each in outside.iterdir()] == ["guard"], f"{name[:40]!a}: written outside")
    tally.must(not Path("/etc/depr-evil").exists() and not Path("/etc/depr-evil.html").exists(), "written to /tmp")
    yield tally


def _issuer_as_path(tally: Tally, own: Path, name: str) -> None:
    """A page bears the name of its issuer; lots bear any name."""
    path = foreign(own / "fleet.duckdb", lot(lot_id=name, issuer=name), lot(lot_id=f"{name}2"))
    try:
        report(path, own / "inside" / "pages")
    except Refused as refused:
        tally.must("Traceback" not in str(refused), f"{refused}")
    pages = report(path, own / "inside" / "pages", issuers=["META"])
    tally.must(all(page.resolve().parent == (own / "inside" / "pages").resolve() for page in pages), f"{pages}")
    schedule(path, "3y").collect()


def _file_as_path(tally: Tally, own: Path, name: str) -> None:
    """A batch whose file has the name of a path, as another program could have recorded it."""
    (own / "batch").mkdir()
    file = write(own / "batch" / "other.csv", lot(lot_id="other"))
    read = read_facts(file, GENERATIONS)
    with Ledger.open(own / "fleet.duckdb", read_only=False) as opened:
        opened.record(name, read.sha256, read.entries, RECORDED, read=read.read, source=file)
    try:
        target = source(own / "fleet.duckdb", 2, own / "inside")
        tally.must(target.resolve().parent == (own / "inside").resolve(), f"{name[:40]!a}: {target}")
        tally.must(target.read_bytes() == file.read_bytes(), f"{name[:40]!a}: another file", lost=True)
    except Refused as refused:
        tally.must(str(own / "inside") in str(refused), f"{name[:40]!a}: {refused}")
