"""How little a model's hypotheses may change, row by row: what holds them up, what takes them down."""

from __future__ import annotations

from typing import Any

import pytest

from opswarden.agents.triage.hypotheses import adopt, leading, looked_at, weigh
from opswarden.agents.triage.types import (
    Diagnosis,
    DiagnosisHypothesis,
    Evidence,
    Hypothesis,
    ObjectionKind,
    RankedCause,
    Refutation,
    RefutationObjection,
    Verdict,
)

NAMES = ("scorer", "store", "gateway", "feature-store")


def shift(entity: str, onset: str | None, score: float = 9.0, direction: str = "up") -> dict[str, Any]:
    return {
        "entity": entity, "metric": "latency_ms", "direction": direction, "score": score, "before": 80.0,
        "after": 410.0, "onset": onset and f"2024-03-05T{onset}:00Z",
    }  # fmt: skip


SHIFTS = Evidence(
    id="E1", tool="metrics.shifts", scope={"filters": {}}, status="ok",
    summary={"series_shifted": 3,
             "shifts": [shift("scorer", "11:40"), shift("store", "11:38"), shift("gateway", "11:50")]},
)  # fmt: skip
CHANGES = Evidence(
    id="E2", tool="changes.recent", scope={"filters": {}}, status="ok",
    summary={"changes": 2, "newest": [
        {"ts": "2024-03-05T11:39:00Z", "entity": "scorer", "id": "early"},
        {"ts": "2024-03-05T11:52:00Z", "entity": "scorer", "id": "late"},
    ]},
)  # fmt: skip
BESIDE = Evidence(
    id="E3", tool="topology.neighbours", scope={"filters": {"entity": "gateway"}}, status="ok",
    summary={"neighbours": [{"entity": "scorer", "kind": "call"}]},
)  # fmt: skip
EVIDENCE = (SHIFTS, CHANGES, BESIDE)


def said(entity: str, mechanism: str = "its latency rose", *cited: str, **more: Any) -> DiagnosisHypothesis:
    return DiagnosisHypothesis(entity=entity, mechanism=mechanism, evidence=cited or ("E1",), **more)


def ranked(*scores: tuple[str, float]) -> tuple[RankedCause, ...]:
    return tuple(
        RankedCause(entity=name, indicator="i", change=None, score=score, evidence=("E9",)) for name, score in scores
    )


TIED = ranked(("scorer", 0.40), ("store", 0.39), ("gateway", 0.21))
CLEAR = ranked(("scorer", 0.60), ("store", 0.30), ("gateway", 0.10))
LOUD = {"strongest_shift": 40.0, "noise_ceiling": 4.0}


def weighed(*hypotheses: DiagnosisHypothesis, alert: str | None = None) -> tuple[Hypothesis, ...]:
    diagnosis = Diagnosis(verdict="cause_found", hypotheses=hypotheses)
    return weigh(diagnosis, EVIDENCE, CLEAR, NAMES, alert)


