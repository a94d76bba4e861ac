"""What the labelled incidents say of a score reaches the report, and nothing does before there are fifty."""

from __future__ import annotations

from pathlib import Path

import pytest

from opswarden.apps.evaluation.reliability import local_reliability
from opswarden.apps.installation import open_installation
from opswarden.core.errors import LedgerError
from opswarden.evals.cases import Case
from opswarden.policies.incident_labels import IncidentLabels, MeasuredScore
from opswarden.tests.apps.conftest import Cli


def keep(count: int) -> None:
    """So many measured incidents with tiny scores; three of four were right."""
    with open_installation() as installation:
        installation.incident_labels.keep_scores(
            [MeasuredScore(f"i{number:03d}", 0.0001, number % 4 > 0) for number in range(count)]
        )


def test_the_report_says_what_the_leading_score_is_worth(cli: Cli, case: Case) -> None:
    keep(60)
    said = cli("triage", case.snapshot, "--format", "json")
    assert said.code == 0, said.err
    found = said.json["reliability"]
    assert (found["right"], found["of"]) == (45, 60)
    assert found["low"] < 0.75 < found["high"]


@pytest.mark.parametrize("count", [0, 49, 50])
def test_fifty_are_needed(home: Path, count: int) -> None:
    keep(count)
    with open_installation() as installation:
        assert (local_reliability(installation) is not None) == (count >= 50)


def test_a_triage_goes_on_without_its_database(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: IncidentLabels) -> tuple[MeasuredScore, ...]:
        raise LedgerError("the disk is gone")

    monkeypatch.setattr(IncidentLabels, "scores", broken)
    with open_installation() as installation:
        assert local_reliability(installation) is None


def test_scores_replace_those_before(home: Path) -> None:
    keep(60)
    keep(3)
    with open_installation() as installation:
        assert [one.incident for one in installation.incident_labels.scores()] == ["i000", "i001", "i002"]
