"""What the searches share: the planted snapshot, what is looked for, and a folder for temporary files."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from opswarden.tests.apps.leaks.leaks import Needle, telling_parts
from opswarden.tests.apps.leaks.planted_snapshot import PLACES, planted_in, security_code, write_planted
from opswarden.tests.redaction.planting import plant


@pytest.fixture(scope="session")
def planted_snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_planted(tmp_path_factory.mktemp("planted") / "snapshot")


@pytest.fixture(scope="session")
def needles() -> tuple[Needle, ...]:
    found = [needle for where in (*PLACES, "topology") for needle in telling_parts(planted_in(where), where)]
    title = telling_parts([plant("email", "title"), plant("card visa", "title")], "title")
    return (*found, *title, *telling_parts([security_code("logs")], "logs"))


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder
