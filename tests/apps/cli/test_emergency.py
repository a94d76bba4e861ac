"""`opswarden emergency`: loud, short, reviewed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from opswarden.tests.apps.answers import PERSON
from opswarden.tests.apps.conftest import Cli

PEOPLE = f'[people.{PERSON}]\nroles = ["emergency"]\n[people.bo]\nroles = ["emergency-review"]\n'


def test_every_command_warns_until_it_is_closed_and_somebody_else_reviews_it(
    cli: Cli, write_settings: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_settings(f"version = 1\n{PEOPLE}")
    quiet = cli("approvals", "list")
    assert (quiet.code, quiet.err) == (0, "")
    opened = cli("emergency", "open", "--reason", "checkout is down", "--minutes", 5, "--environment", "production")
    assert opened.code == 0
    emergency_id = opened.out.split()[0]
    assert "EMERGENCY ACCESS is open" in cli("approvals", "list").err
    assert "EMERGENCY ACCESS is open" in cli("policy", "check", "--format", "json").err
    found = {item["name"]: item for item in cli("doctor", "--format", "json").json}
    assert (found["emergency"]["state"], emergency_id in found["emergency"]["remedy"]) == ("warning", True)
    assert cli("emergency", "list", "--format", "json").json[0]["state"] == "open"

    assert cli("emergency", "close", emergency_id).code == 0
    assert cli("approvals", "list").err == ""
    assert "1 not reviewed" in cli("doctor").out
    assert cli("emergency", "review", emergency_id, "--note", "fine").code == 4
    monkeypatch.setattr("opswarden.apps.installation.current_person", lambda: "bo")
    assert cli("emergency", "open", "--reason", "x").code == 4
    shown = cli("emergency", "show", emergency_id, "--format", "json").json
    assert (shown["state"], shown["decided"]) == ("to be reviewed", [])
    assert cli("emergency", "review", emergency_id, "--note", "fine").code == 0
    assert cli("emergency", "list", "--format", "json").json == []
    kinds = [entry["kind"] for entry in cli("audit", "tail", "--format", "json").json]
    assert kinds == ["emergency.opened", "emergency.closed", "emergency.reviewed"]


def test_a_mistake_is_told(cli: Cli, write_settings: Callable[[str], Path]) -> None:
    write_settings(f"version = 1\n{PEOPLE}")
    assert cli("emergency", "open", "--reason", "x", "--minutes", 61).code == 2
    assert cli("emergency", "close", "emg_none").code == 2
    assert cli("emergency", "show", "emg_none").code == 2
