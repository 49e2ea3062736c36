"""A mapping: how the export of another system is read. Their columns to ours, and the forms of numbers and dates.

A mapping is a TOML file (schedules/mappings, or a user's own). Applying it turns their table of text into ours, cell by
cell; the forms (depr/intake/forms) then judge it like any other file, and quote the cells as they stand in the export.
"""

from __future__ import annotations

from depr.intake.mapping.model import ALL, KEYS, OPEN, Mapping, Skip, extended, parse_mapping
from depr.intake.mapping.rows import Skipped, kept, skipped_in
from depr.intake.mapping.translate import translated

__all__ = [
    "ALL",
    "KEYS",
    "OPEN",
    "Mapping",
    "Skip",
    "Skipped",
    "extended",
    "kept",
    "parse_mapping",
    "skipped_in",
    "translated",
]
