"""Incidents of the installation's own: labelled, recorded, measured."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from opswarden.apps.cli.eval_request import Request, SuiteCommand
from opswarden.evals.cases import Case
from opswarden.evals.suite import CaseScore, SuiteResult
from opswarden.evals.summary import summarise
from opswarden.tests.apps.conftest import Cli, Triaged


@pytest.fixture
def snapshot(case: Case, tmp_path: Path) -> Path:
    return Path(shutil.copytree(case.snapshot, tmp_path / "incident"))


def cause_of(case: Case) -> tuple[str, str]:
    (cause,) = case.truth().causes
    return cause.entity, cause.change or ""


def test_a_snapshot_is_labelled_recorded_and_measured(cli: Cli, case: Case, snapshot: Path) -> None:
    entity, change = cause_of(case)
    said = cli("eval", "past", "add", snapshot, "--cause", entity, "--change", change, "--note", "see ana@shop.example")
    assert said.code == 0, said.err
    assert "1 labelled incident\n" in said.out
    (listed,) = cli("eval", "past", "list", "--format", "json").json
    assert (listed["causes"], listed["change"], listed["verdict"]) == ([entity], change, "cause_found")
    assert entity in cli("eval", "past", "list").out
    entry = cli("audit", "show", listed["seq"], "--format", "json")
    assert entry.code == 0, entry.err
    assert "incident.labelled" in entry.out
    assert "ana@shop.example" not in entry.out
    assert cli("audit", "verify").code == 0

    told = cli("eval", "run", "past", "--minutes", "15", "--format", "json")
    assert told.code == 0, told.err
    found = told.json
    assert (found["suite"], found["n"], found["errors"]) == ("past", 1, 0)
    assert "first_by_15" in found["metrics"]
    assert found["cases"][0]["id"] == listed["id"]
    assert "1 labelled incidents have a score; from 50 on" in found["notes"][0]


def test_the_incident_of_a_run_is_labelled(cli: Cli, case: Case, triaged: Triaged) -> None:
    said = cli("eval", "past", "add", triaged.report["run_id"], "--cause", cause_of(case)[0])
    assert said.code == 0, said.err
    (listed,) = cli("eval", "past", "list", "--format", "json").json
    assert (listed["run_id"], listed["snapshot"]) == (triaged.report["run_id"], str(case.snapshot.resolve()))


def test_the_last_label_counts(cli: Cli, case: Case, snapshot: Path) -> None:
    cli("eval", "past", "add", snapshot, "--cause", cause_of(case)[0])
    said = cli("eval", "past", "add", snapshot, "--verdict", "healthy")
    assert said.code == 0, said.err
    (listed,) = cli("eval", "past", "list", "--format", "json").json
    assert (listed["verdict"], listed["causes"]) == ("healthy", [])


def test_a_snapshot_that_was_changed_or_is_gone_is_an_error(cli: Cli, case: Case, snapshot: Path) -> None:
    cli("eval", "past", "add", snapshot, "--cause", cause_of(case)[0])
    (snapshot / "logs.parquet").unlink()
    said = cli("eval", "run", "past")
    assert said.code == 1
    assert "was changed since it was labelled" in said.err
    shutil.rmtree(snapshot)
    said = cli("eval", "run", "past")
    assert "no longer where it was" in said.err


REFUSED = [
    (("--cause", "nobody"), "the snapshot knows no such entity"),
    (("--cause", "{entity}", "--change", "nothing"), "the snapshot knows no such change"),
    (("--cause", "{entity}", "--verdict", "healthy"), "a cause goes with the verdict cause_found"),
    (("--verdict", "cause_found"), "a cause goes with the verdict cause_found"),
    ((), "neither a cause nor a verdict"),
]


@pytest.mark.parametrize(
    ("options", "problem"), REFUSED, ids=[problem for _, problem in REFUSED[:-2]] + ["no cause", "nothing"]
)
def test_labels_that_say_nothing_true_are_refused(
    cli: Cli, case: Case, snapshot: Path, options: tuple[str, ...], problem: str
) -> None:
    filled = [option.format(entity=cause_of(case)[0]) for option in options]
    said = cli("eval", "past", "add", snapshot, *filled)
    assert (said.code, said.out) == (2, "")
    assert problem in said.err
    assert cli("eval", "past", "list", "--format", "json").json == []


def test_without_labels_there_is_nothing_to_run(cli: Cli) -> None:
    said = cli("eval", "run", "past")
    assert said.code == 2
    assert "opswarden eval past add" in said.err
    assert cli("eval", "past", "add", "run_none", "--verdict", "healthy").code == 2


@pytest.mark.parametrize("minutes", ["", "a", "-1", "0,nan", "1,2,3,4,5,6,7", "99999"])
def test_minutes_that_are_none(cli: Cli, minutes: str) -> None:
    said = cli("eval", "run", "past", "--minutes", minutes)
    assert said.code == 2
    assert "--minutes is no list of minutes" in said.err


def test_every_suite_that_has_something_to_measure_on(cli: Cli, case: Case, snapshot: Path, home: Path) -> None:
    said = cli("eval", "all", "--suite", "past", "--out", "evals")
    assert said.code == 2
    assert "left out: past: no incident of this installation is labelled yet" in said.err

    cli("eval", "past", "add", snapshot, "--cause", cause_of(case)[0])
    said = cli("eval", "all", "--suite", "past", "--out", "evals")
    assert said.code == 0, said.err
    assert (home / "evals" / "index.html").read_text().startswith("<!DOCTYPE html>")
    found = json.loads((home / "evals" / "past.json").read_text())
    assert (found["suite"], found["n"]) == ("past", 1)

    shutil.rmtree(snapshot)
    said = cli("eval", "all", "--suite", "past", "--out", "later", "--against", "evals")
    assert said.code == 1
    assert "no score" in said.err


def test_a_later_run_of_all_is_compared(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = iter([1.0, 1.0, 0.0])

    def run(request: Request) -> SuiteResult:
        value = next(values)
        scores = [CaseScore(id=f"c{number:02d}", metrics={"top1": value}) for number in range(9)]
        return summarise(request.suite, scores, seed=0)

    monkeypatch.setattr("opswarden.apps.cli.eval_past.COMMAND", SuiteCommand(run, lambda _suite, _result: None))
    assert cli("eval", "all", "--suite", "past", "--out", "one").code == 0
    same = cli("eval", "all", "--suite", "past", "--out", "two", "--against", "one")
    assert (same.code, "past: cannot tell, 9 pairs" in same.out) == (0, True)
    worse = cli("eval", "all", "--suite", "past", "--out", "three", "--against", "two")
    assert (worse.code, "past: worse, 9 pairs" in worse.out) == (1, True)
    assert "Comparison" in (home / "three" / "index.html").read_text()
