"""A model's hypotheses, what the second look makes of the leading one, and how little of it may change a report.

The order of suspects and the verdict are those of statistics. A model changes them in two ways only, and each rests on
the data, not on its words:

- *Forward*: of suspects that statistics cannot tell apart, one that certainly did not begin later than the others may
  come first, if the hypothesis about it is supported by evidence of its own and a second look found nothing against it.
- *Down*: `cause_found` becomes `inconclusive` if the second look names a contradiction that code finds in the data.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .rows import moment, onsets, rows_of, speaks_for, usable
from .statistics import UNDECIDED_MARGIN, stands_out
from .types import (
    Diagnosis,
    DiagnosisClaim,
    DiagnosisHypothesis,
    Evidence,
    Hypothesis,
    Objection,
    RankedCause,
    Refutation,
    RefutationObjection,
    SecondLook,
    Verdict,
)
from .verify import check, mentions
from .wording import CLOCKS_DIFFER, is_later

_RANKING = "attribution.rank"


def weigh(
    diagnosis: Diagnosis,
    evidence: Sequence[Evidence],
    ranking: Sequence[RankedCause],
    known_names: Collection[str],
    alert_entity: str | None,
) -> tuple[Hypothesis, ...]:
    """The hypotheses with their status: supported ones first, otherwise in the model's order, each entity once."""
    places = {cause.entity: place for place, cause in reversed(list(enumerate(ranking, 1)))}
    named = {item.id: item for item in evidence}
    found: dict[str, Hypothesis] = {}
    for said in diagnosis.hypotheses:
        problem = _problem(said, named, known_names, alert_entity)
        weighed = Hypothesis(
            entity=said.entity,
            indicator=said.indicator,
            change=said.change,
            mechanism=said.mechanism,
            evidence=tuple(dict.fromkeys(said.evidence)),
            refuted_by=said.refuted_by,
            place=places.get(said.entity),
            status="unsupported" if problem else "supported",
            problem=problem,
        )
        found.setdefault(said.entity, weighed)
    return tuple(sorted(found.values(), key=lambda one: one.status != "supported"))


def leading(hypotheses: Sequence[Hypothesis]) -> Hypothesis | None:
    """The hypothesis that is worth a second look: supported, about an entity that statistics considered too."""
    return next((one for one in hypotheses if one.status == "supported" and one.place is not None), None)


def looked_at(
    hypothesis: Hypothesis,
    refutation: Refutation | None,
    evidence: Sequence[Evidence],
    own: Sequence[Evidence],
    known_names: Collection[str],
    alert_entity: str | None,
    note: str = "",
) -> Hypothesis:
    """A hypothesis with what the second look makes of it, as far as code bears it out.

    Args:
        hypothesis: supported.
        refutation: what the second look answered, if it did.
        evidence: of the run, in which the words of an objection have to stand.
        own: the part that code asked for by itself, in which a contradiction has to be.
        known_names: entities that exist.
        alert_entity: where the alert fired.
        note: why there is no answer.
    """
    if refutation is None or not (refutation.objections or refutation.searched.strip()):
        why = note or "the second look said neither what it found nor what it looked at"
        return hypothesis.model_copy(update={"second_look": "not_done", "note": why})
    objections = tuple(
        _weighed(one, hypothesis, evidence, own, known_names, alert_entity) for one in refutation.objections
    )
    weights = {one.weight for one in objections}
    outcome: SecondLook = "refuted" if "refutes" in weights else "weakened" if "weakens" in weights else "stands"
    return hypothesis.model_copy(
        update={"second_look": outcome, "objections": objections, "searched": refutation.searched}
    )