class TestWeigh:
    SUPPORTED = (
        said("scorer"),
        said("scorer", "latency rose from 80 to 410 ms", "E1", quotes=("latency_ms",)),
        said("store", "store rose before gateway"),
    )

    @pytest.mark.parametrize("one", SUPPORTED)
    def test_supported(self, one: DiagnosisHypothesis) -> None:
        (found,) = weighed(one)
        assert (found.status, found.problem) == ("supported", "")

    UNSUPPORTED = (
        (said("moon"), "names an entity that does not exist"),
        (said("scorer", " "), "says no mechanism"),
        (DiagnosisHypothesis(entity="scorer", mechanism="it rose"), "cites no evidence"),
        (said("scorer", "it rose", "E77"), "cites evidence that does not exist"),
        (said("scorer", "it rose to 999 ms"), "a number is not in the cited evidence"),
        (said("scorer", "scorer fell"), "the cited evidence shows the opposite direction"),
        (said("scorer", "it rose", "E1", quotes=("disk full",)), "a quotation is not in the cited evidence"),
        (said("feature-store", "it is slow"), "cites no evidence of what the entity did"),
        (said("scorer", "it is called", "E3"), "cites no evidence of what the entity did"),
        (said("gateway", "gateway broke scorer"), "by the evidence the cause began after its effect"),
    )

    @pytest.mark.parametrize(("one", "problem"), UNSUPPORTED)
    def test_unsupported(self, one: DiagnosisHypothesis, problem: str) -> None:
        (found,) = weighed(one)
        assert (found.status, found.problem) == ("unsupported", problem)

    def test_what_began_after_the_alerts_own_trouble_explains_nothing(self) -> None:
        (found,) = weighed(said("gateway", "it rose"), alert="store")
        assert found.problem == "by the evidence the entity's trouble began after what the alert is about"

    def test_the_first_supported_one_leads_and_each_entity_counts_once(self) -> None:
        found = weighed(said("moon"), said("store"), said("store", "again"), said("scorer"))
        assert [(one.entity, one.place) for one in found] == [("store", 2), ("scorer", 1), ("moon", None)]
        leader = leading(found)
        assert leader is not None
        assert leader.entity == "store"
        assert leading(weighed(said("moon"))) is None


def objection(kind: ObjectionKind, text: str = "it does not fit", *cited: str, **more: Any) -> RefutationObjection:
    return RefutationObjection(kind=kind, text=text, evidence=cited or ("E1",), **more)


def second_look(one: DiagnosisHypothesis, refutation: Refutation | None, alert: str | None = None) -> Hypothesis:
    (hypothesis,) = weighed(one)
    return looked_at(hypothesis, refutation, EVIDENCE, EVIDENCE, NAMES, alert)


