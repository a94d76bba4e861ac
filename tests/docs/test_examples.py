"""The examples of the documentation, run for real: the packages are loaded, the gate is opened, the ledger is read."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opswarden.apps.cli.main import main
from opswarden.apps.installation import Installation, open_installation
from opswarden.apps.packages import load_packages
from opswarden.apps.settings import load_settings
from opswarden.apps.wiring import gate_factory
from opswarden.policies.engine import CedarEngine
from opswarden.policies.facts import ApprovalFacts, BudgetFacts, CommonFacts, DecisionInput, Target
from opswarden.policies.gate import RunGate
from opswarden.policies.types import Decision, Principal, Run

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
CONFIG = """\
version = 1
team = "payments"
packages = ["queue_depth:register", "queue_pause:register"]

[gate.stages.payments.production]
"queues.pause" = "act"

[people.ann]
roles = ["oncall", "payments-lead"]

[people.bob]
roles = ["oncall"]
"""
TRIAGE = Principal("triage", "person:kim", "payments")


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(EXAMPLES)
    yield
    for name in ("queue_depth", "queue_pause"):
        sys.modules.pop(name, None)


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    (tmp_path / "opswarden.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    with open_installation(load_settings()) as opened:
        yield opened


@pytest.fixture
def gate(installation: Installation) -> RunGate:
    factory = gate_factory(installation, tuple(installation.registry.tools.values()))
    return factory.open_run(Run("run_1", TRIAGE, trigger="test"))


def test_the_tool_answers_through_the_gate(gate: RunGate) -> None:
    result = gate.call("queues.depth", {"queue": "refunds"}, call_id="c1")

    assert result.status == "ok"
    assert isinstance(result.summary, dict)
    assert result.summary["messages"] == 4_821


def test_what_outsiders_wrote_is_redacted(gate: RunGate) -> None:
    result = gate.call("queues.depth", {"queue": "refunds"}, call_id="c1")

    assert isinstance(result.summary, dict)
    text = str(result.summary["last_error"])
    assert text.startswith("refund of <EMAIL_ADDRESS_1·")
    assert "zoe.quist" not in str(result)


def test_the_policy_denies_one_queue(gate: RunGate) -> None:
    result = gate.call("queues.depth", {"queue": "payouts"}, call_id="c1")

    assert (result.status, result.code) == ("denied", "queues.depth.payouts")
    assert result.message == "the depth of the payouts queue is not for agents; ask the payouts team"


def test_everything_is_recorded(gate: RunGate, installation: Installation) -> None:
    gate.call("queues.depth", {"queue": "refunds"}, call_id="c1")
    gate.call("queues.depth", {"queue": "payouts"}, call_id="c2")

    entries = installation.ledger.tail(10, tool="queues.depth")
    assert [(entry.kind, entry.body["code"]) for entry in entries] == [
        ("call.decided", "reads.triage"),
        ("call.outcome", "reads.triage"),
        ("call.decided", "queues.depth.payouts"),
    ]
    assert "zoe.quist" not in str(entries)


def test_a_queue_that_is_not_there_is_no_empty_queue(gate: RunGate) -> None:
    result = gate.call("queues.depth", {"queue": "nonesuch"}, call_id="c1")

    assert (result.status, result.message) == ("no_data", "there is no queue of this name")


def test_wrong_arguments_are_named_without_their_values(gate: RunGate) -> None:
    result = gate.call("queues.depth", {"queue": "refunds", "secret": "hunter2"}, call_id="c1")

    assert (result.status, result.code) == ("error", "bad-arguments")
    assert "hunter2" not in result.message


@pytest.mark.parametrize(
    ("queue", "exit_code", "line"),
    [
        ("refunds", 0, "ALLOW (reads.triage): queues.depth on refunds in production"),
        ("payouts", 4, "DENY (queues.depth.payouts): queues.depth on payouts in production"),
    ],
)
def test_the_command_line_knows_the_package(
    installation: Installation, capsys: pytest.CaptureFixture[str], queue: str, exit_code: int, line: str
) -> None:
    assert main(["policy", "explain", "queues.depth", "--args", f'{{"queue": "{queue}"}}']) == exit_code
    assert capsys.readouterr().out.splitlines()[0] == line


def test_policy_check_counts_the_packages_policies(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "check"]) == 0
    assert "queues.depth.payouts" in capsys.readouterr().out


NOW = datetime(2030, 1, 2, 12, tzinfo=UTC)
FREE = BudgetFacts(*(0 for _ in range(12)))
BOTH = ApprovalFacts("person:ann", frozenset({"oncall", "payments-lead"}), "h1", NOW + timedelta(hours=1))


def asked(approval: ApprovalFacts | None = None, **facts: object) -> DecisionInput:
    """A call of `queues.pause` against which nothing speaks but what is named."""
    common = CommonFacts("h1", NOW, "act", "test", FREE, two_person=True)
    return DecisionInput(
        TRIAGE,
        "queues.pause",
        Target("queues", "production"),
        replace(common, **facts),  # type: ignore[arg-type]  # the table below names fields of CommonFacts
        {"queue": "refunds"},
        approval,
    )


def said(decision: Decision) -> str:
    return f"{type(decision).__name__.lower()} {decision.code}"


TABLE: list[tuple[str, DecisionInput, str]] = [
    ("a pause asks", asked(), "ask queues.pause.lead"),
    ("an approver with both roles lets it through", asked(BOTH), "allow writes.approved"),
    ("on-call alone does not", asked(replace(BOTH, approver_roles=frozenset({"oncall"}))), "deny queues.pause.lead"),
    ("an approval for other arguments does not", asked(replace(BOTH, call_hmac="h2")), "deny queues.pause.lead"),
    ("nor one that has expired", asked(replace(BOTH, expires=NOW)), "deny queues.pause.lead"),
    ("nor one by whoever started the run", asked(replace(BOTH, approver="person:kim")), "deny default-deny"),
    ("the kill switch wins", asked(BOTH, writes_stopped=True), "deny killswitch.writes"),
    ("so does the stage", asked(BOTH, stage="observe"), "deny stages.observe"),
]


@pytest.mark.parametrize(("call", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_pausing(call: DecisionInput, expected: str) -> None:
    registry = load_packages(["queue_pause:register"])
    engine = CedarEngine.load(list(registry.tools.values()), registry.policy_folders)

    assert said(engine.decide(call)) == expected


def test_a_pause_waits_for_somebody_who_holds_both_roles(gate: RunGate, installation: Installation) -> None:
    pause = {"queue": "refunds"}
    waiting = gate.call("queues.pause", pause, call_id="p1")
    assert waiting.approval_id is not None

    question = installation.approvals.get(waiting.approval_id)
    assert set(question.roles) == {"oncall", "payments-lead"}
    people = installation.settings.people
    half = installation.approvals.answer(question.id, "approve", approver="bob", roles=frozenset(people["bob"].roles))
    assert (half.state, half.missing_roles) == ("pending", ("payments-lead",)), "one role of two is not enough"
    assert gate.call("queues.pause", pause, call_id="p1").status == "denied"
    installation.approvals.answer(question.id, "approve", approver="ann", roles=frozenset(people["ann"].roles))

    first = gate.call("queues.pause", pause, call_id="p1")
    again = gate.call("queues.pause", pause, call_id="p1")
    assert first.summary == {"was_running": True}
    assert again == first, "the same call takes effect once"
    kinds = [entry.kind for entry in installation.ledger.of_run("run_1") if entry.body.get("tool") == "queues.pause"]
    assert kinds == [
        "approval.requested",
        "call.decided",
        "approval.answered",
        "call.decided",
        "approval.answered",
        "approval.consumed",
        "call.decided",
        "call.outcome",
    ]


def test_the_demo_says_what_the_readme_shows(capsys: pytest.CaptureFixture[str]) -> None:
    page = (EXAMPLES.parents[1] / "README.md").read_text(encoding="utf-8")
    excerpt = page.split("## What the demo shows")[1].split("```")[1].splitlines()[1:]
    head = [line for line in excerpt[: excerpt.index("Suspects")] if line]

    assert main(["demo"]) == 0
    assert [line for line in capsys.readouterr().out.splitlines()[: len(head) + 4] if line.strip()][: len(head)] == head
