"""Processor time and memory of the short commands, each a process of its own: scripts/bench start [--runs N]."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

PURCHASES = """lot_id,purchase_date,issuer,generation,units,currency,unit_cost,in_service_date
L1,2023-11-20,META,h100,100,USD,25000.00,2024-01-01
"""
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("--help",),
    ("init", "fleet.duckdb"),
    ("import", "fleet.duckdb", "purchases.csv"),
    ("check", "fleet.duckdb"),
    ("verify", "fleet.duckdb"),
    ("sql", "fleet.duckdb", "FROM lots"),
)


def spent(folder: Path, words: tuple[str, ...]) -> tuple[float, float]:
    """Processor seconds and peak GiB of `depr WORDS`."""
    program = "from depr.cli import main; main()"
    child = subprocess.Popen([sys.executable, "-c", program, *words], cwd=folder, stdout=subprocess.DEVNULL)
    _, code, usage = os.wait4(child.pid, 0)
    if code:
        raise SystemExit(f"depr {' '.join(words)} failed")
    child.returncode = 0
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**20


def main() -> None:
    """The least of several runs of each command, all on a ledger of one lot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    found: dict[tuple[str, ...], list[tuple[float, float]]] = {words: [] for words in COMMANDS}
    for _ in range(runs):
        with TemporaryDirectory() as name:
            (Path(name) / "purchases.csv").write_text(PURCHASES, encoding="utf-8")
            for words in COMMANDS:
                found[words].append(spent(Path(name), words))
    table = Table("command", "processor seconds", "peak GiB", box=None)
    for words, measured in found.items():
        table.add_row(
            f"depr {' '.join(words)}", f"{min(s for s, _ in measured):.2f}", f"{min(p for _, p in measured):.2f}"
        )
    Console().print(table)


if __name__ == "__main__":
    main()
