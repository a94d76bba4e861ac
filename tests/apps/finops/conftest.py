"""One invented fleet for the session, and one installation that has analysed it."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.cli.main import main
from opswarden.evals.fleets.fleet import write_fleet
from opswarden.evals.fleets.spec import FleetSpec
from opswarden.tests.apps.answers import PERSON


@dataclass(frozen=True)
class Analysed:
    """A fleet, and the report of its first week."""

    fleet: Path
    report: Any
    state: Path


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_fleet(FleetSpec(seed=7, weeks=6, workloads=40), tmp_path_factory.mktemp("fleets") / "seed-7")


@pytest.fixture(scope="session")
def first_week(fleet: Path, tmp_path_factory: pytest.TempPathFactory) -> Analysed:
    folder = tmp_path_factory.mktemp("analysed")
    said, told = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(told):
        patch.chdir(folder)
        patch.delenv("OPSWARDEN_SOAK", raising=False)
        patch.setenv("OPSWARDEN_STATE_DIR", str(folder / "state"))
        patch.setattr("opswarden.apps.installation.current_person", lambda: PERSON)
        assert main(["finops", "analyze", str(fleet), "--format", "json"]) == 0, told.getvalue()
    return Analysed(fleet, json.loads(said.getvalue()), folder / "state")


@pytest.fixture
def analysed(first_week: Analysed, home: Path) -> Analysed:
    """The session's first week, in this test's own copy."""
    shutil.copytree(first_week.state, home / "state")
    return Analysed(first_week.fleet, first_week.report, home / "state")
