"""The chart of accounts: which account each role of an amount goes to, for everyone or for one issuer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from depr.books.book import validated

Role = Literal[
    "construction_in_progress",
    "gpu_equipment",
    "accumulated_depreciation",
    "accumulated_impairment",
    "disposal_proceeds",
    "acquisition_clearing",
    "opening_equity",
    "depreciation_expense",
    "impairment_loss",
    "impairment_reversal",
    "gain_on_disposal",
    "loss_on_disposal",
]
ROLES: tuple[str, ...] = get_args(Role)
"""What an amount can be, in the order in which an entry lists them."""

ROOTS = {"Assets": "A", "Liabilities": "L", "Equity": "E", "Income": "R", "Expenses": "X"}
"""First part of a name -> the type that hledger knows it by; beancount has these five by default."""

PARTS = r"(:([A-Z0-9][A-Za-z0-9-]*|\{issuer\}|\{generation\}))+"
NAME = f"^({'|'.join(ROOTS)}){PARTS}$"
"""What both beancount and hledger take for the name of an account, with two places to fill in."""

UNFIT = re.compile(r"[^A-Za-z0-9]")
MARK = "X-x-"


def component(name: str) -> str:
    """Any name as one part of an account; two names never become the same part.

    Letters and digits of ASCII stay, a hyphen is doubled, any other character becomes its code between hyphens
    ("a.b" is "X-x-a-2e-b"). A part begins with a capital or a digit: what does not gets X-x- in front, which no other
    name can begin with, as x is no digit of a code.
    """
    body = UNFIT.sub(lambda found: "--" if found[0] == "-" else f"-{ord(found[0]):x}-", name)
    return body if re.match(r"[A-Z0-9]", body) else MARK + body


class Account(BaseModel):
    """The account of a role, with the reason for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Role
    account: str = Field(pattern=NAME)
    issuer: str | None = None
    classes: tuple[str, ...] = ()
    source: str = Field(min_length=1)
    note: str = ""


class Chart(BaseModel):
    """A chart of accounts: a role has an account, and may have others for an issuer, for classes of assets, or both.

    The entry that says most goes before the others; one for a class before one for an issuer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    account: tuple[Account, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Chart:
        keys = [(entry.role, entry.issuer, of) for entry in self.account for of in entry.classes or ("",)]
        if twice := [_said(*key) for key in dict.fromkeys(keys) if keys.count(key) > 1]:
            raise ValueError(f"{', '.join(sorted(twice))} is there twice; keep one of them")
        missing = [role for role in ROLES if (role, None, "") not in keys]
        if missing:
            raise ValueError(f"no account for {', '.join(missing)}; every role needs one without an issuer and a class")
        return self

    def name(self, role: str, issuer: str, generation: str) -> str:
        """The account of a role for an issuer and a class of assets (a generation, or another key of the catalogue)."""
        fitting = [
            entry
            for entry in self.account
            if entry.role == role
            and entry.issuer in (None, issuer)
            and (not entry.classes or generation in entry.classes)
        ]
        best = max(fitting, key=lambda entry: (bool(entry.classes), entry.issuer is not None))
        filled = {"{issuer}": issuer, "{generation}": generation}
        return ":".join(component(filled[part]) if part in filled else part for part in best.account.split(":"))


def _said(role: str, issuer: str | None, of: str) -> str:
    return " of ".join([role, *filter(None, (of, issuer))])


def parse_accounts(document: Mapping[str, Any], file: str = "accounts") -> Chart:
    """A chart of accounts from its TOML document. Raises `Refused` with every fault found."""
    return validated(Chart, document, file)
