from __future__ import annotations

import json
from collections.abc import Callable

from opswarden.agents.triage.types import TriageReport
from opswarden.apps.reports.render import render

Make = Callable[..., TriageReport]

CONTRACT = {
    "": {"run_id", "incident", "verdict", "ranking", "claims", "actions", "evidence", "cost"},
    "ranking": {"entity", "indicator", "change", "score", "evidence"},
    "claims": {"text", "evidence", "status"},
    "actions": {"tool", "args", "decision", "roles"},
    "evidence": {"id", "tool", "scope", "status", "summary"},
    "cost": {"model_calls", "tokens_in", "tokens_out", "usd", "wall_s"},
}
"""`triage --format json`, as other programs read it. Fields may be added, none may go."""


def test_the_contract(make_report: Make) -> None:
    report = json.loads(render(make_report(), "json", width=None))
    assert CONTRACT[""] <= set(report)
    for part in ("ranking", "claims", "actions", "evidence"):
        assert report[part]
        assert all(CONTRACT[part] <= set(row) for row in report[part])
    assert CONTRACT["cost"] <= set(report["cost"])
    assert report["verdict"] in {"cause_found", "inconclusive", "healthy"}
    assert {claim["status"] for claim in report["claims"]} <= {"supported", "unsupported"}
    assert [row["entity"] for row in report["ranking"]] == ["fraud-scorer", "feature-server"]


def test_it_is_the_canonical_form(make_report: Make) -> None:
    report = make_report()
    text = render(report, "json", width=None)
    assert text == report.model_dump_json(indent=2) + "\n"
    assert TriageReport.model_validate_json(text) == report


def test_a_terminal_that_shows_it_obeys_nothing(make_report: Make) -> None:
    report = make_report(summary="a\x1b[2Jb\x9b31m\u202ec\u2028d")
    text = render(report, "json", width=None)
    assert not any(character in text for character in "\x1b\x9b\u202e\u2028")
    assert json.loads(text) == report.model_dump(mode="json")


def test_half_characters_are_replaced(make_report: Make) -> None:
    text = render(make_report(summary="a\ud800b"), "json", width=None)
    assert json.loads(text)["summary"] == "a?b"
    text.encode()
