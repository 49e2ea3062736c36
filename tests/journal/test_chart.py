"""The chart of accounts: what ships, what may replace it, and names that cannot collide."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from depr.books.chart import NAME, ROLES, Chart, component, parse_accounts
from depr.errors import Refused
from tests.journal.samples import booked, chart, flow

SHIPPED = [{"role": entry.role, "account": entry.account, "source": entry.source} for entry in chart().account]

OWN = {"role": "gpu_equipment", "account": "Assets:A", "issuer": "X"}


def changed(*entries: dict[str, Any], without: str = "") -> Chart:
    kept = [entry for entry in SHIPPED if entry["role"] != without]
    return parse_accounts({"account": [*kept, *({"source": "own", **entry} for entry in entries)]}, "own.toml")


def test_what_ships_has_an_account_of_its_own_for_every_role() -> None:
    names = [chart().name(role, "META", "h100") for role in ROLES]
    assert len(set(names)) == len(ROLES)
    assert names[ROLES.index("gpu_equipment")] == "Assets:META:PropertyAndEquipment:GPU:Cost"


def test_an_issuer_may_have_its_own_account() -> None:
    own = changed({"role": "gpu_equipment", "account": "Assets:1510:{generation}", "issuer": "MSFT"})
    assert own.name("gpu_equipment", "MSFT", "GB200") == "Assets:1510:GB200"
    assert own.name("gpu_equipment", "META", "GB200") == chart().name("gpu_equipment", "META", "GB200")


def test_a_class_of_assets_may_have_its_own_account() -> None:
    """What says most goes first: class and issuer, class, issuer, all."""
    role = "gpu_equipment"
    own = changed(
        {"role": role, "account": "Assets:Storage", "classes": ["ssd", "hdd"]},
        {"role": role, "account": "Assets:1510", "issuer": "MSFT"},
        {"role": role, "account": "Assets:1520", "issuer": "MSFT", "classes": ["hdd"]},
    )
    names = {(who, what): own.name(role, who, what) for who in ("MSFT", "META") for what in ("hdd", "ssd", "h100")}
    assert names == {
        ("MSFT", "hdd"): "Assets:1520",
        ("MSFT", "ssd"): "Assets:Storage",
        ("MSFT", "h100"): "Assets:1510",
        ("META", "hdd"): "Assets:Storage",
        ("META", "ssd"): "Assets:Storage",
        ("META", "h100"): chart().name(role, "META", "h100"),
    }


def test_roles_may_share_an_account() -> None:
    """A reduced carrying amount is a new cost basis: ASC 360-10-35-20."""
    shared = ("gpu_equipment", "accumulated_impairment")
    own = changed(*({"role": role, "account": "Assets:Cost", "issuer": "META"} for role in shared))
    lines = booked([{}], [flow("impairment", impairment=5)], chart=own)
    assert lines["account"].to_list() == ["Expenses:META:ImpairmentLoss", "Assets:Cost"]


@pytest.mark.parametrize(
    ("entries", "without", "what"),
    [
        ([], "loss_on_disposal", "no account for loss_on_disposal"),
        ([{"role": "gpu_equipment", "account": "Assets:A"}], "", "gpu_equipment is there twice"),
        (
            [OWN, OWN],
            "",
            "gpu_equipment of X is there twice",
        ),
        (
            [OWN | {"classes": ["ssd"]}, OWN | {"classes": ["hdd", "ssd"]}],
            "",
            "gpu_equipment of ssd of X is there twice",
        ),
        ([{"role": "goodwill", "account": "Assets:A"}], "", "account.12.role"),
        ([OWN | {"source": ""}], "", "account.12.source"),
        *(
            ([OWN | {"account": name}], "", "account.12.account")
            for name in (
                *("Assets", "Cash:A", "assets:A", "Assets:a", "Assets::A", "Assets:A ", "Assets:A  B", "Assets:A;B"),
                *("Assets:A\n", "Assets:{lot}", "Assets:GPU-{issuer}", "Assets:É", ""),
            )
        ),
    ],
)
def test_other_charts_are_refused(entries: list[dict[str, Any]], without: str, what: str) -> None:
    with pytest.raises(Refused, match=re.escape(what)):
        changed(*entries, without=without)


# Names


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("META", "META"),
        ("GB200", "GB200"),
        ("8x", "8x"),
        ("h100", "X-x-h100"),
        ("META-1", "META--1"),
        ("a.b", "X-x-a-2e-b"),
        ("", "X-x-"),
        ("輝達", "X-x--8f1d--9054-"),
        ("Assets:X", "Assets-3a-X"),
    ],
)
def test_names_as_parts_of_an_account(name: str, part: str) -> None:
    assert component(name) == part


def read_back(part: str) -> str:
    """The name of a part, read from left to right: there is one way only."""
    rest, out = part.removeprefix("X-x-"), ""
    while rest:
        if rest[0] != "-":
            out, rest = out + rest[0], rest[1:]
        elif rest[1] == "-":
            out, rest = out + "-", rest[2:]
        else:
            code, _, rest = rest[1:].partition("-")
            out += chr(int(code, 16))
    return out


NAMES = st.one_of(st.text(), st.text("Xx-2eE.a", max_size=12))


@given(NAMES)
def test_a_name_can_be_read_back_from_its_part(name: str) -> None:
    assert read_back(component(name)) == name
    assert re.fullmatch(NAME, f"Assets:{component(name)}")
