"""The optional part: a model reads the evidence, asks for more, and hands in a diagnosis that is checked afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.utils import convert_to_messages, convert_to_openai_messages
from langchain_core.runnables import RunnableConfig
from pydantic import ValidationError

from ...core.errors import CallDenied, ModelError, RedactionError
from ...tools.spec import ToolCard
from .parts import TriageParts
from .plan import PlannedCall
from .prompts import LAST_TURN, REPAIR, evidence_text, opening, system_prompt
from .state import TriageState, evidence_of, incident_of
from .statistics import ranking_of
from .types import Diagnosis, ModelUse

_ANSWER_ROOM_TOKENS = 3_000
_INTERNAL_TOOLS = frozenset({"attribution.rank", "incidents.describe"})
# Refusals after which asking further is of no use, beside those of the budgets.
_ENDINGS = frozenset({"loop", "stall"})
# How many times `calls_per_turn` a reply may ask for and still be repeated whole in the next request.
_REPEATED_SHARE = 4


def offered_tools(cards: Sequence[ToolCard]) -> list[dict[str, Any]]:
    """The tools as a model sees them; a function name may not hold a dot, so it travels as two underscores."""
    return [
        {
            "type": "function",
            "function": {
                "name": card.name.replace(".", "__"),
                "description": card.description if card.effect == "read" else f"{card.description} (needs leave)",
                "parameters": dict(card.parameters),
            },
        }
        for card in cards
        if card.name not in _INTERNAL_TOOLS
    ]


def first_messages(parts: TriageParts, state: TriageState) -> list[dict[str, Any]]:
    """System and opening message."""
    endpoints = parts.gate.endpoints()
    room = min((endpoint.context_tokens for endpoint in endpoints), default=16_384)
    limit = max(1_500, min(room - _ANSWER_ROOM_TOKENS, parts.limits.opening_tokens))
    evidence = evidence_of(state)
    text = opening(incident_of(state), ranking_of(state), evidence, parts.nonce, limit, parts.gate.run.request)
    return [
        {"role": "system", "content": system_prompt(parts.nonce, parts.limits.turns)},
        {"role": "user", "content": text},
    ]


def ask(parts: TriageParts, state: TriageState) -> dict[str, Any]:
    """One turn: send the conversation, take back tool requests or a diagnosis.

    Returns:
        The update of the state. A refusal, a failing endpoint or an unusable answer ends the model's part with a
        note; the statistical report stands.
    """
    if parts.chat is None:
        raise ValueError("reasoning needs a chat model")
    turn = state.get("turn", 0) + 1
    messages = list(state.get("messages") or first_messages(parts, state))
    is_last = turn >= parts.limits.turns
    if is_last:
        messages.append({"role": "user", "content": LAST_TURN})
    try:
        reply = _invoke(parts, messages, turn, with_tools=not is_last)
    except (ModelError, CallDenied, RedactionError) as error:
        note = f"the model took no part: {error.message}" if turn == 1 else f"the model stopped: {error.message}"
        return {
            "turn": turn,
            "requests": [],
            "messages": messages,
            "model": _use(state, None, note),
            "problems": [note],
        }
    use = _use(state, reply, "")
    asked = len(reply.tool_calls)
    reply = _bounded(reply, _REPEATED_SHARE * parts.limits.calls_per_turn)
    messages.extend(_as_dicts([_without_reasoning(reply)]))
    if reply.tool_calls and not is_last:
        requests = [
            {
                "id": request["id"] or f"{turn}.{place}",
                "name": request["name"].replace("__", "."),
                "args": request["args"],
            }
            for place, request in enumerate(reply.tool_calls)
        ]
        allowed, dropped = requests[: parts.limits.calls_per_turn], requests[parts.limits.calls_per_turn :]
        for request in dropped:
            messages.append(_tool_message(str(request["id"]), "not run: too many calls in one turn"))
        update = {"turn": turn, "requests": allowed, "messages": messages, "model": use}
        if asked > len(requests):
            note = f"the model asked for {asked} calls in one answer; {len(allowed)} were considered"
            return update | {"problems": [note]}
        return update
    diagnosis, problem = parse_diagnosis(_text(reply))
    if diagnosis is None and not is_last:
        messages.append({"role": "user", "content": REPAIR.format(problem=problem)})
        return {"turn": max(turn, parts.limits.turns - 1), "requests": [], "messages": messages, "model": use}
    if diagnosis is None:
        note = f"the model's answer could not be used: {problem}"
        return {"turn": turn, "requests": [], "messages": messages, "model": use | {"note": note}, "problems": [note]}
    update = {"turn": turn, "requests": [], "messages": messages, "model": use}
    return update | {"diagnosis": diagnosis.model_dump(mode="json")}


def planned(state: TriageState) -> list[PlannedCall]:
    """The calls the model asked for in its last turn."""
    turn = state.get("turn", 0)
    return [
        PlannedCall(f"model.{turn}.{place}", request["name"], _arguments(request["args"]))
        for place, request in enumerate(state.get("requests", []), start=1)
    ]


def answers(parts: TriageParts, state: TriageState) -> list[dict[str, Any]]:
    """The tool messages for the last turn's requests, each with its evidence id."""
    evidence = {item.id: item for item in evidence_of(state)}
    order, results = state.get("order", []), state.get("results", {})
    messages = list(state.get("messages", []))
    for request, call in zip(state.get("requests", []), planned(state), strict=True):
        place = order.index(call.call_id)
        text = evidence_text(evidence[f"E{place + 1}"], parts.nonce)
        same = [f"E{n}" for n, name in enumerate(order[:place], 1) if _is_same(results[name], call)]
        if same:
            text += f"\nYou have asked this before: see {', '.join(same)}."
        messages.append(_tool_message(request["id"], text))
    return messages


