"""The suites as tasks of Inspect; left out where its extra is not installed, and the head of the run says so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from opswarden.evals.cases import Case

inspect_ai = pytest.importorskip("inspect_ai")

pytestmark = pytest.mark.filterwarnings("ignore")  # of Inspect's own imports

ANSWER = json.dumps({"verdict": "inconclusive", "hypotheses": [], "claims": []})


def run(task: Any, model: Any, folder: Path) -> Any:
    (log,) = inspect_ai.eval(task, model=model, display="none", log_dir=str(folder / "logs"), fail_on_error=False)
    return log


@pytest.fixture
def model() -> Any:
    """Inspect's own double of a model: every request gets the same answer."""
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    output = ModelOutput.from_content("mockllm/model", ANSWER)
    output.usage = ModelUsage(input_tokens=900, output_tokens=30, total_tokens=930)  # else it fetches a tokenizer
    return get_model("mockllm/model", custom_outputs=[output] * 20)


def figures(log: Any) -> dict[str, float]:
    return {name: found.value for name, found in log.results.scores[0].metrics.items()}


def test_statistics_alone(case: Case, home: Path) -> None:
    from opswarden.apps.evaluation.inspect_tasks import rca

    log = run(rca(data=str(case.folder)), "none", home)
    assert log.status == "success", log.error
    (sample,) = log.samples
    assert sample.error is None
    (score,) = sample.scores.values()
    assert set(score.metadata["figures"]) >= {"top1", "top3", "verdict_found"}
    assert log.stats.model_usage == {}


def test_the_change_that_did_it(case: Case, home: Path) -> None:
    from opswarden.apps.evaluation.inspect_tasks import changes

    log = run(changes(data=str(case.folder)), "none", home)
    assert log.status == "success", log.error
    assert {"right", "decoy_named"} <= set(figures(log))


def test_sandbox_incidents(home: Path) -> None:
    from opswarden.apps.evaluation.inspect_tasks import world

    log = run(world(sandbox=1), "none", home)
    assert log.status == "success", log.error
    assert set(figures(log)) & {"top1", "false_cause"}


def test_the_model_of_inspect_stands_behind_the_gate(case: Case, home: Path, model: Any) -> None:
    from opswarden.apps.evaluation.inspect_tasks import rca

    log = run(rca(data=str(case.folder)), model, home)
    (sample,) = log.samples
    assert sample.error is None, sample.error
    assert sample.metadata["report"]["model"]["used"]
    assert log.stats.model_usage["mockllm/model"].total_tokens == 930
    assert [event.event for event in sample.events].count("model") == 1


def test_a_model_that_fails_is_an_error_and_no_wrong_answer(case: Case, home: Path) -> None:
    from inspect_ai.model import get_model

    from opswarden.apps.evaluation.inspect_tasks import rca

    def fail(*_: Any) -> Any:
        raise RuntimeError("down")

    log = run(rca(data=str(case.folder)), get_model("mockllm/model", custom_outputs=fail), home)
    (sample,) = log.samples
    assert sample.error is not None
    assert not sample.scores


def test_past_incidents(case: Case, home: Path) -> None:
    from opswarden.apps.evaluation.inspect_tasks import past

    shutil.copytree(case.folder, home / "incidents" / "one")
    log = run(past(data=str(home / "incidents"), minutes="0,15"), "none", home)
    (sample,) = log.samples
    assert sample.error is None, sample.error
    assert "first_by_15" in next(iter(sample.scores.values())).metadata["figures"]
    assert "first_by_15" in figures(log)
