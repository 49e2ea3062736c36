"""The guides that ship: one page a job, Markdown, every block run by the tests."""

from __future__ import annotations

from importlib.resources import files

from depr.errors import unknown


def topics() -> dict[str, str]:
    """The guides there are, each with its first line."""
    pages = {page.name.removesuffix(".md"): page for page in files(__name__).iterdir() if page.name.endswith(".md")}
    return {name: pages[name].read_text("utf-8").partition("\n")[0].removeprefix("# ") for name in sorted(pages)}


def text(topic: str) -> str:
    """A guide, as Markdown. Raises `Refused` for one that is not there."""
    if topic not in topics():
        raise unknown("guide", topic, topics())
    return (files(__name__) / f"{topic}.md").read_text("utf-8")