def adopt(
    ranking: tuple[RankedCause, ...],
    verdict: Verdict,
    found: Mapping[str, Any],
    hypotheses: Sequence[Hypothesis],
    evidence: Sequence[Evidence],
    alert_entity: str | None,
) -> tuple[tuple[RankedCause, ...], Verdict, str]:
    """What the leading hypothesis changes, and a sentence that says so; nothing that a model chose to see counts.

    Args:
        ranking: of statistics.
        verdict: of statistics.
        found: the summary of the ranking.
        hypotheses: weighed; at most one has had its second look.
        evidence: that code asked for by itself.
        alert_entity: where the alert fired.
    """
    one = next((each for each in hypotheses if each.second_look != "not_done"), None)
    if one is None or not ranking:
        return ranking, verdict, ""
    first = ranking[0]
    if one.entity == first.entity and verdict == "cause_found" and _refutes_statistics(one, first, alert_entity):
        return ranking, "inconclusive", "the data contradict that the first suspect is the cause, so none is named"
    if one.second_look != "stands" or one.entity == first.entity or not _may_lead(one, ranking, verdict, found):
        return ranking, verdict, ""
    chosen = next(cause for cause in ranking if cause.entity == one.entity)
    tied = {cause.entity for cause in ranking if _is_tied(cause, first)} - {one.entity}
    began, own = onsets(evidence), [item for item in evidence if item.id in one.evidence and item.tool != _RANKING]
    if one.entity not in began or first.entity not in began or not speaks_for(own, one.entity):
        return ranking, verdict, ""
    if any(other in began and began[one.entity] > began[other] for other in tied):
        return ranking, verdict, ""
    cited = tuple(dict.fromkeys([*one.evidence, *chosen.evidence]))
    front = chosen.model_copy(update={"evidence": cited, "score": first.score})
    rest = tuple(cause for cause in ranking if cause is not chosen)
    return (front, *rest), verdict, f"of suspects that fit about equally, {one.entity} comes first for this"


def _refutes_statistics(one: Hypothesis, first: RankedCause, alert_entity: str | None) -> bool:
    """Whether what is refuted is what statistics say; a model could put something into its mechanism to refute it."""
    return any(
        objection.weight == "refutes"
        and (
            (objection.kind == "began_later" and objection.entity == alert_entity)
            or (objection.kind == "change_too_late" and one.change == first.change)
        )
        for objection in one.objections
    )


def _may_lead(one: Hypothesis, ranking: Sequence[RankedCause], verdict: Verdict, found: Mapping[str, Any]) -> bool:
    chosen = next((cause for cause in ranking if cause.entity == one.entity), None)
    return verdict == "inconclusive" and stands_out(found) and chosen is not None and _is_tied(chosen, ranking[0])


def _is_tied(cause: RankedCause, first: RankedCause) -> bool:
    """Whether statistics cannot tell a suspect from the first, by the same margin as for the verdict."""
    return cause.score > 0 and first.score < cause.score * UNDECIDED_MARGIN


def _problem(
    said: DiagnosisHypothesis, evidence: Mapping[str, Evidence], known: Collection[str], alert_entity: str | None
) -> str:
    if said.entity not in known:
        return "names an entity that does not exist"
    if not said.mechanism.strip():
        return "says no mechanism"
    claim = check(DiagnosisClaim(text=said.mechanism, evidence=said.evidence, quotes=said.quotes), evidence, known)
    if claim.problem:
        return claim.problem
    if not speaks_for([evidence[name] for name in claim.evidence], said.entity):
        return "cites no evidence of what the entity did"
    if alert_entity and is_later(onsets(evidence.values()), said.entity, alert_entity):
        return "by the evidence the entity's trouble began after what the alert is about"
    return ""


def _weighed(
    said: RefutationObjection,
    hypothesis: Hypothesis,
    evidence: Sequence[Evidence],
    own: Sequence[Evidence],
    known: Collection[str],
    alert_entity: str | None,
) -> Objection:
    named = {item.id: item for item in evidence}
    claim = check(DiagnosisClaim(text=said.text, evidence=said.evidence, quotes=said.quotes), named, known)
    is_borne_out = not claim.problem and _contradicts(said, hypothesis, own, alert_entity)
    return Objection(
        kind=said.kind,
        text=said.text,
        entity=said.entity,
        evidence=claim.evidence,
        status=claim.status,
        weight="refutes" if is_borne_out else "none" if claim.problem else "weakens",
        problem=claim.problem,
    )


def _contradicts(
    said: RefutationObjection, hypothesis: Hypothesis, own: Sequence[Evidence], alert_entity: str | None
) -> bool:
    """Whether the data themselves contradict the hypothesis, whatever the words beside them say."""
    began = onsets(own)
    if said.kind == "began_later":
        # Only what the hypothesis wants to explain counts as its effect; much else may have moved before.
        is_effect = said.entity is not None and (
            said.entity == alert_entity or mentions(hypothesis.mechanism, said.entity)
        )
        return is_effect and is_later(began, hypothesis.entity, said.entity or "")
    if said.kind == "change_too_late" and hypothesis.change:
        rows = [row for row in rows_of(usable(own)) if row.values.get("id") == hypothesis.change]
        times = [at for row in rows if (at := moment(row.values.get("ts"))) is not None]
        onset = began.get(hypothesis.entity)
        return onset is not None and bool(times) and min(times) > onset + CLOCKS_DIFFER
    return False
