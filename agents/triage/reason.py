"""One turn after another with a model: it reads, asks for more, and hands in one object that is checked afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.utils import convert_to_messages, convert_to_openai_messages
from langchain_core.runnables import RunnableConfig

from ...core.errors import CallDenied, ModelError, RedactionError
from ...core.tokens import estimate_tokens
from ...tools.spec import ToolCard
from .compact import evidence_text
from .parts import TriageParts
from .phases import Phase, context_room, first_messages, phase_of
from .plan import PlannedCall
from .state import TriageState, evidence_of, incident_of
from .types import ModelUse

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


def ask(parts: TriageParts, state: TriageState) -> dict[str, Any]:
    """One turn of the phase that the run is in: send the conversation, take back tool requests or the outcome.

    Returns:
        The update of the state; `over` once there is nothing more to ask. A refusal, a failing endpoint or an
        unusable answer ends the phase with a note, and what there was before it stands.
    """
    phase, turn = phase_of(parts, state), state.get("turn", 0) + 1
    is_last = turn >= phase.turns
    tools = offered_tools(parts.gate.cards())
    messages = _opened(parts, state, phase, tools)
    if is_last:
        messages.append({"role": "user", "content": parts.prompts["last_turn"].render()})
    messages = within(messages, context_room(parts, tools))
    try:
        reply = _invoke(parts, messages, phase, turn, [] if is_last else tools)
    except (ModelError, CallDenied, RedactionError) as error:
        note = f"{phase.absent if turn == 1 else 'the model stopped'}: {error.message}"
        return _ended(state, phase, {"turn": turn, "messages": messages}, note)
    use = _use(parts, state, phase, reply)
    asked = len(reply.tool_calls)
    reply = _bounded(reply, _REPEATED_SHARE * parts.limits.calls_per_turn)
    messages.extend(_as_dicts([_without_reasoning(reply)]))
    update = {"turn": turn, "requests": [], "messages": messages, "model": use}
    if reply.tool_calls and not is_last:
        return update | _requested(parts, reply, asked, turn, messages)
    outcome, problem = phase.parse(_text(reply))
    if outcome is not None:
        return update | {"outcome": outcome.model_dump(mode="json"), "over": True}
    if not is_last:
        messages.append({"role": "user", "content": parts.prompts["repair"].render(problem=problem)})
        return update | {"turn": max(turn, phase.turns - 1)}
    return _ended(state, phase, update, f"the model's answer could not be used: {problem}")


def planned(state: TriageState) -> list[PlannedCall]:
    """The calls the model asked for in its last turn."""
    phase, turn = state.get("phase") or "model", state.get("turn", 0)
    return [
        PlannedCall(f"{phase}.{turn}.{place}", request["name"], _arguments(request["args"]))
        for place, request in enumerate(state.get("requests", []), start=1)
    ]


def answers(parts: TriageParts, state: TriageState) -> list[dict[str, Any]]:
    """The tool messages for the last turn's requests, each with its evidence id."""
    evidence = {item.id: item for item in evidence_of(state)}
    order, results = state.get("order", []), state.get("results", {})
    day = incident_of(state).start[:10]
    messages = list(state.get("messages", []))
    for request, call in zip(state.get("requests", []), planned(state), strict=True):
        place = order.index(call.call_id)
        text = evidence_text(evidence[f"E{place + 1}"], parts.nonce, parts.limits.answer_tokens, day)
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
    return {"turn": max(state.get("turn", 0), phase_of(parts, state).turns - 1), "problems": [note]}


def within(messages: list[dict[str, Any]], room: int) -> list[dict[str, Any]]:
    """The conversation within an endpoint's context: the oldest answers of tools give way, down to their first line."""
    over = sum(estimate_tokens(str(message.get("content"))) for message in messages) - room
    kept = list(messages)
    for place, message in enumerate(messages):
        if over <= 0:
            break
        text = str(message.get("content"))
        if message.get("role") == "tool" and "\n" in text:
            short = f"{text.splitlines()[0]}: left out here to make room; ask again if it matters"
            over -= estimate_tokens(text) - estimate_tokens(short)
            kept[place] = {**message, "content": short}
    return kept


def _opened(
    parts: TriageParts, state: TriageState, phase: Phase, tools: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    return list(state.get("messages") or first_messages(parts, state, tools))


def _requested(
    parts: TriageParts, reply: AIMessage, asked: int, turn: int, messages: list[dict[str, Any]]
) -> dict[str, Any]:
    """The requests that are considered; the others are told so in the conversation."""
    requests = [
        {"id": request["id"] or f"{turn}.{place}", "name": request["name"].replace("__", "."), "args": request["args"]}
        for place, request in enumerate(reply.tool_calls)
    ]
    allowed, dropped = requests[: parts.limits.calls_per_turn], requests[parts.limits.calls_per_turn :]
    for request in dropped:
        messages.append(_tool_message(str(request["id"]), "not run: too many calls in one turn"))
    if asked <= len(requests):
        return {"requests": allowed}
    note = f"the model asked for {asked} calls in one answer; {len(allowed)} were considered"
    return {"requests": allowed, "problems": [note]}


def _ended(state: TriageState, phase: Phase, update: Mapping[str, Any], note: str) -> dict[str, Any]:
    """The phase is over without an outcome."""
    use = dict(update.get("model") or state.get("model") or ModelUse(used=False).model_dump())
    # A second look that fails takes nothing from the diagnosis, which the model's note is about.
    noted = use if phase.id == "second" else use | {"note": note}
    return {**update, "requests": [], "model": noted, "problems": [note], "outcome": None, "over": True, "ended": note}


def _invoke(
    parts: TriageParts,
    messages: list[dict[str, Any]],
    phase: Phase,
    turn: int,
    tools: list[dict[str, Any]],
) -> AIMessage:
    if parts.chat is None:
        raise ValueError("reasoning needs a chat model")
    metadata = {"call_id": f"{phase.prompts_as}.{turn}", "prompts": parts.prompts.hashes(*phase.prompts)}
    config: RunnableConfig = {"metadata": metadata}
    history: list[BaseMessage] = convert_to_messages(messages)
    model = parts.chat.bind_tools(tools) if tools else parts.chat
    reply = model.invoke(history, config=config)
    return reply


def _use(parts: TriageParts, state: TriageState, phase: Phase, reply: AIMessage) -> dict[str, Any]:
    before = state.get("model") or ModelUse(used=False).model_dump()
    facts = reply.response_metadata
    fallbacks = tuple(dict.fromkeys([*before.get("fallbacks", ()), *map(str, facts.get("fallbacks", ()))]))
    return ModelUse(
        used=True,
        endpoint=facts.get("endpoint"),
        model=facts.get("model"),
        fallbacks=fallbacks,
        note="",
        prompts={**before.get("prompts", {}), **parts.prompts.hashes(*phase.prompts)},
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
