"""Shared by the redaction tests: one engine, and a short way to say what a recognizer finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from opswarden.redaction.definition import Definition
from opswarden.redaction.engine import Redaction
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.redaction.run import RunRedactor
from opswarden.redaction.scanning.overlap import united
from opswarden.redaction.scanning.scan import Scan, Work

Finds: TypeAlias = Callable[..., list[str]]


@pytest.fixture(scope="session")
def redaction() -> Redaction:
    return Redaction()


@pytest.fixture
def run(redaction: Redaction) -> RunRedactor:
    return redaction.for_run("run_1", vault=MemoryVault(b"fixed for the tests, 32 bytes ok"))


@pytest.fixture(scope="session")
def finds() -> Finds:
    """The stretches of a text that one definition alone finds."""
    scans: dict[str, Scan] = {}

    def find(definition: Definition, text: str, key: str | None = None) -> list[str]:
        scan = scans.setdefault(definition.name, Scan((definition,)))
        spans = united(scan.find(text, Work(1_000_000), key=key), lambda _: definition.restorable)
        assert {span.entity_type for span in spans} <= {definition.entity_type}
        assert all(0 < span.score <= 1 for span in spans)
        return [text[span.start : span.end] for span in spans]

    return find
