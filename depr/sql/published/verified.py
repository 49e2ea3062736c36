"""The proof that a published copy is as it was published."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from depr.errors import Finding
from depr.ledger import contents, faults, seal
from depr.ledger.opening import connect
from depr.sql.published import manifest
from depr.sql.published.again import read_back
from depr.sql.published.copies import differing, made_with, publish


def is_copy(path: Path) -> bool:
    """Whether a path is to be proven as a published copy and not as a ledger: a folder, or a file without lots."""
    return path.is_dir() or bool(made_with(path).get("without"))


@dataclass(frozen=True)
class VerifiedCopy:
    """What a published copy is, in a line; the hash that stands for all it says; and what its proof does not reach."""

    said: str
    contents: str
    unproven: tuple[str, ...]


def verify_copy(copy: Path, head: str | None = None, ledger: Path | None = None) -> tuple[VerifiedCopy, list[Finding]]:
    """What a published copy is and what of it was changed since: its bytes, then what they say, by its own proofs.

    `head` is a head of the ledger or the hash of the contents, noted elsewhere; with the `ledger` it was made of, the
    copy is made again and compared. Raises `Refused` when it is no copy.
    """
    found = differing(copy)
    said = made_with(copy)
    if copy.is_dir() and not found:
        again = read_back(copy, manifest.read(copy))
        found += again.findings
        mark = again.contents
        hashes = again.hashes
        unproven = again.unproven
    elif copy.is_dir():
        mark = ""
        hashes = (str(said["head"]),)
        unproven = ()
    else:
        with connect(copy, read_only=True) as connection:
            mark = contents.fingerprint(connection, str(said["head"]))
        hashes = (str(said["head"]),)
        unproven = ()
    if head and not any(each.startswith(head.lower()) for each in (*hashes, mark)):
        found.append(faults.other_history(copy, head))
    if ledger is not None and not found:
        unlike, unproven = _unlike(copy, said, ledger)
        found += unlike
    elif not (head and mark.startswith(head.lower())):
        unproven = (*unproven, _unknowable(head, bool(said.get("without"))))
    without = f" without {said['without']}" if said.get("without") else ""
    sealed = "" if copy.is_dir() or seal.read(copy) else "; its seal is missing, so nothing proves its bytes"
    words = f"published by depr {said.get('version')}{without}, head {said.get('head')}{sealed}"
    return VerifiedCopy(words, mark, unproven), found


def _unknowable(head: str | None, without: bool) -> str:
    """What no copy can say of itself."""
    give = "give the hash of the contents noted elsewhere (--head CONTENTS), or the ledger: depr verify COPY LEDGER"
    if head is None:
        return f"that it is the copy that was published: one rewritten with all its digests looks the same; {give}"
    if without:
        return f"anything by that head, since no fact is in the copy; {give}"
    return f"all but facts, and what the views make of them, by that head; {give}"


def _unlike(copy: Path, said: dict[str, Any], ledger: Path) -> tuple[list[Finding], tuple[str, ...]]:
    """What of a copy is not what its ledger gives when it is published again; and what of the ledger is not proven."""
    with TemporaryDirectory() as folder:
        fresh = Path(folder) / copy.name
        made = publish(ledger, fresh, without_lots=bool(said["without"]), least_lots=int(said["least_lots"] or 0))
        ours = _parts(fresh)
        theirs = _parts(copy)
    why = f"published again, {ledger} gives something else"
    do = "publish it again, or give the ledger as it was then"
    names = [name for name in sorted(ours.keys() | theirs.keys()) if ours.get(name) != theirs.get(name)]
    found = [Finding(str(copy), 0, f"{name} is not what the ledger says", why, do, "published") for name in names]
    return found, made.unproven


def _parts(copy: Path) -> dict[str, str]:
    """The files of a folder, or what a file holds, each with its digest."""
    if copy.is_dir():
        return {each["path"]: each["sha256"] for each in manifest.read(copy)["files"]}
    with connect(copy, read_only=True) as connection:
        digests = contents.recorded(connection)
    return {f"{kind} {name}": digest.definition + digest.rows for (kind, name), digest in digests.items()}