def wrap_up(parts: TriageParts, state: TriageState) -> dict[str, Any]:
    """Where every call of the last turn was refused for good, the next turn is the last, and the report says why.

    A budget that is used up, a loop and a stall end the search; what there is goes into the best report.
    """
    results = [state["results"][call.call_id] for call in planned(state)]
    if not results or not all(_ends_search(str(result["code"])) for result in results):
        return {}
    first = results[0]
    note = f"the model's search was ended ({first['code']}): {first['message']}"
    return {"turn": max(state.get("turn", 0), parts.limits.turns - 1), "problems": [note]}


def parse_diagnosis(text: str) -> tuple[Diagnosis | None, str]:
    """The diagnosis in an answer, or what is wrong with it. Text around the one object is tolerated."""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end <= start:
        return None, "it holds no JSON object"
    try:
        return Diagnosis.model_validate_json(text[start : end + 1]), ""
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return None, f"{place}: {first['msg']}" if place else str(first["msg"])


def _invoke(parts: TriageParts, messages: list[dict[str, Any]], turn: int, *, with_tools: bool) -> AIMessage:
    chat = parts.chat
    if chat is None:
        raise ValueError("reasoning needs a chat model")
    config: RunnableConfig = {"metadata": {"call_id": f"reason.{turn}"}}
    history: list[BaseMessage] = convert_to_messages(messages)
    tools = offered_tools(parts.gate.cards()) if with_tools else []
    model = chat.bind_tools(tools) if tools else chat
    reply = model.invoke(history, config=config)
    return reply


def _use(state: TriageState, reply: AIMessage | None, note: str) -> dict[str, Any]:
    before = state.get("model") or ModelUse(used=False).model_dump()
    if reply is None:
        return {**before, "note": note}
    facts = reply.response_metadata
    fallbacks = tuple(dict.fromkeys([*before.get("fallbacks", ()), *map(str, facts.get("fallbacks", ()))]))
    return ModelUse(
        used=True, endpoint=facts.get("endpoint"), model=facts.get("model"), fallbacks=fallbacks, note=note
    ).model_dump(mode="json")


def _ends_search(code: str) -> bool:
    return code in _ENDINGS or code.startswith("budget.")


def _is_same(result: Mapping[str, Any], call: PlannedCall) -> bool:
    return bool(result["tool"] == call.tool and result["args"] == call.args)


def _bounded(reply: AIMessage, most: int) -> AIMessage:
    """A reply with its first requests only: the next request to the model repeats them all."""
    if len(reply.tool_calls) <= most:
        return reply
    facts = {"response_metadata": reply.response_metadata, "usage_metadata": reply.usage_metadata}
    return AIMessage(content=reply.content, tool_calls=reply.tool_calls[:most], **facts)


def _arguments(args: Any) -> Mapping[str, Any]:
    return args if isinstance(args, Mapping) else {}


def _text(reply: AIMessage) -> str:
    return reply.content if isinstance(reply.content, str) else json.dumps(reply.content)


def _without_reasoning(reply: AIMessage) -> AIMessage:
    """The part of a reply that the next request has to repeat."""
    return AIMessage(content=_text(reply), tool_calls=reply.tool_calls)


def _as_dicts(messages: list[BaseMessage]) -> list[dict[str, Any]]:
    return [dict(message) for message in convert_to_openai_messages(messages)]


def _tool_message(request_id: str, content: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": request_id, "content": content}
