"""Properties are searched with the kernel; SQL is compared with it on some of the examples."""

from __future__ import annotations

import pytest

from tests.engines import SOME, Engine


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The kernel, compared with SQL now and then."""
    return Engine(SOME)
