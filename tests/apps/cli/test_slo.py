"""`opswarden slo`: rules out of the service catalogue, and budgets through the gate."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import yaml

from opswarden.apps.installation import open_installation
from opswarden.apps.platform.objectives import check_objectives
from opswarden.core.errors import BackendError
from opswarden.evals.cases import Case
from opswarden.tests.apps.conftest import Cli

CATALOGUE = """
version: 1
entities:
  payouts:
    runbooks: ["https://runbooks.example/payouts"]
    slos:
      - {name: answers, objective: 0.999, window_s: 2592000, query: 1 - http_errors_total / http_requests_total}
      - {name: odd, objective: 0.9, window_s: 2592000, query: '"no metric" / c'}
"""


@pytest.fixture
def declared(home: Path) -> Path:
    (home / "catalogue.yaml").write_text(CATALOGUE)
    (home / "opswarden.toml").write_text('version = 1\n[catalogue]\npath = "catalogue.yaml"\n')
    return home


def test_rules_are_written_and_what_became_none_is_said(cli: Cli, declared: Path) -> None:
    answer = cli("slo", "rules", "--out", declared / "rules.yaml")
    assert answer.code == 1
    assert "no rule for 'odd' of 'payouts'" in answer.err
    (group,) = yaml.safe_load((declared / "rules.yaml").read_text())["groups"]
    alerts = [rule for rule in group["rules"] if "alert" in rule]
    assert [rule["labels"]["window"] for rule in alerts] == ["1h", "6h", "3d"]
    assert {rule["annotations"]["runbook_url"] for rule in alerts} == {"https://runbooks.example/payouts"}
    assert cli("slo", "rules", "--entity-label", "a b").code == 2
    (record,) = [each for each in cli("audit", "tail", "--format", "json").json if each["kind"] == "file.written"]
    told = record["body"]
    assert (told["what"], told["count"], told["by"].startswith("person:")) == ("objective-rules", 1, True)
    content = (declared / "rules.yaml").read_bytes()
    assert told["files"] == [
        {"name": "rules.yaml", "sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
    ]


def test_budgets_of_a_snapshot_are_read_in_a_recorded_call(cli: Cli, declared: Path, case: Case) -> None:
    answer = cli("slo", "burn", case.snapshot, "--format", "json")
    assert answer.out, answer.err
    found = json.loads(answer.out)
    assert answer.code == (1 if found["paging"] + found["ticketing"] else 0)
    assert found["slos"] >= 2
    answer = cli("slo", "burn", case.snapshot, "--entity", "payouts", "--format", "json")
    assert answer.code == 0, answer.err
    of_one = json.loads(answer.out)
    assert {(each["name"], each["state"]) for each in of_one["objectives"]} == {
        ("answers", "no_data"),
        ("odd", "no_data"),
    }
    with open_installation() as installation:
        assert [each.body["tool"] for each in installation.ledger.tail(20) if each.kind == "call.decided"] == [
            "slo.burn",
            "slo.burn",
        ]
    assert "left at most" in cli("slo", "burn", case.snapshot).out
    with pytest.raises(BackendError, match="could not be read"):
        check_objectives(snapshot=case.snapshot)


def test_without_objectives_or_systems_it_says_what_to_do(cli: Cli, home: Path) -> None:
    for command in (("slo", "rules"), ("slo", "burn")):
        answer = cli(*command)
        assert answer.code == 2
        assert "fix:" in answer.err
