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


ONSETS = {
    "E5": Evidence(
        id="E5",
        tool="metrics.shifts",
        scope={"start": "2024-03-05T11:30:00Z", "filters": {}},
        status="ok",
        summary={
            "series_shifted": 2,
            "shifts": [
                {"entity": "store", "metric": "hit_ratio", "direction": "down", "score": 40.0, "before": 0.98,
                 "after": 0.4, "onset": "2024-03-05T11:41:20Z"},
                {"entity": "scorer", "metric": "duration_seconds", "direction": "up", "score": 12.0, "before": 0.08,
                 "after": 0.41, "onset": "2024-03-05T11:55:00Z"},
            ],
        },
    ),
    "E6": Evidence(id="E6", tool="logs.search", scope={"filters": {"entities": "gateway", "levels": "error"}},
                   status="no_data", summary=None, message="no line matches"),
    "E7": Evidence(id="E7", tool="logs.search", scope={"filters": {"entities": "gateway", "contains": "x"}},
                   status="no_data", summary=None),
    "E8": Evidence(id="E8", tool="logs.patterns", scope={"filters": {}}, status="ok",
                   summary={"top": [{"entity": "db", "level": "error", "kind": "new", "count_after": 7, "score": None},
                                    {"entity": "db", "level": "info", "kind": "steady", "score": 0.4}]}),
    "E9": Evidence(id="E9", tool="changes.recent", scope={"filters": {}}, status="truncated",
                   summary={"changes": 40, "newest": [{"entity": "db", "id": "c"}]}),
}  # fmt: skip

OPPOSITE = "the cited evidence shows the opposite direction"
LATER = "by the evidence the cause began after its effect"
UNCOVERED = "what is said not to be there is not covered by the cited evidence"
SHOWN = "the cited evidence shows what is said not to be there"
WORDS = [
    ("seconds said in milliseconds", "scorer took 410 ms", ("E5",), ""),
    ("a unit that is not that of the figure", "scorer took 0.41 ms", ("E5",),
     "a number has another unit in the cited evidence"),
    ("a share as a percentage", "hit_ratio of store is 40 %", ("E5",), ""),
    ("how many times as much", "scorer is 5.1x slower", ("E5",), ""),
    ("how many times as much, wrong", "scorer is 9.1x slower", ("E5",), WRONG_NUMBER),
    ("by how much it fell", "store fell by 59 %", ("E5",), ""),
    ("a time to the minute", "store fell at 11:41", ("E5",), ""),
    ("a time to the second", "store fell at 11:41:20", ("E5",), ""),
    ("a whole moment", "store fell at 2024-03-05T11:41:20Z", ("E5",), ""),
    ("another time", "store fell at 11:44", ("E5",), "a time is not in the cited evidence"),
    ("another second", "store fell at 11:41:21", ("E5",), "a time is not in the cited evidence"),
    ("another day", "store fell on 2024-03-06", ("E5",), "a time is not in the cited evidence"),
    ("a direction", "store fell, then scorer rose", ("E5",), ""),
    ("the opposite", "store rose", ("E5",), OPPOSITE),
    ("the opposite in one of two clauses", "store fell, and scorer dropped", ("E5",), OPPOSITE),
    ("a metric by its name", "duration_seconds of scorer fell", ("E5",), OPPOSITE),
    ("both ways in one clause say nothing that can be checked", "store rose or fell", ("E5",), ""),
    ("an order", "store caused the trouble of scorer", ("E5",), ""),
    ("the order turned round", "scorer caused the trouble of store", ("E5",), LATER),
    ("an order in the passive voice", "store is slow because of scorer", ("E5",), LATER),
    ("before and after", "scorer moved before store", ("E5",), LATER),
    ("no errors where they were looked for", "there were no errors in gateway", ("E6",), ""),
    ("no errors elsewhere", "there were no errors in scorer", ("E6",), UNCOVERED),
    ("no errors among lines that hold a word", "there were no errors in gateway", ("E7",), UNCOVERED),
    ("no errors, by evidence of something else", "there were no errors in scorer", ("E5",), UNCOVERED),
    ("no errors where all were compared", "no new errors in gateway", ("E8",), ""),
    ("no errors where there are some", "there were no errors in db", ("E8",), SHOWN),
    ("no changes in a list that was cut short", "no deploys at gateway", ("E9",), UNCOVERED),
    ("calm where all series were compared", "gateway was unaffected", ("E5",), ""),
    ("calm that is not", "store was unaffected", ("E5",), SHOWN),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cited", "problem"), [row[1:] for row in WORDS], ids=[row[0] for row in WORDS])
def test_words(text: str, cited: tuple[str, ...], problem: str) -> None:
    assert check(DiagnosisClaim(text=text, evidence=cited), ONSETS, NAMES).problem == problem


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
