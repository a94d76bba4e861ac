"""Changed policies tried on decisions that were recorded: what would now be allowed, asked or denied.

The ledger keeps the whole question of every decision, with its arguments redacted. A policy that reads a value which
was taken out gives an answer nobody can know; then both answers are tried, and if they lead to different decisions the
decision is *undecidable*.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

from ..core.canonical import JsonValue
from ..core.clock import from_iso
from ..redaction.placeholders import holds_mark
from .conditions import Question, Tree, answered, questions
from .data_facts import data_facts_of
from .engine import CedarEngine
from .environment_facts import environment_facts_of
from .facts import (
    ApprovalFacts,
    BudgetFacts,
    CommonFacts,
    DecisionInput,
    ProgressFacts,
    Resource,
    Target,
    TicketFacts,
)
from .ledger.types import StoredEntry
from .rehearsal import said
from .schema import NAMESPACE, PROMPT_ACTION, PROMPT_ARGS, TELL_ACTION, TELL_ARGS, Record, sample_value
from .types import Audience, Endpoint, Principal

UNDECIDABLE = "undecidable"
_DECIDED = ".decided"
# Of one policy; beyond that both answers of the whole policy count as possible.
_MOST_UNKNOWN_QUESTIONS = 6
_MOST_UNKNOWN_POLICIES = 6

_VERBS: Mapping[str, Record] = {PROMPT_ACTION: PROMPT_ARGS, TELL_ACTION: TELL_ARGS}

_Path = tuple[str, ...]


@dataclass(frozen=True)
class ReDecided:
    """A recorded decision, and what the policies at hand say to it.

    Args:
        before: the decision and its code, as recorded.
        now: the same by the policies at hand; `undecidable` where nobody can tell.
        why: for `undecidable`: the reason.
    """

    seq: int
    run_id: str
    action: str
    before: str
    now: str
    why: str = ""

    @property
    def is_changed(self) -> bool:
        """Whether another decision, or another policy, would now be given."""
        return self.now != self.before


class _NoQuestionError(Exception):
    """A recorded question that cannot be put to the policies at hand; the text says why."""


def re_decide(engine: CedarEngine, entries: Iterable[StoredEntry]) -> Iterator[ReDecided]:
    """What the policies say to the decisions among some entries, in their order.

    Refusals that came before the policies were asked (unknown tools, arguments that did not fit) are left out.
    """
    unknown = _Unknown(engine)
    for entry in entries:
        if not entry.kind.endswith(_DECIDED) or "request" not in entry.body:
            continue
        body = entry.body
        before = f"{body.get('decision', '?')} {body.get('code', '?')}"
        action = str(_at(body, ("request", "action", "id")) or "?")
        try:
            now, why = unknown.decide(*_question(engine, body))
        except _NoQuestionError as error:
            now, why = UNDECIDABLE, str(error)
        yield ReDecided(entry.seq, entry.run_id, action, before, now, why)


class _Unknown:
    """Decides questions of which some values are not known.

    Args:
        engine: the policies at hand.
    """

    def __init__(self, engine: CedarEngine) -> None:
        self._engine = engine
        self._questions = [questions(tree) for tree in engine.trees]

    def decide(self, asked: DecisionInput, hidden: frozenset[_Path]) -> tuple[str, str]:
        """The decision, or `undecidable`, and why."""
        concerned = {
            place: touched
            for place, asks in enumerate(self._questions)
            if (touched := [each for each in asks if _reads_any(each, hidden)])
        }
        concerned = {place: touched for place, touched in concerned.items() if self._may_differ(place, touched, asked)}
        if not concerned:
            return said(self._engine.decide(asked)), ""
        ids = ", ".join(self._engine.notes[place].id for place in concerned)
        why = f"a value that was taken out decides whether {ids} applies"
        if len(concerned) > _MOST_UNKNOWN_POLICIES:
            return UNDECIDABLE, why
        possible = set()
        for answers in itertools.product((True, False), repeat=len(concerned)):
            engine = self._engine
            for place, answer in zip(concerned, answers, strict=True):
                engine = engine.with_tree(place, _fixed(self._engine.trees[place], answer))
            possible.add(said(engine.decide(asked)))
            if len(possible) > 1:
                return UNDECIDABLE, why
        return possible.pop(), ""

    def _may_differ(self, place: int, touched: Sequence[Question], asked: DecisionInput) -> bool:
        """Whether the unknown answers to some questions decide whether the policy applies.

        Asked as it stands and with an approval, as the engine will.
        """
        if len(touched) > _MOST_UNKNOWN_QUESTIONS:
            return True
        tree = self._engine.trees[place]
        trees = [
            answered(tree, {question.steps: answer for question, answer in zip(touched, answers, strict=True)})
            for answers in itertools.product((True, False), repeat=len(touched))
        ]
        ask = self._engine.applying(trees)
        versions = [asked] if asked.approval is not None else [asked, self._engine.approved(asked)]
        for version in versions:
            found = ask(version)
            if found.erring or 0 < len(found.holding) < len(trees):
                return True
        return False


def _fixed(tree: Tree, answer: bool) -> Tree:
    """The policy with its scope as it is, and conditions that hold or do not."""
    return {**tree, "conditions": [] if answer else [{"kind": "when", "body": {"Value": False}}]}


def _reads_any(question: Question, hidden: frozenset[_Path]) -> bool:
    return any(_overlaps(read, path) for read in question.reads for path in hidden)


def _overlaps(read: _Path, hidden: _Path) -> bool:
    """Whether one path leads to or through the other."""
    length = min(len(read), len(hidden))
    return read[:length] == hidden[:length]


def _question(engine: CedarEngine, body: Mapping[str, JsonValue]) -> tuple[DecisionInput, frozenset[_Path]]:
    """The recorded question, samples in the place of what was taken out, and the paths of that."""
    request, entities = body["request"], body.get("entities")
    if not isinstance(request, Mapping) or not isinstance(entities, Sequence) or len(entities) < 2:
        raise _NoQuestionError("the record holds no whole question")
    action = str(_at(request, ("action", "id")))
    try:
        record = _VERBS.get(action) or engine.record_of(action)
        principal, resource = _principal(entities[0]), _resource(entities[1])
        context = request["context"]
        common, approval = _common(_at(context, ("common",))), _approval(_at(context, ("approval",)))
        given = _at(context, ("args",)) or {}
        if not isinstance(given, Mapping):
            raise _NoQuestionError("its arguments were erased")
        args, hidden = _known(record, given, ("context", "args"))
    except KeyError as error:
        name = str(error.args[0]) if error.args else "?"
        if name == action:
            raise _NoQuestionError(f"there is no tool {action!r} now") from None
        raise _NoQuestionError(f"the record lacks {name!r}") from None
    except (TypeError, ValueError, IndexError, AttributeError):
        raise _NoQuestionError("the record holds a question of another form") from None
    if holds_mark(resource.name):
        hidden |= {("resource",)}
    return DecisionInput(principal, action, resource, common, args, approval), hidden


def _known(record: Record, given: Any, path: _Path) -> tuple[dict[str, JsonValue], frozenset[_Path]]:
    """Arguments that fit the schema of now, with samples for what was taken out."""
    args: dict[str, JsonValue] = {}
    hidden: set[_Path] = set()
    for name in given:
        if name not in record.attributes:
            raise _NoQuestionError(f"the argument {name!r} is not there any more")
    for name, attribute in record.attributes.items():
        if name not in given:
            if not attribute.is_optional:
                raise _NoQuestionError(f"the argument {name!r} was not there then")
            continue
        value = given[name]
        if isinstance(attribute.kind, Record) and isinstance(value, Mapping):
            args[name], more = _known(attribute.kind, value, (*path, name))
            hidden |= more
        elif _is_taken_out(value):
            args[name] = sample_value(attribute.kind)
            hidden.add((*path, name))
        else:
            args[name] = value
    return args, frozenset(hidden)


def _is_taken_out(value: Any) -> bool:
    if isinstance(value, str):
        return holds_mark(value)
    if isinstance(value, Mapping):
        return any(_is_taken_out(part) for part in (*value, *value.values()))
    return isinstance(value, Sequence) and any(map(_is_taken_out, value))


def _principal(entity: Any) -> Principal:
    attributes = entity["attrs"]
    return Principal(entity["parents"][0]["id"], _id(attributes["on_behalf_of"]), _id(attributes["team"]))


def _resource(entity: Any) -> Resource:
    kind, name = entity["uid"]["type"].removeprefix(f"{NAMESPACE}::"), entity["uid"]["id"]
    attributes = entity["attrs"]
    if kind == "Target":
        environment = entity["parents"][0]["id"]
        team = _id(attributes["team"]) if "team" in attributes else None
        return Target(name.removeprefix(f"{environment}/"), environment, team)
    if kind == "Audience":
        return Audience(attributes["kind"], attributes["name"], _id(attributes["team"]))
    return Endpoint(name, "", region=attributes["region"], is_self_hosted=attributes["is_self_hosted"])


def _common(facts: Any) -> CommonFacts:
    budget = BudgetFacts(**_counts(BudgetFacts, facts))
    progress = ProgressFacts(**_counts(ProgressFacts, facts))
    return CommonFacts(
        call_hmac=facts["call_hmac"],
        now=from_iso(facts["now"]),
        stage=facts["stage"],
        trigger=facts["trigger"],
        budget=budget,
        two_person=facts["two_person"],
        writes_stopped=facts["writes_stopped"],
        frozen=facts.get("frozen", False),
        preview_failed=facts.get("preview_failed", False),
        emergency=facts.get("emergency", False),
        untrusted_args=frozenset(facts["untrusted_args"]),
        run_tainted=facts["run_tainted"],
        asked_for=facts.get("asked_for", False),
        requester_roles=frozenset(facts.get("requester_roles", ())),
        budgets_exceeded=frozenset(facts.get("budgets_exceeded", ())),
        progress=progress,
        data=data_facts_of(facts),
        environment=environment_facts_of(facts),
        audience_team=_id(facts["audience_team"]) if "audience_team" in facts else None,
        ticket=TicketFacts(**facts["ticket"]) if "ticket" in facts else None,
    )


def _counts(kind: type[BudgetFacts | ProgressFacts], facts: Any) -> dict[str, Any]:
    """A record of an older version lacks the newer counts; they keep their defaults, under which they stop nothing."""
    wanted = [item.name for item in fields(kind) if item.default is MISSING or item.name in facts]
    return {name: facts[name] for name in wanted}


def _approval(facts: Any) -> ApprovalFacts | None:
    if facts is None:
        return None
    return ApprovalFacts(
        _id(facts["approver"]), frozenset(facts["approver_roles"]), facts["call_hmac"], from_iso(facts["expires"])
    )


def _id(entity: Any) -> str:
    return str(entity["__entity"]["id"])


def _at(value: Any, steps: Sequence[str]) -> Any:
    """What lies inside of nested mappings; None if a step is not there."""
    for step in steps:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
