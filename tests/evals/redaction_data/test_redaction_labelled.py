"""Labelled data in Presidio's forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.errors import InputError
from opswarden.evals.redaction_data.labelled import Label, read_samples

SAMPLE = {
    "full_text": "call Zoe on 555",
    "masked": "call {{PERSON}} on {{PHONE_NUMBER}}",
    "spans": [
        {"entity_type": "PHONE_NUMBER", "entity_value": "555", "start_position": 12, "end_position": 15},
        {"entity_type": "PERSON", "entity_value": "Zoe", "start_position": 5, "end_position": 8},
    ],
    "template_id": 3,
    "metadata": None,
}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a list", json.dumps([SAMPLE, SAMPLE])),
        ("one sample a line", f"{json.dumps(SAMPLE)}\n\n{json.dumps(SAMPLE)}\n"),
        ("a list with line breaks", json.dumps([SAMPLE, SAMPLE], indent=2)),
    ],
)
def test_the_forms(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / "data"
    path.write_text(content)
    first, second = read_samples(path)
    assert (first.text, first.problem) == ("call Zoe on 555", "")
    assert first.labels == (Label("PERSON", 5, 8), Label("PHONE_NUMBER", 12, 15)) == second.labels
    assert first.id != second.id


@pytest.mark.parametrize(
    "change",
    [
        {"spans": [{"entity_type": "PERSON", "start_position": 5, "end_position": 99}]},
        {"spans": [{"entity_type": "PERSON", "start_position": 8, "end_position": 8}]},
        {"spans": [{"entity_type": "PERSON", "entity_value": "Ann", "start_position": 5, "end_position": 8}]},
        {"spans": [{"start_position": 5, "end_position": 8}]},
        {"full_text": None},
        {"full_text": 5, "spans": []},
        {"spans": [{"entity_type": "PERSON", "start_position": float("inf"), "end_position": 8}]},
    ],
    ids=["outside", "empty", "another value", "no type", "no text", "a number", "endless"],
)
def test_a_sample_that_contradicts_itself_is_a_problem_of_its_own(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "data.json"
    path.write_text(json.dumps([SAMPLE, SAMPLE | change]))
    good, bad = read_samples(path)
    assert not good.problem
    assert bad.problem.startswith("sample 2 ")
    assert "Zoe" not in bad.problem


def test_the_line_that_is_no_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text(f"{json.dumps(SAMPLE)}\n\nsecret-words\n")
    with pytest.raises(InputError, match="line 3") as caught:
        read_samples(path)
    assert "secret-words" not in str(caught.value)


@pytest.mark.parametrize("content", ["[]", "secret-words here", '{"full_text": "secret-words"', "[" * 200_000])
def test_what_is_no_labelled_data_is_refused_without_a_quote(tmp_path: Path, content: str) -> None:
    path = tmp_path / "data.json"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_samples(path)
    assert "secret-words" not in str(caught.value)
