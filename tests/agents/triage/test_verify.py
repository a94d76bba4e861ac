"""Claims against their evidence: one row that holds, and one per way in which a claim can be wrong."""

from __future__ import annotations

import time

import pytest

from opswarden.agents.triage.types import DiagnosisClaim, Evidence
from opswarden.agents.triage.verify import check, mentions

SCOPE = {"environment": "prod", "start": "2024-03-05T11:30:00Z"}
EVIDENCE = {
    "E1": Evidence(
        id="E1",
        tool="metrics.shifts",
        scope=SCOPE,
        status="ok",
        summary={
            "shifts": [{"entity": "scorer", "metric": "latency_ms", "before": 81.2, "after": 412.37}],
            "share": 0.25,
        },
    ),
    "E2": Evidence(
        id="E2",
        tool="logs.patterns",
        scope=SCOPE,
        status="truncated",
        summary={"lines": 48_213, "line": 'worker said "out of memory"\nand stopped at feature-store'},
    ),
    "E3": Evidence(id="E3", tool="traces.latency", scope={}, status="no_data", summary=None, message="no span"),
    "E4": Evidence(id="E4", tool="changes.recent", scope={}, status="error", summary={"after": 999.0}),
}
NAMES = ("scorer", "store", "feature-store", "gateway", "db")

SUPPORTED = [
    ("a number as it stands", "scorer went to 412.37 ms", ("E1",), ()),
    ("a number rounded", "scorer went to 412 ms", ("E1",), ()),
    ("a number with its unit attached", "scorer went to 412ms", ("E1",), ()),
    ("thousands with a comma", "48,213 lines", ("E2",), ()),
    ("a share as a percentage", "25% of it", ("E1",), ()),
    ("a share as a percentage with a gap", "25 % of it", ("E1",), ()),
    ("a count of few things needs no source", "3 signs point to scorer", ("E1",), ()),
    ("the name of evidence is no number", "E1 and E42 agree on scorer", ("E1",), ()),
    ("digits in a version are no number", "scorer v77 and 10.0.0.1", ("E1",), ()),
    ("a quotation", "it stopped", ("E2",), ('said "out of memory"',)),
    ("a quotation in other case and white space", "it stopped", ("E2",), ("OUT of   memory",)),
    ("a quotation over a line break", "it stopped", ("E2",), ('memory"\nand stopped',)),
    ("evidence that was cut short still counts", "the feature-store stopped", ("E2",), ()),
    ("one of two cited pieces holds it", "scorer went to 412.37 ms", ("E3", "E1"), ()),
    ("a metric in backticks is no entity", "`latency_ms` of `scorer`", ("E1",), ()),
]


@pytest.mark.parametrize(("text", "cited", "quotes"), [row[1:] for row in SUPPORTED], ids=[row[0] for row in SUPPORTED])
def test_supported(text: str, cited: tuple[str, ...], quotes: tuple[str, ...]) -> None:
    claim = check(DiagnosisClaim(text=text, evidence=cited, quotes=quotes), EVIDENCE, NAMES)
    assert (claim.status, claim.problem) == ("supported", "")
    assert (claim.author, claim.evidence) == ("model", cited)


WRONG_NUMBER = "a number is not in the cited evidence"
UNSUPPORTED = [
    ("no evidence", "scorer is slow", (), (), "cites no evidence"),
    ("evidence that does not exist", "scorer is slow", ("E1", "E9"), (), "cites evidence that does not exist"),
    ("evidence without data", "scorer is slow", ("E3",), (), "cites only evidence without data"),
    ("evidence that failed", "it went to 999", ("E4",), (), "cites only evidence without data"),
    ("another number", "scorer went to 512.37 ms", ("E1",), (), WRONG_NUMBER),
    ("a number rounded too far", "scorer went to 400 ms", ("E1",), (), WRONG_NUMBER),
    ("another number with its unit attached", "scorer went to 512ms", ("E1",), (), WRONG_NUMBER),
    ("a small number with a unit", "scorer failed 7% of the time", ("E1",), (), WRONG_NUMBER),
    ("a small number with a unit apart", "scorer answered in 7 s", ("E1",), (), WRONG_NUMBER),
    ("a number of other evidence", "scorer wrote 48213 lines", ("E1",), (), WRONG_NUMBER),
    ("a number beyond all", "scorer went to 1e999", ("E1",), (), WRONG_NUMBER),
    ("another quotation", "it stopped", ("E2",), ("out of disk",), "a quotation is not in the cited evidence"),
    ("an empty quotation", "it stopped", ("E2",), ("  ",), "a quotation is not in the cited evidence"),
    (
        "an entity that the evidence does not mention",
        "gateway is slow",
        ("E1",),
        (),
        "names an entity that the cited evidence does not mention",
    ),
    ("an entity that is none", "`service:nobody` is slow", ("E1",), (), "names an entity that does not exist"),
]


@pytest.mark.parametrize(
    ("text", "cited", "quotes", "problem"), [row[1:] for row in UNSUPPORTED], ids=[row[0] for row in UNSUPPORTED]
)
def test_unsupported(text: str, cited: tuple[str, ...], quotes: tuple[str, ...], problem: str) -> None:
    claim = check(DiagnosisClaim(text=text, evidence=cited, quotes=quotes), EVIDENCE, NAMES)
    assert (claim.status, claim.problem) == ("unsupported", problem)


@pytest.mark.parametrize(
    "text",
    [
        "1.234.567",
        "1,2,3",
        "-",
        "1e",
        "٣٤ ms",
        "²",
        "9" * 500,
        "0." + "0" * 400 + "1",
        "·5·",
        "`" * 50,
        "E" * 50,
        "\x00 7 %",
    ],
)
def test_odd_texts_get_a_status_and_nothing_breaks(text: str) -> None:
    assert check(DiagnosisClaim(text=text, evidence=("E1",)), EVIDENCE, NAMES).status in ("supported", "unsupported")


@pytest.mark.parametrize(
    ("text", "is_there"),
    [
        ("the store failed", True),
        ("STORE failed", True),
        ("(store)", True),
        ("the feature-store failed", False),
        ("stores failed", False),
        ("store-1 failed", False),
    ],
)
def test_a_name_counts_as_a_whole_word_only(text: str, is_there: bool) -> None:
    assert mentions(text, "store") is is_there


def test_many_names_are_no_burden() -> None:
    names = tuple(f"payments-worker-{number:05d}" for number in range(20_000))
    began = time.process_time()
    for _ in range(20):
        check(DiagnosisClaim(text="scorer is slow " * 30, evidence=("E1",)), EVIDENCE, (*names, "scorer"))
    assert time.process_time() - began < 5
