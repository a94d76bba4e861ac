from __future__ import annotations

from collections.abc import Iterator

import pytest

from opswarden.agents.model.lazy_litellm import load_litellm
from opswarden.core.clock import Deadline, SystemClock
from opswarden.tests.doubles.openai_server import OpenAIServer


@pytest.fixture(scope="session", autouse=True)
def _litellm_is_loaded() -> None:
    """Its import takes seconds, which are nobody's deadline here."""
    load_litellm()


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer() as running:
        yield running


@pytest.fixture
def deadline() -> Deadline:
    return Deadline(SystemClock(), 20)
