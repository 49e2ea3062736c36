"""Reads the templates, renders a page, writes it so that a reader sees the old page or the new one, never a part."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from depr.errors import refuse
from depr.report.context import index_context, issuer_context, page_name
from depr.report.inputs import IssuerReport
from depr.report.language import Language, visible
from depr.report.words import currency_name
from depr.share.files import check_place, replacing

STYLESHEET = "assets/report.css"
INDEX = "index.html"
MARK = b"\n<!-- written by depr, SHA-256 of what is above: "
"""Begins the last line of a page: so one that somebody else wrote, or changed, is known and not written over."""

ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(?:[/?#][A-Za-z0-9._~:/?#@!$&*+=%,-]*[A-Za-z0-9_~/=#])?")


def render_issuer(report: IssuerReport, out: Path, templates: Path, *, overwrite: bool = False) -> Path:
    """One issuer's page in the folder `out`, named by the issuer's id; returns its path.

    Refuses (`Refused`) when there is nothing to report, a template is missing, or the page cannot be written.
    """
    context = issuer_context(report)
    currency = currency_name(str(report.issuer["currency"]))
    page = render("restatement/issuer.html.j2", context, templates, currency)
    return write_page(out / page_name(report.issuer), page, overwrite=overwrite)


def render_pages(
    reports: Sequence[IssuerReport],
    out: Path,
    templates: Path,
    progress: Callable[[str], object],
    *,
    overwrite: bool = False,
) -> list[Path]:
    """All pages of some reports in the folder `out`: the index first, then one for each issuer. Raises `Refused`."""
    check_pages(out, [each.issuer for each in reports], overwrite=overwrite)
    pages = []
    for each in reports:
        progress(f"write {each.issuer['id']}")
        pages.append(render_issuer(each, out, templates, overwrite=overwrite))
    return [render_index(reports, out, templates, overwrite=overwrite), *pages]


def check_pages(out: Path, issuers: Iterable[Mapping[str, Any]], *, overwrite: bool = False) -> None:
    """Whether the pages of some issuers may be written in the folder `out`. Raises `Refused`."""
    if out.exists() and not out.is_dir():
        raise refuse(str(out), "is not a folder", do="name a folder with --out")
    for name in (INDEX, *map(page_name, issuers)):
        check_place(out / name, overwrite=overwrite or is_own(out / name))


def render_index(reports: Sequence[IssuerReport], out: Path, templates: Path, *, overwrite: bool = False) -> Path:
    """The comparison of all issuers as `index.html` in the folder `out`; returns its path."""
    context = index_context(reports)
    page = render("restatement/index.html.j2", context, templates, context["currency"])
    return write_page(out / INDEX, page, overwrite=overwrite)


def render(
    name: str, context: dict[str, Any], templates: Path, currency: str, translations: NullTranslations | None = None
) -> str:
    """A template with its context as text; the same input gives the same characters."""
    try:
        style = (templates / STYLESHEET).read_text(encoding="utf-8")
        language = Language(translations, currency)
        page = environment(templates, language).get_template(name).render(context, style=style, lang=language.tag)
        return visible(page)
    except FileNotFoundError as error:
        raise refuse(
            str(error.filename), "no such file", do="give the folder that holds the report templates"
        ) from error
    except SecurityError as error:
        why = "templates are run in a sandbox: they reach what a page is made of, and nothing else"
        raise refuse(str(templates), f"a template may not do this: {error}", why, "take it out") from error
    except TemplateNotFound as error:
        what = f"no template {error.name!r}"
        raise refuse(str(templates), what, do="give the folder that holds the report templates") from error


def environment(templates: Path, language: Language) -> Environment:
    """Jinja with escaping on, undefined names refused, and the page's language; templates reach no code of Python."""
    jinja = SandboxedEnvironment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    jinja.install_gettext_translations(language.translations, newstyle=True)  # type: ignore[attr-defined]
    jinja.filters.update(language.filters())
    jinja.filters.update(linked=linked, css_text=css_text, style=trusted_style, style_hash=style_hash, code=code)
    return jinja


def linked(text: str) -> Markup:
    """Text with its web addresses as links; anything else is escaped."""
    out = Markup()
    done = 0
    for found in ADDRESS.finditer(text):
        link = Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(found.group())
        out = out + escape(text[done : found.start()]) + link
        done = found.end()
    return out + escape(text[done:])


def code(text: str) -> Markup:
    """Text that stands outside of any attribute: quotes stay as they are."""
    return Markup(html.escape(text, quote=False))


def css_text(text: str) -> Markup:
    """A string of CSS: everything but letters and digits is written as a code point, so it cannot end the string."""
    plain = visible(text.unescape() if isinstance(text, Markup) else text)
    safe = "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in plain)
    return Markup(f'"{safe}"')


def trusted_style(text: str) -> Markup:
    """The stylesheet of the templates as it stands in the page."""
    if "</" in text:
        raise refuse(STYLESHEET, "a stylesheet cannot hold '</'", do="remove it")
    return Markup(text)


def style_hash(text: str) -> str:
    """The source expression that allows this inline style and no other."""
    digest = hashlib.sha256(str(text).encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def write_page(path: Path, page: str, *, overwrite: bool = False) -> Path:
    """The page takes the place of an older one of ours only when all of it is safely on disk. Raises `Refused`."""
    with replacing(path, overwrite=overwrite or is_own(path)) as file:
        file.write(_marked(page))
    return path


def is_own(path: Path) -> bool:
    """Whether a page is one that we wrote, and as we wrote it: it ends in a mark with the SHA-256 of all before it."""
    try:
        page, mark, _ = path.read_bytes().rpartition(MARK)
    except OSError:
        return False
    return bool(mark) and _marked(page) == path.read_bytes()


def _marked(page: str | bytes) -> bytes:
    data = page.encode("utf-8") if isinstance(page, str) else page
    return data + MARK + hashlib.sha256(data).hexdigest().encode() + b" -->\n"
