"""The fixture that runs a test on every engine: `from tests.engines.conftest import engine` in another folder."""

from __future__ import annotations

import pytest

from depr.engines import ENGINES, Engine


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    return ENGINES[request.param]