class TestSecondLook:
    LATE = said("gateway", "gateway rose and slowed what calls it; see store")
    BEFORE = Refutation(objections=(objection("began_later", entity="store"),))
    ROWS = (
        ("nothing found", said("scorer"), Refutation(searched="everything"), "stands"),
        ("no answer", said("scorer"), None, "not_done"),
        ("an answer that says nothing", said("scorer"), Refutation(), "not_done"),
        ("a contradiction in the data", LATE, BEFORE, "refuted"),
        ("one that is not there", said("store", "see scorer"),
         Refutation(objections=(objection("began_later", entity="scorer"),)), "weakened"),
        ("an entity that the hypothesis does not explain", said("gateway"),
         BEFORE, "weakened"),
        ("a change that came too late", said("scorer", change="late"),
         Refutation(objections=(objection("change_too_late"),)), "refuted"),
        ("a change that came in time", said("scorer", change="early"),
         Refutation(objections=(objection("change_too_late"),)), "weakened"),
        ("words that the evidence bears out, and no more", said("scorer"),
         Refutation(objections=(objection("explained_by_another", "store rose", entity="store"),)), "weakened"),
        ("words that it does not bear out", said("scorer"),
         Refutation(objections=(objection("other", "store rose to 777 ms"),)), "stands"),
        ("evidence that does not exist", LATE,
         Refutation(objections=(objection("began_later", "x", "E99", entity="store"),)), "stands"),
    )  # fmt: skip

    @pytest.mark.parametrize(("one", "refutation", "outcome"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
    def test_only_what_code_finds_refutes(
        self, one: DiagnosisHypothesis, refutation: Refutation | None, outcome: str
    ) -> None:
        assert second_look(one, refutation).second_look == outcome


def with_outcome(one: DiagnosisHypothesis, outcome: str) -> Hypothesis:
    (hypothesis,) = weighed(one)
    return hypothesis.model_copy(update={"second_look": outcome})


LATE_CHANGE = second_look(said("scorer", change="late"), Refutation(objections=(objection("change_too_late"),)))
CHANGED = (ranked(("scorer", 0.6))[0].model_copy(update={"change": "late"}), ranked(("store", 0.3))[0])


class TestAdopt:
    ROWS: tuple[tuple[str, Hypothesis, tuple[RankedCause, ...], Verdict, list[str], Verdict], ...] = (
        ("a tied suspect that began first may lead", with_outcome(said("store"), "stands"), TIED, "inconclusive",
         ["store", "scorer", "gateway"], "inconclusive"),
        ("not without a second look", with_outcome(said("store"), "not_done"), TIED, "inconclusive",
         ["scorer", "store", "gateway"], "inconclusive"),
        ("nor after one that found something", with_outcome(said("store"), "weakened"), TIED, "inconclusive",
         ["scorer", "store", "gateway"], "inconclusive"),
        ("nor where statistics can tell them apart", with_outcome(said("store"), "stands"), CLEAR, "cause_found",
         ["scorer", "store", "gateway"], "cause_found"),
        ("nor one that began after the first", with_outcome(said("scorer"), "stands"),
         ranked(("store", 0.4), ("scorer", 0.39)), "inconclusive", ["store", "scorer"], "inconclusive"),
        ("nor one far behind", with_outcome(said("gateway"), "stands"), TIED, "inconclusive",
         ["scorer", "store", "gateway"], "inconclusive"),
        ("a first suspect whose own change came too late is no cause found", LATE_CHANGE, CHANGED, "cause_found",
         ["scorer", "store"], "inconclusive"),
        ("one that is refuted by a change of the model's own choice stays", LATE_CHANGE, CLEAR, "cause_found",
         ["scorer", "store", "gateway"], "cause_found"),
        ("a refuted mechanism alone takes nothing back", with_outcome(said("scorer"), "refuted"), CLEAR, "cause_found",
         ["scorer", "store", "gateway"], "cause_found"),
        ("a refuted other one changes nothing", with_outcome(said("store"), "refuted"), CLEAR, "cause_found",
         ["scorer", "store", "gateway"], "cause_found"),
        ("a healthy system stays healthy", with_outcome(said("store"), "stands"), TIED, "healthy",
         ["scorer", "store", "gateway"], "healthy"),
    )  # fmt: skip

    @pytest.mark.parametrize(
        ("one", "ranking", "verdict", "order", "after"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
    )
    def test_what_changes(
        self, one: Hypothesis, ranking: tuple[RankedCause, ...], verdict: Verdict, order: list[str], after: Verdict
    ) -> None:
        found, result, note = adopt(ranking, verdict, LOUD, [one], EVIDENCE, None)
        assert [row.entity for row in found] == order
        assert result == after
        assert bool(note) is (order != [row.entity for row in ranking] or result != verdict)
        assert [row.score for row in found] == sorted((row.score for row in found), reverse=True)

    def test_nothing_comes_first_while_nothing_stands_out(self) -> None:
        quiet = {"strongest_shift": 2.0, "noise_ceiling": 4.0}
        found, _, _ = adopt(TIED, "inconclusive", quiet, [with_outcome(said("store"), "stands")], EVIDENCE, None)
        assert found == TIED

    def test_evidence_that_the_model_chose_itself_moves_nothing(self) -> None:
        forged = SHIFTS.model_copy(update={"summary": {"shifts": [shift("store", "11:38")]}, "id": "E7"})
        (one,) = weigh(
            Diagnosis(verdict="cause_found", hypotheses=(said("store", "it rose", "E7"),)),
            (*EVIDENCE, forged), TIED, NAMES, None,
        )  # fmt: skip
        assert one.status == "supported"
        found, _, _ = adopt(
            TIED, "inconclusive", LOUD, [one.model_copy(update={"second_look": "stands"})], EVIDENCE, None
        )
        assert found == TIED

    def test_nothing_at_all_is_no_trouble(self) -> None:
        assert adopt((), "inconclusive", {}, [with_outcome(said("store"), "stands")], (), None) == (
            (),
            "inconclusive",
            "",
        )
