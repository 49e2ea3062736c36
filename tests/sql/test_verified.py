"""What a proof of a ledger says of a hash that was noted elsewhere."""

from __future__ import annotations

from pathlib import Path

from depr.sql.verified import verify
from tests.ledger.samples import ledger, lot


def test_a_noted_hash_may_be_in_capitals_and_begin_alone(tmp_path: Path) -> None:
    """Of the contents it proves all of the file, of the head the facts alone, of neither nothing."""
    path = ledger(tmp_path / "f.duckdb", [lot()])
    proof, _ = verify(path)
    assert len(proof.unproven) == 1
    for noted in (proof.contents, proof.contents.upper(), proof.contents[:12].upper()):
        assert verify(path, noted)[0].unproven == ()
    [only_facts] = verify(path, proof.head.upper())[0].unproven
    assert only_facts.startswith("all but facts by that head: ")
