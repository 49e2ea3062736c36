"""Where depr finds its data: the user's folder first, file by file, then the shipped one."""

from __future__ import annotations

from pathlib import Path

import pytest

from depr import share
from depr.errors import Refused
from tests.house.repository import ROOT


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A user's folder with one book of its own and one that stands in for a shipped one."""
    books = tmp_path / "mine" / "books"
    books.mkdir(parents=True)
    (books / "life-9y.toml").touch()
    (books / "life-3y.toml").touch()
    return tmp_path / "mine"


def test_a_checkout_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert share.schedules() == ROOT / "schedules"
    assert share.reports() == ROOT / "reports"


def test_the_installed_folder_comes_before_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_share" / "schedules" / "books").mkdir(parents=True)
    monkeypatch.setattr(share, "_PACKAGE", tmp_path)
    assert share.schedules() == tmp_path / "_share" / "schedules"
    with pytest.raises(Refused, match="installed without its reports"):
        share.reports()


def test_the_own_folder_comes_first_file_by_file(own: Path) -> None:
    assert share.schedules(own) == own
    assert share.places("schedules", own) == (own, ROOT / "schedules")
    assert share.find("books", "life-3y", own) == own / "books" / "life-3y.toml"
    assert share.find("books", "life-1y", own) == ROOT / "schedules" / "books" / "life-1y.toml"
    assert {"life-9y", "life-1y"} <= set(share.names("books", own))
    assert "life-9y" not in share.names("books")


def test_a_ticker_finds_its_issuer() -> None:
    assert share.find("issuers", "META") == ROOT / "schedules" / "issuers" / "meta.toml"


def test_a_path_is_taken_as_such(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert share.find("books", own / "books" / "life-9y.toml") == own / "books" / "life-9y.toml"
    monkeypatch.chdir(own / "books")
    assert share.find("books", "life-9y.toml") == Path("life-9y.toml")


@pytest.mark.parametrize("name", ["", ".", "..", "life", "life-3y ", "*", "life-3y\0"])
def test_an_unknown_name_lists_those_that_exist(name: str) -> None:
    with pytest.raises(Refused, match=r"(?s)unknown book .*use one of: .*life-1y.*life-3y.*life-6y"):
        share.find("books", name)


@pytest.mark.parametrize("path", ["nowhere/book.toml", "book.toml", "nowhere/book"])
def test_a_path_that_does_not_exist_says_so(path: str) -> None:
    with pytest.raises(Refused, match=r"(?s)no such file.*name an existing file, or one of: .*life-3y"):
        share.find("books", path)


def test_an_own_folder_that_does_not_exist_says_so(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        share.names("books", tmp_path / "nowhere")
    assert str(refused.value) == (
        f"{tmp_path / 'nowhere'}: no such folder\n"
        "  why: it was named as the folder of schedules\n"
        "  do: name an existing one"
    )


def test_single_files_fall_through(own: Path) -> None:
    shipped = ROOT / "schedules" / "generations.toml"
    assert share.schedule_file("generations.toml", own) == shipped
    (own / "generations.toml").touch()
    assert share.schedule_file("generations.toml", own) == own / "generations.toml"
    assert share.schedule_file("generations.toml") == shipped


def test_a_program_without_its_data_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(share, "_PACKAGE", tmp_path / "depr")
    with pytest.raises(Refused) as refused:
        share._shipped("schedules")
    [finding] = refused.value.findings
    assert (finding.why, finding.do) == ("depr was installed without its schedules", "install depr again")
