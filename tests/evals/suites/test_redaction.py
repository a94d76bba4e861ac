"""The suite `redaction`: labelled data, logs and invented lines, and errors kept apart from misses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from opswarden.core.errors import InputError
from opswarden.evals.redaction_table import sections
from opswarden.evals.scoring.redaction import PASSES_BY_POLICY, SUITE
from opswarden.evals.suite import NothingScored
from opswarden.evals.suites.presidio_baseline import PresidioDefaults
from opswarden.evals.suites.redaction import Contender, run_redaction
from opswarden.redaction.types import Span, TextWithheld

_NAME = re.compile("Zoe")


def finds_zoe(text: str) -> Sequence[Span]:
    return [Span(*match.span(), "PERSON", 0.9) for match in _NAME.finditer(text)]


def finds_nothing(_text: str) -> Sequence[Span]:
    return ()


def finds_all(text: str) -> Sequence[Span]:
    return [Span(0, len(text), "SECRET", 0.9)]


def breaks_on_zoe(text: str) -> Sequence[Span]:
    if "Zoe" in text:
        raise TextWithheld("a text is withheld", reason="unstable")
    return ()


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    rows = [
        {
            "full_text": f"{name} pays at shop.example",
            "spans": [
                {"entity_type": "PERSON", "start_position": 0, "end_position": 3},
                {"entity_type": "DOMAIN_NAME", "start_position": 12, "end_position": 24},
            ],
        }
        for name in ("Zoe", "Ann", "Zoe", "Tom")
    ]
    path = tmp_path / "labelled.json"
    path.write_text(json.dumps(rows))
    return path


def test_labelled_data(labelled: Path) -> None:
    beside = [Contender("nothing", finds_nothing)]
    result = run_redaction(labelled, finds_zoe, {"PERSON"}, beside=beside)
    assert (result.suite, result.n, result.errors) == ("redaction", 4, 0)
    assert (result.metrics["full_cover.PERSON"].value, result.metrics["full_cover.PERSON"].n) == (0.5, 4)
    assert result.metrics["precision.PERSON"].value == 1.0
    assert result.metrics["full_cover"].value == 0.25
    assert result.metrics["full_cover.expected"].value == 0.5
    assert result.metrics["leaks_per_million_lines"].value == 500_000
    assert result.baseline["nothing"]["full_cover.PERSON"].value == 0
    assert PASSES_BY_POLICY + "DOMAIN_NAME" in result.notes
    text = result.model_dump_json()
    assert not any(word in text for word in ("Zoe", "Ann", "shop.example")), "labelled text may be real"
    shown = {row.name for section in sections(result) for row in section.rows}
    assert {"PERSON", "DOMAIN_NAME (passes by policy)", "all"} <= shown


def test_a_label_that_means_what_passes_is_not_expected(labelled: Path) -> None:
    known = {"PERSON", "URL"}
    assert not run_redaction(labelled, finds_zoe, known).notes
    assert run_redaction(labelled, finds_zoe, {"PERSON"}, passing={"URL"}).notes == (PASSES_BY_POLICY + "DOMAIN_NAME",)
    assert not run_redaction(labelled, finds_zoe, {"PERSON", "DOMAIN_NAME"}, passing={"URL"}).notes


def test_what_broke_is_an_error_and_no_miss(labelled: Path) -> None:
    result = run_redaction(labelled, breaks_on_zoe, {"PERSON"}, beside=[Contender("broken", breaks_on_zoe)])
    assert (result.n, result.errors) == (2, 2)
    assert result.metrics["full_cover.PERSON"].n == 2
    assert {case.error for case in result.cases if case.error} == {"TextWithheld: a text is withheld"}
    broken = [case for case in result.cases if case.error]
    assert all(case.baseline == {} and case.baseline_errors == {"broken": case.error} for case in broken)


def test_nothing_scored_is_no_score(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"full_text": "Zoe", "spans": [{"entity_type": "X", "start_position": 2, "end_position": 9}]}\n')
    with pytest.raises(NothingScored):
        run_redaction(path, finds_zoe, {"PERSON"})


def test_logs_count_what_is_wrongly_masked(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("Zoe started worker-7f\nport 8080 open\nfrom 10.1.2.3 Zoe\n\n")
    result = run_redaction(tmp_path, finds_zoe, {"PERSON"})
    lines, tokens = result.metrics["masked_wrongly.lines"], result.metrics["masked_wrongly.tokens"]
    assert (lines.value, lines.n) == (0.5, 2)
    assert (tokens.value, tokens.n) == (0.0, 2)
    everything = run_redaction(tmp_path / "a.log", finds_all, {"SECRET"})
    assert everything.metrics["masked_wrongly.tokens"].value == 1.0


def test_a_folder_holds_both(labelled: Path) -> None:
    (labelled.parent / "a.log").write_text("port 8080 open\n")
    result = run_redaction(labelled.parent, finds_zoe, {"PERSON"})
    assert set(result.groups) == {"labelled.json", "a.log"}


@pytest.mark.parametrize("find", [finds_nothing, finds_all], ids=["nothing", "everything"])
def test_invented_lines(find: Callable[[str], Sequence[Span]]) -> None:
    result = run_redaction(None, find, {"BR_CPF", "MARS_ID"}, limit=1)
    share = 1.0 if find is finds_all else 0.0
    for name in ("recall.cards.unseen_keys", "recall.email.prose", "recall.BR_CPF.telling_keys", "recall_in.csv"):
        assert result.metrics[name].value == share, name
    assert result.metrics["masked_wrongly.lines"].value == share
    assert result.metrics["masked_wrongly.tokens.epoch ms"].value == share
    assert result.metrics["leaks_per_million_lines"].value == 1_000_000 * (1 - share)
    assert result.errors == 0
    assert "no generator: MARS_ID" in result.notes
    same = run_redaction(None, find, {"BR_CPF", "MARS_ID"}, limit=1)
    assert same == result, "the same seed gives the same lines"


def test_the_slow_get_a_sample_of_every_class() -> None:
    asked: list[int] = []

    def slow(text: str) -> Sequence[Span]:
        asked.append(len(text))
        return ()

    result = run_redaction(None, finds_nothing, {"BR_CPF"}, beside=[Contender("slow", slow, 30_000)], limit=1)
    assert 20_000 < sum(asked) <= 30_000
    classes = {name for name in result.metrics if name.startswith(("recall.cards", "recall.secrets", "recall.email"))}
    assert classes <= set(result.baseline["slow"])
    assert any(note.startswith("slow: measured on ") for note in result.notes)


def test_nothing_to_measure_on_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        run_redaction(tmp_path, finds_zoe, {"PERSON"})
    with pytest.raises(InputError):
        run_redaction(tmp_path / "absent", finds_zoe, {"PERSON"})


def test_presidio_as_it_comes_finds_what_it_says() -> None:
    presidio = PresidioDefaults()
    text = "mail zoe.quist@example.com paid with 4111111111111111"
    found = {(span.entity_type, text[span.start : span.end]) for span in presidio(text)}
    assert {("EMAIL_ADDRESS", "zoe.quist@example.com"), ("CREDIT_CARD", "4111111111111111")} <= found
    assert "PHONE_NUMBER" in presidio.entity_types
    assert "PERSON" not in presidio.entity_types, "there is no model that could find names"


def test_the_page_names_the_metrics() -> None:
    page = (Path(__file__).parents[3] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    assert all(f"| `{metric.name}` | {metric.description} |" in page for metric in SUITE.metrics)
