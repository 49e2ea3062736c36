"""How properties are searched, what computes a schedule, the browser, and which files begin."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from tests.engines import Engine
from tests.size import ASKED, USUAL

IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")

# In CI the same examples every time, so that a red run is red again; elsewhere new ones.
settings.register_profile(
    "ci", deadline=None, derandomize=True, max_examples=ASKED or USUAL, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("dev", deadline=None, max_examples=ASKED or USUAL)
settings.load_profile("ci" if IN_CI else "dev")

LONG = (
    *("sql", "faults", "test_readme.py", "test_demo.py", "house", "test_fleet.py", "report", "conformance"),
    *("restate", "properties"),
)
"""Folders and files that take longest, in order. What is quick comes last, so that no core waits for one long file."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long first, the others behind it; within a file nothing moves."""
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.nodeid.split("::")[0].removeprefix("tests/").split("/")[0], len(LONG)))


@pytest.fixture(scope="session")
def engine() -> Engine:
    """What computes a schedule: the kernel, compared with SQL to the cent."""
    return Engine()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's chromium, headless; a test that takes it carries the marker `browser`."""
    path = shutil.which("chromium")
    if path is None:
        reason = "chromium is not installed (Debian: apt-get install chromium)"
        pytest.fail(reason) if IN_CI else pytest.skip(reason)
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()
