"""Files in: facts from CSV, Parquet and XLSX, and judgements and mappings from TOML.

What is named here is loaded when it is first used: a process that only reads a table (apart.py) starts faster so.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from depr.intake.apart import sheets_of
    from depr.intake.documents import (
        find_book,
        find_issuer,
        generation_keys,
        generations,
        issuer_currencies,
        issuers,
        lines_named,
        mappings,
        read_accounts,
        read_assumptions,
        read_book,
        read_issuer,
        read_mapping,
        read_tax_parameters,
        read_tax_tables,
        read_toml,
        tax_columns,
        the_issuer,
    )
    from depr.intake.facts import FactsRead, read_facts
    from depr.intake.layout import AS_USUAL, Written, written

__all__ = [
    "AS_USUAL",
    "FactsRead",
    "Written",
    "find_book",
    "find_issuer",
    "generation_keys",
    "generations",
    "issuer_currencies",
    "issuers",
    "lines_named",
    "mappings",
    "read_accounts",
    "read_assumptions",
    "read_book",
    "read_facts",
    "read_issuer",
    "read_mapping",
    "read_tax_parameters",
    "read_tax_tables",
    "read_toml",
    "sheets_of",
    "tax_columns",
    "the_issuer",
    "written",
]
_ELSEWHERE = {
    **dict.fromkeys(("FactsRead", "read_facts"), "facts"),
    **dict.fromkeys(("AS_USUAL", "Written", "written"), "layout"),
    "sheets_of": "apart",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'depr.intake' has no attribute {name!r}")
    return getattr(import_module(f"depr.intake.{_ELSEWHERE.get(name, 'documents')}"), name)
