"""Folders of templates that lack something."""

from __future__ import annotations

from pathlib import Path

import pytest

from depr.errors import Refused
from depr.report.build import STYLESHEET, render

DO = "give the folder that holds the report templates"


def test_a_folder_without_templates_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        render("page.html.j2", {}, tmp_path, "USD")
    [finding] = refused.value.findings
    assert (finding.file, finding.what, finding.do) == (str(tmp_path / STYLESHEET), "no such file", DO)
    (tmp_path / STYLESHEET).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / STYLESHEET).write_text("", "utf-8")
    with pytest.raises(Refused) as refused:
        render("page.html.j2", {}, tmp_path, "USD")
    [finding] = refused.value.findings
    assert (finding.file, finding.what, finding.do) == (str(tmp_path), "no template 'page.html.j2'", DO)


def test_a_template_that_reaches_for_more_than_the_page_is_refused(tmp_path: Path) -> None:
    (tmp_path / STYLESHEET).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / STYLESHEET).write_text("", "utf-8")
    (tmp_path / "page.html.j2").write_text("{{ ''.__class__.__mro__ }}", "utf-8")
    with pytest.raises(Refused) as refused:
        render("page.html.j2", {}, tmp_path, "USD")
    [finding] = refused.value.findings
    assert finding.what.startswith("a template may not do this: ")
    assert finding.why == "templates are run in a sandbox: they reach what a page is made of, and nothing else"
    assert finding.do == "take it out"
