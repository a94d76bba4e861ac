"""A person's question about the platform: the checks that it is about, what they say, and a model's words for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from ...core.canonical import JsonValue
from ...core.errors import BackendError, CallDenied, ModelError, OpswardenError, RedactionError
from ...policies.types import Notice
from ...tools.models.promotion_types import CheckReport
from ...tools.pipelines.types import WhyResult
from ...tools.shown import shortened
from ..triage.fences import fence, fenced
from ..triage.phases import parse_object
from ..triage.types import AnswerDraft, Claim, Evidence, ModelUse
from ..triage.verify import check
from .graph import run_daily
from .parts import PlatformParts
from .types import CheckKind, CheckOutcome, DailyReport, PlatformAnswer, PlatformCheck, PlatformFault

ANSWER = "platform.answer"
PROMPT = "platform"
_TURNS = 2
_MOST_WHY = 3
NEEDS_MODEL = "No language model took part, so this is what the checks say about what the question names."
_WORDS: Mapping[CheckKind, str] = {
    "quality": r"quality|tables?|rows?|nulls?|schema|calidad|tablas?|qualidade|tabelas?",
    "drift": r"drift\w*|models?|performance|auc|scores?|deriva|modelos?|desempe\w+",
    "slo": r"slos?|objectives?|budgets?|burn\w*|availability|latency|objetivos?|disponibil\w+|latencia|latência",
    "freshness": r"fresh\w*|stale|old|features?|views?|frescura|viej\w+|desatuali\w+|obsolet\w+",
    "parity": r"parity|features?|views?|online|offline|paridad\w*",
    "registry": r"registr\w+|alias\w*|champions?|versions?|promot\w+|models?|versi[oó]n|vers[aã]o|promov\w+|modelos?",
    "chargebacks": r"charge\W?backs?|disputes?|cohorts?|contracargos?|disputas?|estornos?",
    "programmes": r"programmes?|programs?|schemes?|vamp|ecp|efm|breach\w*|disputes?|charge\W?backs?|programas?",
    "pipelines": r"pipelines?|dags?|jobs?|late|runs?|train\w*|tasks?|retr\w+|fail\w*|fall[oóa]\w*|falh\w+|atras\w+",
}
"""Words by which people mean a kind of check."""
_PROMOTION = r"\b(?:promot\w+|promov\w+|promoción|promoção|go(?:es)? (?:in)?to|ir a|ir para|release\w*|produ[cç]\w+)\b"


def chosen(checks: Sequence[PlatformCheck], words: str) -> tuple[PlatformCheck, ...]:
    """The checks that a question is about: whose subject it names, else of the kinds that it speaks of, else all."""
    low = words.lower()
    named = [each for each in checks if any(_is_named(part, low) for part in _names(each))]
    if named:
        return tuple(named)
    kinds = kinds_in(words)
    return tuple([each for each in checks if each.kind in kinds] or checks)


def kinds_in(words: str) -> frozenset[CheckKind]:
    """The kinds of checks that a question speaks of."""
    return frozenset(kind for kind, pattern in _WORDS.items() if re.search(rf"\b(?:{pattern})\b", words.lower()))


def names_one(names: Iterable[str], words: str) -> bool:
    """Whether a question names one of these."""
    return any(_is_named(each, words.lower()) for each in names)


def _names(each: PlatformCheck) -> tuple[str, ...]:
    listed = each.args.get("pipelines") or ()
    return (each.subject, *each.subject.split("/"), *map(str, listed))


def _is_named(name: str, words: str) -> bool:
    return len(name) > 1 and re.search(rf"(?<![\w-]){re.escape(name.lower())}(?![\w-])", words) is not None


def answer(parts: PlatformParts, words: str) -> PlatformAnswer:
    """Make the checks, look into what failed, and tell the answer.

    Args:
        parts: with the checks that the question is about; nothing of the day itself is told.
        words: of the person, redacted.

    Raises:
        BackendError: the answer could not be delivered.
        CallDenied: it may not be told.
    """
    report = run_daily(parts)
    evidence = [*_evidence(report), *_looked_up(parts, report, words)]
    claims = [_claim(each) for each in evidence]
    use, said, unknown = _model_turn(parts, words, evidence)
    built = PlatformAnswer(
        run_id=report.run_id,
        at=report.at,
        question=words,
        claims=(*said, *(each for each in claims if each is not None)),
        checks=report.checks,
        not_covered=report.not_covered,
        unknown=unknown if use.used else (NEEDS_MODEL,),
        evidence=tuple(evidence),
        model=use,
    )
    told = parts.gate.tell(
        parts.audience,
        Notice(ANSWER, built.model_dump(mode="json"), {each.id: each.seq for each in evidence}),
        call_id="tell.answer",
    )
    if told.status == "failed":
        raise BackendError(f"the answer could not be delivered: {told.message}", remedy="mend that and ask again")
    if told.status != "sent":
        raise CallDenied(f"the answer may not be told: {told.message}", code=told.code)
    return PlatformAnswer.model_validate(dict(told.body))


def _evidence(report: DailyReport) -> list[Evidence]:
    """What each check says, numbered in their order."""
    return [
        Evidence(
            id=f"E{place}",
            tool=f"platform.{each.kind}",
            scope={"check": each.name},
            status="error" if each.state == "unknown" else "ok",
            summary=_summary(each, [fault for fault in report.faults if fault.check == each.name]),
            seq=each.seq,
            artifact_id=None,
            message=each.why,
        )
        for place, each in enumerate(report.checks, start=1)
    ]


def _summary(each: CheckOutcome, faults: Sequence[PlatformFault]) -> dict[str, Any]:
    told = [fault.model_dump(mode="json", exclude={"check"}) for fault in faults]
    return {"check": each.name, "entity": each.subject, "state": each.state, "saw": each.looked_at, "faults": told}


def _looked_up(parts: PlatformParts, report: DailyReport, words: str) -> list[Evidence]:
    """What a question needs beyond the checks: why pipelines failed, and whether a version may be promoted."""
    places = {each.name: each.place for each in parts.checks}
    failed = [each for each in report.faults if each.fault == "pipeline_failed"][:_MOST_WHY]
    asked: list[tuple[str, str, dict[str, JsonValue]]] = [
        (places[each.check], "pipelines.why", {"pipeline": each.subject}) for each in failed
    ]
    if re.search(_PROMOTION, words, re.IGNORECASE):
        named = re.search(r"\bv(?:ersion|ersión|ersão)?\s?(\d{1,7})\b", words, re.IGNORECASE)
        version: dict[str, JsonValue] = {"version": int(named[1])} if named and int(named[1]) else {}
        models = [each for each in parts.checks if each.kind == "registry" and not each.problem][:_MOST_WHY]
        asked += [(each.place, "models.check", {"model": each.args["model"], **version}) for each in models]
    found: list[Evidence] = []
    for place, tool, args in asked:
        try:
            result = parts.gates[place].call(tool, args, call_id=f"{tool} {args.get('pipeline') or args.get('model')}")
        except OpswardenError:
            continue
        is_told = result.status == "ok" and isinstance(result.summary, Mapping)
        found.append(
            Evidence(
                id=f"E{len(report.checks) + len(found) + 1}",
                tool=tool,
                scope={"check": f"{tool} of {args.get('pipeline') or args.get('model')}", **result.scope},
                status="ok" if is_told else "error",
                summary=result.summary if is_told else {},
                seq=result.seq,
                artifact_id=None,
                message=result.message,
            )
        )
    return found


def _claim(each: Evidence) -> Claim | None:
    """What a result says, in words of ours."""
    if each.status != "ok":
        return Claim(
            text=f"{each.scope['check']} could not be made: {each.message}", evidence=(each.id,), status="supported"
        )
    summary: Any = each.summary
    if each.tool == "models.check":
        try:
            return Claim(text=_allowed(CheckReport.model_validate(summary)), evidence=(each.id,), status="supported")
        except ValidationError:
            return None
    if each.tool == "pipelines.why":
        try:
            why = WhyResult.model_validate(summary)
        except ValidationError:
            return None
        line = f": {why.line}" if why.line else ""
        text = f"{why.pipeline} failed in task {why.task}: {why.cause.replace('_', ' ')}, {why.why}{line}"
        return Claim(text=text, evidence=(each.id,), status="supported")
    if not summary["faults"]:
        text = f"{summary['check']} is well: {summary['saw']}"
    else:
        text = f"{summary['check']}: " + "; ".join(
            f"{one['fault']} ({one['subject']}): {one['cause']}; {one['reach']}" for one in summary["faults"][:6]
        )
    return Claim(text=text, evidence=(each.id,), status="supported")


def _allowed(report: CheckReport) -> str:
    """Whether a version may be promoted, and what stands against it."""
    who = f"version {report.version} of {report.model}"
    if report.result == "pass":
        return f"{who} passes all {len(report.checks)} checks of {report.environment}; a person still has to agree"
    against = "; ".join(f"{one.name}: {one.result}, {one.why}" for one in report.checks if one.result != "pass")
    return f"{who} may not go to {report.environment} now: {against}"


def _model_turn(
    parts: PlatformParts, words: str, evidence: Sequence[Evidence]
) -> tuple[ModelUse, tuple[Claim, ...], tuple[str, ...]]:
    """The model's sentences, each checked; a refusal or an unusable answer leaves what was computed as it is."""
    if parts.chat is None or parts.prompts is None:
        return ModelUse(used=False, note="no model is configured or wanted"), (), ()
    from langchain_core.messages.utils import convert_to_messages  # noqa: PLC0415 - only with a model

    schema = json.dumps(AnswerDraft.model_json_schema(), separators=(",", ":"))
    opened, closed = fence(parts.nonce, "open"), fence(parts.nonce, "close")
    system = parts.prompts[PROMPT].render(open=opened, close=closed, schema=schema)
    shown = "\n".join(
        f"{each.id} {each.tool} {each.status}\n{fenced(json.dumps(each.summary, ensure_ascii=False), parts.nonce)}"
        for each in evidence
    )
    asked = [
        {"role": "system", "content": system},
        {"role": "user", "content": f"The question: {shortened(words, 600)}\n{shown}"},
    ]
    use, problem = ModelUse(used=False), ""
    for turn in range(1, _TURNS + 1):
        try:
            reply = parts.chat.invoke(
                convert_to_messages(asked),
                config={
                    "metadata": {
                        "call_id": f"{PROMPT}.{turn}",
                        "prompts": parts.prompts.hashes(PROMPT, "repair"),
                    }
                },
            )
        except (ModelError, CallDenied, RedactionError) as error:
            return use.model_copy(update={"note": f"the model took no part: {error.message}"}), (), ()
        text = reply.content if isinstance(reply.content, str) else json.dumps(reply.content)
        facts = reply.response_metadata
        use = ModelUse(
            used=True,
            endpoint=facts.get("endpoint"),
            model=facts.get("model"),
            fallbacks=tuple(map(str, facts.get("fallbacks", ()))),
            prompts=parts.prompts.hashes(PROMPT),
        )
        draft, problem = parse_object(text, AnswerDraft)
        if isinstance(draft, AnswerDraft):
            known = {each.id: each for each in evidence}
            return use, tuple(check(one, known, parts.known_names) for one in draft.sentences), draft.unknown
        repair = parts.prompts["repair"].render(problem=problem)
        asked = [*asked, {"role": "assistant", "content": text}, {"role": "user", "content": repair}]
    note = f"the model's answer could not be used: {problem}"
    return use.model_copy(update={"used": False, "note": note}), (), ()
