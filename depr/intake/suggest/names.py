"""What there is to suggest from: names of columns that ship, the mappings, generations and issuers."""

from __future__ import annotations

from pathlib import Path

from depr import share
from depr.intake.documents import generation_keys, issuer_currencies, read_mapping, read_toml
from depr.intake.forms import PURCHASES
from depr.intake.layout import folded
from depr.intake.suggest.columns import Names
from depr.intake.suggest.suggestion import Vocabulary


def vocabulary(schedules: Path | None = None) -> Vocabulary:
    """The vocabulary of the files in schedules/. Raises `Refused`."""
    document = read_toml(share.schedule_file("column_names.toml", schedules))
    called = {**document["names"], **{name: document["others"][name] for name in ("gone", "status")}}
    names = {ours: frozenset(map(folded, [ours, *several])) for ours, several in called.items()}
    return Vocabulary(
        generation_keys(schedules),
        issuer_currencies(schedules),
        Names(names, tuple(document["others"]["total"])),
        _systems(schedules),
    )


def _systems(schedules: Path | None) -> dict[str, tuple[frozenset[str], dict[str, str]]]:
    systems = {}
    for name in share.names("mappings", schedules):
        each = read_mapping(share.find("mappings", name, schedules), schedules)
        if each.form is not PURCHASES:
            continue
        needed = frozenset(folded(theirs) for ours, theirs in each.columns.items() if ours not in each.optional)
        systems[name] = (needed, each.columns)
    return systems
