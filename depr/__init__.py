"""depr: depreciation accounting for GPU fleets. The same facts under two books, subtracted, to the cent.

`depr.api` holds the verbs, one function for each command and of the same name; the other names are what they take
and give. They are loaded when first used, so that `depr --help` answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from depr import api
    from depr.books.book import Book, Policy
    from depr.books.issuers import Issuer
    from depr.errors import Finding, Refused
    from depr.ledger.store import Ledger
    from depr.pipeline import Restatement, restate_fleet, restate_fleets, schedule

__version__ = "0.1.0"

__all__ = [
    "Book",
    "Finding",
    "Issuer",
    "Ledger",
    "Policy",
    "Refused",
    "Restatement",
    "api",
    "restate_fleet",
    "restate_fleets",
    "schedule",
]

_HOMES = {
    "Book": "depr.books.book",
    "Finding": "depr.errors",
    "Issuer": "depr.books.issuers",
    "Ledger": "depr.ledger.store",
    "Policy": "depr.books.book",
    "Refused": "depr.errors",
    "Restatement": "depr.pipeline",
    "restate_fleet": "depr.pipeline",
    "restate_fleets": "depr.pipeline",
    "schedule": "depr.pipeline",
}


def __getattr__(name: str) -> Any:
    if name == "api":
        return import_module("depr.api")
    if name not in _HOMES:
        raise AttributeError(f"module 'depr' has no attribute {name!r}; it has: {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
