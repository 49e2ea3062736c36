"""The proof of a page: made again from its ledger with the command that it prints, and compared piece by piece."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from depr.errors import Finding, Refused, refuse
from depr.intake import bounds
from depr.ledger.store import trusted
from depr.ledger.version import VERSION
from depr.report.compared import Claim, Difference, claim, compared, title
from depr.share.files import MANIFEST

MOST = 20
"""Differences of a page that are told; of more, how many there are."""

LARGEST = 1 << 26
"""Bytes of a page."""

SUFFIXES = (".html", ".htm")

BEGINS = b"<!doctype html"

Make = Callable[[Sequence[str], Path, Path], Iterable[Path]]
"""Makes pages again: the words of a command, the ledger, the folder to write in -> the pages."""


@dataclass(frozen=True)
class VerifiedPages:
    """The pages that were proven, each with the command that made it again; and what the proof does not reach."""

    pages: Sequence[tuple[Path, str]]
    unproven: tuple[str, ...]


def is_page(path: Path) -> bool:
    """Whether a path is to be proven as a page, or as a folder of pages, and not as a ledger or a published copy."""
    if path.is_dir():
        return not (path / MANIFEST).exists() and bool(_in(path))
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(BEGINS)).lower() == BEGINS
    except OSError:
        return False


def _in(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.suffix.lower() in SUFFIXES and each.is_file())


def verify_pages(path: Path, ledger: Path, make: Make) -> tuple[VerifiedPages, list[Finding]]:
    """What a page, or each page of a folder, says otherwise than the ledger it was made of gives again.

    The ledger is proven first. Raises `Refused` for what is no page of depr.
    """
    made_of: dict[Claim, list[Path]] = {}
    unproven = [NOT_REACHED]
    for page in _in(path) if path.is_dir() else [path]:
        claimed = claim(_text(page))
        if claimed is not None:
            made_of.setdefault(claimed, []).append(page)
        elif path.is_dir():
            unproven.append(f"{page}: it is no page that depr made")
    if not made_of:
        why = "it prints no command that made it, or no ledger"
        raise refuse(str(path), "is no page that depr made", why, "name a page of depr report, or a folder of them")
    with trusted(ledger) as opened:
        heads = {batch.hash for batch in opened.batches()}
    found = []
    for claimed, pages in made_of.items():
        if claimed.head not in heads:
            found += [_of_another(page, claimed, ledger) for page in pages]
        else:
            found += _unlike(pages, claimed, ledger, make, path if path.is_dir() else None)
    proven = [(page, claimed.command) for claimed, pages in made_of.items() for page in pages]
    return VerifiedPages(proven, tuple(unproven)), found


NOT_REACHED = (
    "that the ledger is the one you knew (depr verify LEDGER --head HEAD), and that what it was told is true: "
    "a page follows from it, from the books, and from the statements it names"
)


def _text(page: Path) -> str:
    try:
        return bounds.content(page, LARGEST).decode("utf-8", "surrogateescape")
    except OSError as fault:
        raise refuse(str(page), f"cannot be read: {fault.strerror}", do="check the path") from None


def _of_another(page: Path, claimed: Claim, ledger: Path) -> Finding:
    why = f"it was made of head {claimed.head[:12]}, and no batch of {ledger} has that hash"
    do = "give the ledger that it was made of; if this is it, it was rolled back or rewritten"
    return Finding(str(page), 0, "is the page of another ledger", why, do, "page")


def _unlike(pages: Sequence[Path], claimed: Claim, ledger: Path, make: Make, folder: Path | None) -> Iterator[Finding]:
    """Make the pages of one command again, and compare."""
    again = f"make it again: {claimed.command}"
    with TemporaryDirectory() as out:
        try:
            made = {each.name: _text(each) for each in make(_words(claimed), ledger, Path(out))}
        except Refused as refused:
            why = f"{claimed.command} is refused; see below"
            do = "give the command in the folder where it was given, with the files that it names"
            yield Finding(str(pages[0]), 0, "cannot be made again", why, do, "page")
            yield from refused.findings
            return
    if folder is not None:
        for name in sorted(name for name in made if not (folder / name).exists()):
            yield Finding(str(folder), 0, f"the page {name} is missing", f"{claimed.command} makes it", again, "page")
    for page in pages:
        yield from _differing(page, claimed, made, again)


def _words(claimed: Claim) -> list[str]:
    try:
        return shlex.split(claimed.command)
    except ValueError:
        return claimed.command.split()  # a command that nothing can parse is refused as such


def _differing(page: Path, claimed: Claim, made: dict[str, str], again: str) -> Iterator[Finding]:
    text = _text(page)
    titled = (other for other in made.values() if title(other) == title(text))
    should = made.get(page.name) or next(titled, None)
    if should is None:
        what = "is none of the pages that its command makes"
        yield Finding(str(page), 0, what, f"it makes {', '.join(sorted(made))}", again, "page")
        return
    if text == should:
        return
    if claimed.version != VERSION:
        why = f"this is depr {VERSION}, which may say it otherwise"
        yield Finding(str(page), 0, f"was made by depr {claimed.version}", why, again, "page")
    differences = compared(text, should)
    yield from (_finding(page, each, again) for each in differences[:MOST])
    if len(differences) > MOST:
        what = f"{len(differences) - MOST} more places are not as they are made again"
        yield Finding(str(page), 0, what, do=again, code="page")
    if not differences:
        at = next(
            (n for n, (a, b) in enumerate(zip(text, should, strict=False)) if a != b), min(map(len, (text, should)))
        )
        why = f"blanks between its pieces differ, from character {at:,} on"
        yield Finding(str(page), 0, "is written otherwise than it is made again", why, again, "page")


def _finding(page: Path, difference: Difference, again: str) -> Finding:
    what = (
        f"{difference.place}: says {difference.says!r}"
        if difference.says
        else f"{difference.place}: a piece is missing"
    )
    why = f"made again it says {difference.should!r}" if difference.should else "made again it has no such piece"
    return Finding(str(page), 0, what, why, again, "page")
