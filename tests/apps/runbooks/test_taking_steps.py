"""A step that changes something: taken with leave, once, on record under the step, held against what the page says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from opswarden.agents.triage.types import Evidence, TriageReport
from opswarden.apps.runbooks.taking import followed_page
from opswarden.core.errors import InputError
from opswarden.evals.cases import Case
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.apps.staging import PACKAGES

PAGE = """---
runbook: 1
title: "Levers"
alerts: ["{alert}"]
owner: "ml-platform"
risk: medium
last_verified: 2026-11-01
---
# Levers

## Diagnosis

1. What changed?

   ```opswarden
   call: changes.recent
   args: {{start: $start, end: $end}}
   expect: a change
   effect: read
   ```

## Mitigation

2. Pull the left lever

   ```opswarden
   call: levers.pull
   args: {{lever: left}}
   expect: {{text: it is pulled, status: ok}}
   effect: write
   ```

   ```opswarden
   command: opswarden doctor
   expect: nothing failed
   effect: write
   ```

3. Pull something that is not there

   ```opswarden
   call: levers.vanish
   args: {{}}
   expect: nothing
   effect: write
   ```
"""


def test_a_write_step_is_taken_once_with_leave_and_recorded_against_the_step(
    cli: Cli, home: Path, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(PACKAGES))
    monkeypatch.setenv("LEVERS_FILE", str(home / "effects"))
    snapshot = Path(shutil.copytree(case.snapshot, home / "incident"))
    manifest = json.loads((snapshot / "snapshot.json").read_text())
    # The lever stands in production, and a run changes nothing outside of its own environment.
    (snapshot / "snapshot.json").write_text(json.dumps({**manifest, "environment": "production"}))
    (home / "books").mkdir()
    (home / "books" / "levers.md").write_text(PAGE.format(alert="ApprovalRateLow"))
    (home / "opswarden.toml").write_text(
        'version = 1\nrunbooks = "books"\npackages = ["levers:register"]\n[people.ana]\nroles = ["oncall"]\n'
        '[gate.stages."*"."*"]\n"levers.pull" = "act"\n'
    )
    run = cli("triage", snapshot, "--no-model", "--format", "json").json["run_id"]
    assert not (home / "effects").exists(), "a triage takes no step that changes something"
    waiting = cli("runbook", "take", run, "2")
    assert waiting.code == 5, waiting.err
    assert not (home / "effects").exists()
    approval = waiting.err.split("approvals show ")[1].split()[0]
    assert cli("approvals", "approve", approval, "--note", "go on").code == 0
    for _ in range(2):
        taken = cli("runbook", "take", run, "2")
        assert (taken.code, "runbook.2.1  levers.pull: ok, held" in taken.out) == (0, True), taken.err + taken.out
        assert "runbook.2.2  nothing failed: for a person" in taken.out
    assert (home / "effects").read_text().splitlines() == ["pulled left"], "once"
    said = cli("runbook", "steps", run, "--format", "json").json
    assert [(row["step"], row["tool"]) for row in said] == [("1.1", "changes.recent"), ("2.1", "levers.pull")]
    missing = cli("runbook", "take", run, "3")
    assert (missing.code, "there is no such tool here" in missing.out) == (1, True)
    assert cli("runbook", "take", run, "9").code == 2
    assert cli("runbook", "take", "run_none", "1").code == 2
    page = cli("docs", "postmortem", run, "--snapshot", snapshot)
    assert "`levers.pull for step 2.1 of the runbook`" in page.out, page.err


def test_a_step_is_one_of_the_page_that_the_triage_followed() -> None:
    symptom = {"name": "cold.md", "title": "Cold", "about": "alert", "matched_by": "words"}
    cause = {"name": "gas.md", "title": "Gas", "about": "cause", "matched_by": "words"}

    def page(*results: tuple[str, dict[str, str]]) -> str:
        evidence = tuple(
            Evidence(id=f"E{place}", tool=tool, scope={}, status="ok", summary=summary)
            for place, (tool, summary) in enumerate(results, start=1)
        )
        return str(followed_page(TriageReport.model_construct(evidence=evidence))["name"])

    found = (("runbooks.match", symptom), ("runbooks.match", cause))
    assert page(*found) == "gas.md"
    assert page(*found, ("runbooks.follow", {"name": "cold.md"})) == "cold.md"
    assert page(*found, ("runbooks.follow", {"name": "another.md"})) == "gas.md"
    with pytest.raises(InputError, match="had no runbook"):
        page(("runbooks.follow", {"name": "cold.md"}))
