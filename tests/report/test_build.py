"""Pages as files: the same bytes, hostile words inert, old page or new page."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from gettext import NullTranslations
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markupsafe import Markup

from depr.errors import Refused
from depr.report.build import css_text, linked, render, render_index, render_issuer
from depr.report.context import IssuerReport, issuer_context
from depr.report.facts import Facts

HOSTILE = [
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>",
    "</style></title></svg><iframe src=//x>",
    "{{ 7*7 }}{% for %}",
    '=HYPERLINK("http://x")',
    "\u202egnirts\u2066",
    "nul\x00bell\x07\ud800end",
    'javascript:alert(1) https://x"onmouseover=alert(1)',
    "%(name)s %s %% %d",
]


class Tags(HTMLParser):
    """Counts what a page is made of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps the tag with its attribute names."""
        self.tags.append((tag, tuple(sorted(name for name, _ in attrs))))
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]


def tags(page: str) -> Tags:
    """A page's tags."""
    parser = Tags()
    parser.feed(page)
    return parser


def test_same_bytes_twice_and_elsewhere(
    profit: IssuerReport, loss: IssuerReport, templates: Path, tmp_path: Path
) -> None:
    for folder in ("one", "two"):
        render_issuer(profit, tmp_path / folder, templates)
        render_index([profit, loss], tmp_path / folder, templates)
    here = [hashlib.sha256((tmp_path / "one" / name).read_bytes()).hexdigest() for name in ("harb.html", "index.html")]
    assert here == [
        hashlib.sha256((tmp_path / "two" / n).read_bytes()).hexdigest() for n in ("harb.html", "index.html")
    ]
    code = (
        "import sys; from pathlib import Path; from tests.report.conftest import make\n"
        "from depr.report.build import render_issuer\n"
        "issuer = {'id': 'HARB', 'name': 'Harbour Compute', 'currency': 'USD', 'fiscal_year_end_month': 12}\n"
        "render_issuer(make(issuer), Path(sys.argv[1]), Path(sys.argv[2]))"
    )
    other = os.environ | {"TZ": "Pacific/Chatham", "LC_ALL": "zh_TW.UTF-8", "PYTHONHASHSEED": "77"}
    command = [sys.executable, "-c", code, str(tmp_path / "three"), str(templates)]
    subprocess.run(command, check=True, env=other, cwd=templates.parent, timeout=60)
    assert hashlib.sha256((tmp_path / "three" / "harb.html").read_bytes()).hexdigest() == here[0]


def test_the_policy_allows_these_styles_and_nothing_else(profit: IssuerReport, templates: Path, tmp_path: Path) -> None:
    page = render_issuer(profit, tmp_path, templates).read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
        for style in re.findall(r"<style>(.*?)</style>", page, re.S)
    ]
    assert policy[1].split("; ") == [
        "default-src 'none'", f"style-src {' '.join(hashes)}", "img-src data:", "base-uri 'none'", "form-action 'none'",
    ]  # fmt: skip
    found = tags(page)
    assert not {tag for tag, _ in found.tags} & {"script", "iframe", "object", "embed", "img", "form", "base"}
    assert not [names for _, names in found.tags if "style" in names or any(name.startswith("on") for name in names)]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_add_no_tag(
    text: str, poisoned: Callable[[str], IssuerReport], templates: Path, tmp_path: Path
) -> None:
    kept = tags(render_issuer(poisoned("plain"), tmp_path, templates).read_text(encoding="utf-8"))
    path = render_issuer(poisoned(text), tmp_path, templates)
    page = path.read_text(encoding="utf-8")
    found = tags(page)
    links = [tag for tag in found.tags if tag == ("a", ("href", "rel"))]
    assert [tag for tag in found.tags if tag != ("a", ("href", "rel"))] == [
        tag for tag in kept.tags if tag != ("a", ("href", "rel"))
    ]
    assert "http" in text or len(links) == len([tag for tag in kept.tags if tag == ("a", ("href", "rel"))])
    assert all(link.startswith(("#", "https://", "http://", "data:,", "index.html")) for link in found.links)
    assert "\x00" not in page
    assert path.parent == tmp_path
    render_index([poisoned(text), poisoned("plain")], tmp_path, templates)


class Bracketed(NullTranslations):
    """A language in which every message stands in brackets."""

    def gettext(self, message: str) -> str:
        """The message in brackets."""
        return f"[{message}]"


def test_a_language_needs_no_change_of_a_template(profit: IssuerReport, templates: Path) -> None:
    page = render("restatement/issuer.html.j2", issuer_context(profit), templates, "US$", Bracketed())
    headings = re.findall(r"<(?:h2|h3|caption|th scope=\"(?:col|row)\")[^>]*>(.*?)</(?:h2|h3|caption|th)>", page, re.S)
    words = [re.sub(r"<[^>]*>|FY\d+", "", heading).strip() for heading in headings]
    data = (*Facts(profit).generations, *(title for title, _ in profit.evidence.queries), "Accelerator X1")
    data += tuple(str(assumption["meaning"]) for assumption in profit.assumptions)
    assert len(words) > 100
    assert [w for w in words if re.search("[A-Za-z]", w) and "[" not in w and not w.startswith(data)] == []


def test_size(profit: IssuerReport, loss: IssuerReport, templates: Path, tmp_path: Path) -> None:
    assert render_issuer(profit, tmp_path, templates).stat().st_size <= 500_000
    assert render_index([profit, loss] * 5, tmp_path, templates).stat().st_size <= 300_000


def test_addresses_become_links_and_nothing_else_does() -> None:
    assert linked("see https://example.com/a?b=1&c=2, then <b>") == (
        'see <a href="https://example.com/a?b=1&amp;c=2" rel="noreferrer">https://example.com/a?b=1&amp;c=2</a>'
        ", then &lt;b&gt;"
    )
    assert "href" not in linked("javascript:alert(1) data:text/html,x file:///etc/passwd //x.y")


def test_a_css_string_cannot_end_and_says_what_the_page_says() -> None:
    assert css_text(Markup("A&amp;B")) == css_text("A&B") == '"A\\26 B"'
    assert css_text('a"}</style>') == '"a\\22 \\7d \\3c \\2f style\\3e "'


def test_the_mode_is_named_on_screen_and_on_paper(profit: IssuerReport, templates: Path, tmp_path: Path) -> None:
    page = render_issuer(profit, tmp_path, templates).read_text(encoding="utf-8")
    sentence = "Analysis, not a GAAP restatement"
    assert page.count(sentence) >= 2
    assert f"@bottom-right{{content:{css_text(sentence)}" in page
    assert str(css_text("US$ millions, except per-share amounts")) in page
    below = str(css_text("FY2022 to FY2025 · as of 31 January 2026 · Harbour Compute, as reported"))
    assert f"@bottom-left{{content:{below}}}" in page


def test_the_old_page_stays_when_the_new_one_cannot_be_written(
    profit: IssuerReport, templates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = render_issuer(profit, tmp_path, templates)
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused, match="No space left on device") as refused:
        render_issuer(profit, tmp_path, templates)
    assert str(path) in str(refused.value)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_a_folder_without_templates_is_refused(profit: IssuerReport, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="report templates"):
        render_issuer(profit, tmp_path, tmp_path)
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "report.css").write_text("", encoding="utf-8")
    with pytest.raises(Refused, match=r"no template 'restatement/issuer\.html\.j2'"):
        render_issuer(profit, tmp_path, tmp_path)
