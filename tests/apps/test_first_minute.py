"""The first minute of a whole triage: what an operator configures, who may see it, and whose name is kept out of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.installation import open_installation
from opswarden.apps.settings import load_settings
from opswarden.apps.wiring import names_of, past_of, tools_of
from opswarden.core.clock import Deadline
from opswarden.evals.cases import Case
from opswarden.tools.snapshots.store import SnapshotStore

CATALOGUE = """\
teams:
  night-shift: {channel: "#night", on_call: night primary, people: [zoe.quist@example.com]}
entities:
  ENTITY: {owner: night-shift, tier: 0}
"""


@pytest.fixture
def alerting(case: Case) -> str:
    """Where the alert of the case fired."""
    manifest = json.loads((case.snapshot / "snapshot.json").read_text())
    return str(manifest["alert"]["entity"])


def lines(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {line["kind"]: line for line in report["first_minute"]}


def test_a_report_opens_with_what_is_needed_first(
    cli: Callable[..., Any], case: Case, write_settings: Callable[[str], Path], alerting: str
) -> None:
    settings = write_settings('version = 1\n[catalogue]\npath = "catalogue.yaml"\n')
    settings.with_name("catalogue.yaml").write_text(CATALOGUE.replace("ENTITY", alerting))

    answer = cli("triage", case.snapshot, "--format", "json")

    assert answer.code == 0, answer.err
    report = json.loads(answer.out)
    found = lines(report)
    assert {"slo", "owner", "runbook"} <= set(found)
    assert "night-shift" in found["owner"]["text"]
    known = {item["id"] for item in report["evidence"]}
    assert all(line["evidence"] and set(line["evidence"]) <= known for line in report["first_minute"])
    assert "#night" in answer.out
    assert "zoe.quist" not in answer.out
    assert "<EMAIL_ADDRESS" in json.dumps(next(e for e in report["evidence"] if e["tool"] == "owners.find"))


def test_a_catalogue_that_is_wrong_stops_the_start(
    cli: Callable[..., Any], case: Case, write_settings: Callable[[str], Path]
) -> None:
    settings = write_settings('version = 1\n[catalogue]\npath = "catalogue.yaml"\n')
    settings.with_name("catalogue.yaml").write_text("entities:\n  oven:\n    tire: 1\n")

    answer = cli("triage", case.snapshot)

    assert answer.code == 2
    assert "catalogue.yaml of the service catalogue: line 3: tire" in answer.err


def test_names_of_the_catalogue_pass_and_another_team_sees_no_past(
    home: Path, case: Case, write_settings: Callable[[str], Path]
) -> None:
    settings = write_settings('version = 1\n[catalogue]\npath = "catalogue.yaml"\n')
    settings.with_name("catalogue.yaml").write_text(CATALOGUE.replace("ENTITY", "oven"))
    with open_installation(load_settings()) as installation:
        store = SnapshotStore(case.snapshot)
        assert {"oven", "night-shift", "#night", "night primary"} <= set(names_of(installation, store))
        assert not any("zoe" in name for name in names_of(installation, store))
        deadline = Deadline(installation.clock, 30)
        assert past_of(installation, store).past(installation.settings.team, deadline)
        assert not past_of(installation, store).past("another", deadline)
        for audience, is_shown in ((None, True), (installation.settings.team, True), ("another", False)):
            tool = next(one for one in tools_of(installation, store, audience) if one.name == "incidents.similar")
            arguments = '{"before": "2026-01-01T00:00:00Z", "alert": "DeclineRateHigh", "entities": ["payouts-api"]}'
            context: Any = type("Context", (), {"team": installation.settings.team, "deadline": deadline})
            assert (tool.run(tool.args.model_validate_json(arguments), context).status == "ok") is is_shown
        store.close()
