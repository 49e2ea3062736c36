"""Files in: facts from CSV, Parquet and XLSX, and judgements and mappings from TOML."""

from __future__ import annotations

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
)
from depr.readers.facts import FactsRead, read_facts, sha256

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
    "sha256",
]
