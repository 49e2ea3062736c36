"""Files in: facts from CSV, Parquet and XLSX, and judgements and mappings from TOML.

What is named here is loaded when it is first used: a process that only reads a table (apart.py) starts faster so.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from depr.readers.documents import (
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
    )
    from depr.readers.facts import FactsRead, read_facts

__all__ = [
    "FactsRead",
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
    "tax_columns",
]
_FACTS = {"FactsRead", "read_facts"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'depr.readers' has no attribute {name!r}")
    return getattr(import_module(f"depr.readers.{'facts' if name in _FACTS else 'documents'}"), name)
