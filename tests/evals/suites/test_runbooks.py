"""The suite `runbooks`: the invented set, planted rot, and files of others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opswarden.core.errors import InputError
from opswarden.evals.scoring.runbooks import place_of, score_place
from opswarden.evals.suite import SuiteResult
from opswarden.evals.suites.runbook_items import read_collection
from opswarden.evals.suites.runbook_rot import FRESH, ROTS, codes_after, platform
from opswarden.evals.suites.runbooks import run_runbooks
from opswarden.redaction.engine import Redaction

BESIDES = {
    "a block that is no YAML": {"decide.unanswerable"},
    "a way back of a step that changes nothing": {"rollback.missing"},
}
"""What a rot brings with it."""


@pytest.fixture(scope="module")
def result() -> SuiteResult:
    return run_runbooks(None)


def test_what_is_invented_is_found_and_what_is_not_there_is_refused(result: SuiteResult) -> None:
    found = {name: estimate.value for name, estimate in result.metrics.items()}
    beside = {name: estimate.value for name, estimate in result.baseline["fts5_bm25"].items()}
    assert result.errors == 0
    assert found["recall_1"] == found["recall_3"] == found["masked_recall_1"] == 1.0
    assert found["freely_recall_1"] >= 0.8 > beside["freely_recall_1"]
    assert found["translated_recall_1"] >= 0.8 > beside["translated_recall_1"]
    assert found["refused_rightly"] >= 0.85
    assert found["refused_wrongly"] <= 0.05
    assert found["known_right"] >= 0.95
    assert found["known_left_out_refused"] >= 0.8
    assert (found["rot_found"], found["fresh_clean"]) == (1.0, 1.0)


def test_every_rot_is_found_alone_and_a_fresh_page_is_clean() -> None:
    redaction = Redaction()
    held = platform(lambda text: [(1, span.entity_type) for span in redaction.analyze(text)])
    assert codes_after(None, held) == set()
    assert len({rot.code for rot in ROTS}) >= 30
    for rot in ROTS:
        assert codes_after(rot, held) - BESIDES.get(rot.name, set()) == {rot.code}, rot.name
        assert rot.before in FRESH


def test_pages_and_alerts_of_others(tmp_path: Path) -> None:
    pages = {
        "a:oven": {"text": "# OvenCold\n\n## Meaning\nThe oven is cold.\n", "path": "/x/OvenCold.md", "corpus": "a"},
        "b:oven": {"text": "# OvenCold\n\nHeat it.\n", "path": "/y/OvenCold.md", "corpus": "b"},
        "a:till": {
            "text": "# TillOpen\n\n## Meaning\nThe till was left open.\n",
            "path": "/x/TillOpen.md",
            "corpus": "a",
        },
    }
    alerts = [
        {
            "name": "OvenCold",
            "summary": "OvenCold: an oven has gone cold",
            "target": "b:oven",
            "queries": {"es": "El horno"},
        },
        {"name": "Nothing", "summary": "Kafka is down", "target": None},
    ]
    (tmp_path / "pages.json").write_text(json.dumps(pages))
    (tmp_path / "alerts.json").write_text(json.dumps(alerts))
    found = run_runbooks(tmp_path / "alerts.json")
    assert found.metrics["recall_1"].value == 1.0
    assert (found.metrics["recall_1"].n, found.cases[0].group) == (1, "b")
    assert read_collection(tmp_path).asked[0].others == {"es": "El horno"}


@pytest.mark.parametrize(
    ("pages", "alerts"),
    [("{}", "[]"), ("[]", "[{}]"), ("{", "[]"), ('{"a": 3}', "[]"), ('{"a": {"text": "b"}}', '[{"target": "c"}]')],
)
def test_what_cannot_be_measured_on_is_said(tmp_path: Path, pages: str, alerts: str) -> None:
    (tmp_path / "pages.json").write_text(pages)
    (tmp_path / "alerts.json").write_text(alerts)
    with pytest.raises(InputError):
        read_collection(tmp_path)


def test_pages_may_lie_beside_the_questions_as_files(tmp_path: Path) -> None:
    (tmp_path / "oven.md").write_text("# OvenCold\n\n## Meaning\nThe oven is cold.\n")
    (tmp_path / "questions.json").write_text(json.dumps([{"name": "OvenCold", "summary": "cold", "target": "oven"}]))
    found = read_collection(tmp_path)
    assert list(found.pages) == ["pages/oven.md"]
    assert found.asked[0].target == "pages/oven.md"


_OWN = Path(__file__).parents[3] / "docs" / "runbooks"


def test_our_own_pages_are_found_by_questions_in_other_words() -> None:
    found = run_runbooks(_OWN / "questions.json")
    figures = {name: estimate.value for name, estimate in found.metrics.items()}
    assert found.metrics["recall_1"].n == 39
    assert figures["recall_1"] >= 0.95
    assert figures["translated_recall_1"] >= 0.95
    assert figures["freely_recall_1"] >= 0.8
    assert figures["refused_wrongly"] <= 0.1
    assert figures["refused_rightly"] >= 0.9


def test_our_own_pages_are_found_by_what_tired_people_say() -> None:
    found = run_runbooks(_OWN / "reworded.json")
    figures = {name: estimate.value for name, estimate in found.metrics.items()}
    assert found.metrics["freely_recall_1"].n == 40
    assert figures["freely_recall_1"] >= 0.7
    assert figures["translated_recall_1"] >= 0.6


def test_our_own_pages_are_found_in_plain_words() -> None:
    found = run_runbooks(_OWN / "plain.json")
    assert found.metrics["freely_recall_1"].n == 60
    assert found.metrics["freely_recall_1"].value >= 0.65


def test_places() -> None:
    assert place_of(["x/Other.md", "y/Oven-Cold.md"], "z/OvenCold.md") == 2
    assert place_of(["x/Other.md"], "OvenCold.md") is None
    assert score_place(2) == {"recall_1": 0.0, "recall_3": 1.0, "mrr": 0.5}
    assert score_place(None, "masked_") == {"masked_recall_1": 0.0, "masked_recall_3": 0.0}
