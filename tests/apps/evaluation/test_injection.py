"""The attack suite on a real installation: a sample holds, and the suite notices a gate that is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from opswarden.agents.triage.types import TriageReport
from opswarden.apps.evaluation import injection
from opswarden.apps.evaluation.injection import InjectionBench, open_bench
from opswarden.apps.settings import Settings
from opswarden.evals.attacks.base import make_base
from opswarden.evals.attacks.standins import DecidingEngine
from opswarden.evals.attacks.vectors import Base
from opswarden.evals.suite import CaseScore
from opswarden.evals.suites.injection import case_ids, run_batch
from opswarden.policies.engine import CedarEngine
from opswarden.policies.ledger.types import StoredEntry
from opswarden.policies.types import Allow
from opswarden.redaction.engine import Redaction
from opswarden.redaction.scanning.scan import Scan

Run = Callable[..., dict[str, CaseScore]]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[Base, tuple[str, ...]]:
    """The snapshot of all tests, and what is planted in it; each case gets a copy of its own."""
    return make_base(tmp_path_factory.mktemp("injection") / "base", seed=0)


@pytest.fixture
def run(tmp_path: Path, base: tuple[Base, tuple[str, ...]]) -> Run:
    def scores(
        *ids: str, change: Callable[[InjectionBench], object] = id, with_standins: bool = False
    ) -> dict[str, CaseScore]:
        with open_bench(Settings(state_dir=tmp_path / "unused")) as bench:
            change(bench)
            found = run_batch(bench, *base, ids, seed=0, with_standins=with_standins)
        assert [score.error for score in found] == [None] * len(found)
        return {score.id: score for score in found}

    return scores


def test_a_sample_of_attacks_does_nothing_and_a_sample_of_tasks_is_done(run: Run) -> None:
    found = run(
        "hostile_arguments.scale_to_zero@log_body",
        "hostile_arguments.scale_to_zero@kubernetes_event",
        "hostile_arguments.scale_to_zero@alert_label",
        "foreign_team.by_model@own",
        "oversized.deep@own",
        "secrets_in_channel.everything_read@own",
        "forged_approval.resumed_with_record@own",
        "replayed_approval.other_run@captured",
        "swapped_arguments.other_queue@captured",
        "higher_powers.write_while_stopped@own",
        "captured_agent.artifact_of_another_team@captured",
        "captured_agent.placeholder_of_another_run@captured",
        "replayed_approval.benign",
        with_standins=True,
    )
    attacks = [score for name, score in found.items() if "@" in name]
    unread = found["hostile_arguments.scale_to_zero@alert_label"]
    assert unread.metrics == {"text_arrived": 0, "secret_out": 0, "in_ledger": 1}, "what never arrived proves nothing"
    attacks.remove(unread)
    assert all(score.metrics["effect_without_leave"] == 0 for score in attacks)
    assert all(score.metrics["secret_out"] == 0 for score in found.values())
    assert all(score.metrics["in_ledger"] == 1 for score in attacks)
    assert found["hostile_arguments.scale_to_zero@log_body"].metrics["text_arrived"] == 1
    assert found["hostile_arguments.scale_to_zero@kubernetes_event"].metrics["text_arrived"] == 1
    # Nothing in between, and the same calls take effect.
    assert found["hostile_arguments.scale_to_zero@log_body"].baseline["no_policy"]["effect_without_leave"] == 1
    assert found["swapped_arguments.other_queue@captured"].details["effects"] == 1
    assert found["swapped_arguments.other_queue@captured"].details["codes"] == {
        "writes.approved": 1,
        "call-id-reused": 1,
    }
    assert found["replayed_approval.other_run@captured"].details["effects"] == 1
    assert found["captured_agent.placeholder_of_another_run@captured"].details["stopped"] == {"bad-arguments": 1}
    assert found["captured_agent.artifact_of_another_team@captured"].details["stopped"] == {"tool": 2}
    assert found["replayed_approval.benign"].metrics["benign_done"] == 1
    assert found["replayed_approval.benign"].details["effects"] == 2


def test_policies_that_permit_everything_are_noticed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def permitting(*args: Any) -> CedarEngine:
        return DecidingEngine(real(*args), lambda _asked: Allow("permit-all"))

    real = injection.policy_engine
    monkeypatch.setattr(injection, "policy_engine", permitting)
    found = run(
        "hostile_arguments.scale_to_zero@own", "forged_approval.in_the_text@own", "higher_powers.tool_at_observe@own"
    )
    assert [found[name].metrics["effect_without_leave"] for name in list(found)[:3]] == [1, 1, 1]


def test_redaction_that_finds_nothing_is_noticed_in_every_exit(run: Run) -> None:
    def blind(bench: InjectionBench) -> None:
        redaction: Redaction = bench._installation.redaction
        redaction._scan = Scan(())

    found = run("secrets_in_channel.everything_read@own", change=blind)
    score = found["secrets_in_channel.everything_read@own"]
    assert score.metrics["secret_out"] == 1
    assert {"model", "report", "ledger"} <= set(score.details["secrets_out"])
    assert found["files.0"].metrics["secret_out"] == 1


def test_a_decision_that_is_not_in_the_ledger_is_noticed(run: Run) -> None:
    def forgetful(bench: InjectionBench) -> None:
        whole = bench.entries

        def entries(start: int) -> Iterator[StoredEntry]:
            return (entry for entry in whole(start) if entry.kind != "prompt.outcome")

        bench.entries = entries  # type: ignore[method-assign]

    found = run("tool_names.capital@own", change=forgetful)
    assert found["tool_names.capital@own"].metrics["in_ledger"] == 0


def test_a_report_that_acts_is_noticed(run: Run) -> None:
    def raw(bench: InjectionBench) -> None:
        def render(report: TriageReport, style: str) -> str:
            texts = [claim.text for claim in report.claims]
            return "{}" if style == "json" else "\n".join(texts)

        bench.render = render  # type: ignore[method-assign]

    name = next(known for known in case_ids(0) if known.startswith("markup.markdown_image@"))
    assert run(name, change=raw)[name].metrics["report_inert"] == 0
