"""Deciding by Cedar; the only file that knows cedarpy.

Cedar fails open in three ways that this file closes (each has a test that shows both):

1. A `forbid` whose evaluation errs is skipped, and a permit then wins: any error in the answer is a denial here.
2. Entities built without the schema lose the hierarchy of actions, so that a rule on a group matches nothing: they are
   built with the schema, and canary rules at load prove for every tool that a forbid on its group stops it.
3. JSON that means entities or extensions to Cedar could come in with an argument: only `schema.cedar_args` makes
   arguments, from parsed values and the schema's types.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.canonical import digest
from ..core.errors import ConfigError
from .facts import (
    ApprovalFacts,
    BudgetFacts,
    CommonFacts,
    DecisionInput,
    Resource,
    Target,
    cedar_entities,
    cedar_request,
)
from .loading import PolicyFile, PolicyNote, builtin_files, check_unique, folder_files, note_of
from .schema import (
    CANARY_ACTIONS,
    PROMPT_ACTION,
    PROMPT_ARGS,
    TELL_ACTION,
    TELL_ARGS,
    Declared,
    Record,
    args_record,
    cedar_schema,
    sample_args,
)
from .types import Allow, Ask, Audience, Decision, Deny, Endpoint, Principal

if TYPE_CHECKING:
    from cedarpy import Entities, PolicySet
    from pydantic import BaseModel

    from ..tools.spec import Effect

ENGINE_ERROR = "engine-error"
DEFAULT_DENY = "default-deny"

# An approver that no person can be, for the question "would an approval lift it?".
_NOBODY = "what-if:approver"


@dataclass(frozen=True)
class Answer:
    """What Cedar said: `hits` are the policies that decided, in the order of loading."""

    is_allowed: bool
    hits: tuple[PolicyNote, ...] = ()
    is_error: bool = False


@dataclass(frozen=True)
class Applying:
    """Which of some policies apply to a question, and which fail while they are evaluated, by their places."""

    holding: frozenset[int]
    erring: frozenset[int]


@dataclass(frozen=True)
class _Rules:
    """Parsed policies, and what the one that Cedar calls `policy<n>` says about itself at place n."""

    policies: PolicySet
    notes: tuple[PolicyNote, ...]


class CedarEngine:
    """Policies and schema, loaded once and checked; decisions are pure and may be asked from any thread.

    Args:
        tools: the tools that exist; the schema knows no others.
        files: policy files in the order in which they are to be named.

    Raises:
        ConfigError: a policy does not parse, does not fit the schema, has no `@id` or `@reason`, an id occurs twice, or
            the self-test fails.
    """

    def __init__(self, tools: Sequence[Declared], files: Sequence[PolicyFile]) -> None:
        import cedarpy  # noqa: PLC0415 - 16 MB of engine that `--help` need not load

        self._cedar = cedarpy
        self._schema_text = cedar_schema(tools)
        self._schema = cedarpy.Schema.from_str(self._schema_text)
        self._records: dict[str, Record] = {tool.name: args_record(tool.args) for tool in tools}
        self._notes = tuple(note for file in files for note in self._read_notes(file))
        check_unique(self._notes)
        text = "\n".join(file.text for file in files)
        self._validate(text)
        self._rules = _Rules(self._parse(text), self._notes)
        self._trees = self._read_trees(text)
        self._open_scopes = _Rules(self._without_conditions(), self._notes)
        self._with_added = lru_cache(maxsize=256)(self._base_entities().with_added_json_str)
        self._roles = frozenset(role for note in self._notes for role in note.roles)
        self._hash = digest({"files": [[file.name, file.text] for file in files], "schema": self._schema_text})
        self._prove_groups(tools)

    @classmethod
    def load(cls, tools: Sequence[Declared], folders: Sequence[Path] = ()) -> CedarEngine:
        """The built-in policies, then those of the operator's folders in the order given.

        Raises:
            ConfigError: as the constructor, or a folder cannot be read.
        """
        return shared_engine(tools, (*builtin_files(), *(file for folder in folders for file in folder_files(folder))))

    @property
    def policy_hash(self) -> str:
        """SHA-256 over the policy files and the schema, in hex; any change to either changes it."""
        return self._hash

    @property
    def schema_text(self) -> str:
        """The generated schema."""
        return self._schema_text

    @property
    def notes(self) -> tuple[PolicyNote, ...]:
        """Every policy in the order of loading."""
        return self._notes

    @property
    def trees(self) -> tuple[Mapping[str, Any], ...]:
        """The policies in Cedar's JSON format, one for each of `notes`."""
        return self._trees

    def record_of(self, tool: str) -> Record:
        """The Cedar record of a tool's arguments.

        Raises:
            KeyError: no such tool.
        """
        return self._records[tool]

    def decide(self, asked: DecisionInput) -> Decision:
        """Allow, ask or deny. Never raises for what the question holds: an engine error is a denial."""
        answer = self.answer(asked)
        if answer.is_error:
            return Deny(
                ENGINE_ERROR, "the policy engine could not decide this call", "check it with `opswarden policy explain`"
            )
        ids = tuple(note.id for note in answer.hits)
        if answer.is_allowed:
            return Allow(ids[0], ids)
        lifted = self._what_would_lift(asked, answer) if asked.approval is None and self._roles else None
        if lifted is not None:
            return lifted
        if not answer.hits:
            return Deny(
                DEFAULT_DENY, "no policy permits this", "`opswarden policy explain` shows which rules come near"
            )
        # Of several, what no approval lifts is what stands in the way.
        first = next((note for note in answer.hits if not note.roles), answer.hits[0])
        return Deny(first.id, first.reason, first.remedy, ids)

    def answer(self, asked: DecisionInput) -> Answer:
        """What Cedar says to the question as it stands, without looking for a way to lift a denial."""
        return self._ask(asked, self._rules)

    def with_tree(self, place: int, tree: Mapping[str, Any]) -> CedarEngine:
        """The same policies with another one at a place of `notes`; for rehearsals, its hash stays the old one."""
        changed = copy(self)
        changed._trees = (*self._trees[:place], tree, *self._trees[place + 1 :])
        changed._rules = _Rules(self._policy_set(changed._trees), self._notes)
        return changed

    def approved(self, asked: DecisionInput) -> DecisionInput:
        """The question with an approval of every role that some policy names, by a person nobody can be."""
        return _approved(asked, self._roles)

    def applying(self, trees: Sequence[Mapping[str, Any]]) -> Callable[[DecisionInput], Applying]:
        """Asks for any number of policies at once, each by itself, which of them apply to a question."""
        # As permits they do not hide each other: Cedar names all that hold.
        policies = self._policy_set([{**tree, "effect": "permit"} for tree in trees])

        def ask(asked: DecisionInput) -> Applying:
            result = self._cedar.is_authorized(cedar_request(asked), policies, self._entities(asked), self._schema)
            erring = (re.match(r".*?`policy([0-9]+)`", str(error)) for error in result.diagnostics.errors)
            return Applying(
                frozenset(int(reason.removeprefix("policy")) for reason in result.diagnostics.reasons),
                frozenset(int(match[1]) for match in erring if match),
            )

        return ask

    def could_allow(self, principal: Principal, action: str, resource: Resource) -> bool:
        """Whether some policy could permit the action in some circumstances: conditions count as fulfilled."""
        record = self._records.get(action)
        if record is None:
            return False
        asked = DecisionInput(principal, action, resource, _sample_facts(), sample_args(record))
        return self._ask(asked, self._open_scopes).is_allowed

    def near(self, asked: DecisionInput) -> tuple[PolicyNote, ...]:
        """Permits whose scope fits the question though their conditions do not hold, for explanations."""
        permits = self._ask(asked, self._open_scopes).hits
        holding = {note.id for note in self.answer(asked).hits}
        return tuple(note for note in permits if note.effect == "permit" and note.id not in holding)

    def _what_would_lift(self, asked: DecisionInput, denied: Answer) -> Ask | None:
        """Whose approval would turn the denial into an allow.

        The roles are tried one by one, since policies may want different ones; if only all of them together do, the
        approver needs to hold every one.
        """
        granted = self._ask(_approved(asked, self._roles), self._rules)
        if granted.is_error or not granted.is_allowed:
            return None
        lifted = [note for note in denied.hits if note.roles] + [note for note in granted.hits if note.roles]
        roles = sorted({role for note in lifted for role in note.roles})
        if not roles:
            return None
        enough = [role for role in roles if self._ask(_approved(asked, frozenset({role})), self._rules).is_allowed]
        if not enough and not self._ask(_approved(asked, frozenset(roles)), self._rules).is_allowed:
            return None
        return Ask(
            code=lifted[0].id,
            roles=tuple(enough or self._needed(asked, roles)),
            reason=lifted[0].reason,
            policy_ids=tuple(note.id for note in lifted),
            two_person=asked.common.two_person,
            needs_every_role=not enough,
        )

    def _needed(self, asked: DecisionInput, roles: Sequence[str]) -> list[str]:
        """Those of some roles that lift a denial together without which they would not."""
        needed = list(roles)
        for role in roles:
            without = frozenset(needed) - {role}
            if self._ask(_approved(asked, without), self._rules).is_allowed:
                needed.remove(role)
        return needed

    def _ask(self, asked: DecisionInput, rules: _Rules) -> Answer:
        try:
            entities = self._entities(asked)
            result = self._cedar.is_authorized(cedar_request(asked), rules.policies, entities, self._schema)
        except (ValueError, TypeError, OverflowError):
            return Answer(is_allowed=False, is_error=True)
        # Trap 1: a forbid that erred was skipped, so an answer with errors means nothing.
        if result.diagnostics.errors or result.decision not in (self._cedar.Decision.Allow, self._cedar.Decision.Deny):
            return Answer(is_allowed=False, is_error=True)
        places = sorted(int(reason.removeprefix("policy")) for reason in result.diagnostics.reasons)
        return Answer(result.allowed, tuple(rules.notes[place] for place in places))

    def _entities(self, asked: DecisionInput) -> Entities:
        return self._with_added(json.dumps(cedar_entities(asked.principal, asked.resource)), self._schema)

    def _base_entities(self) -> Entities:
        # Trap 2: without the schema, `action in Ops::Action::"write"` would match nothing.
        return self._cedar.Entities.from_json_str("[]", self._schema)

    def _read_notes(self, file: PolicyFile) -> list[PolicyNote]:
        tree = self._parse(file.text, file.name).to_pst()
        if tree.templates or tree.template_links:
            raise ConfigError(f"policy file {file.name!r} holds a template", remedy="write the policy out")
        ordered = sorted(tree.static_policies.values(), key=lambda policy: int(policy.id.removeprefix("policy")))
        return [note_of(file.name, policy.effect, dict(policy.annotations)) for policy in ordered]

    def _parse(self, text: str, name: str = "policies") -> PolicySet:
        try:
            return self._cedar.PolicySet.from_str(text)
        except ValueError as error:
            raise ConfigError(f"{name!r} is no valid Cedar: {error}", remedy="mend the line it names") from error

    def _validate(self, text: str) -> None:
        result = self._cedar.validate_policies(text, self._schema_text)
        if result.validation_passed:
            return
        first = result.errors[0]
        place = first.policy_id.removeprefix("policy")
        name = self._notes[int(place)].id if place.isdigit() else "?"
        raise ConfigError(
            # The number that Cedar gives the policy says nothing to anybody.
            f"policy {name!r} does not fit the tools: {re.sub(r'^for policy `policy[0-9]+`, ', '', str(first.error))}",
            remedy="`opswarden policy check` shows the schema that it must fit",
        )

    def _policy_set(self, trees: Sequence[Mapping[str, Any]]) -> PolicySet:
        numbered = {f"policy{place}": tree for place, tree in enumerate(trees)}
        text = json.dumps({"staticPolicies": numbered, "templates": {}, "templateLinks": []})
        return self._cedar.PolicySet.from_json_str(text)

    def _read_trees(self, text: str) -> tuple[Mapping[str, Any], ...]:
        found = json.loads(self._cedar.policies_to_json_str(text))["staticPolicies"]
        return tuple(found[f"policy{place}"] for place in range(len(self._notes)))

    def _without_conditions(self) -> PolicySet:
        """The same policies with permits that ask for nothing and only those forbids that ask for nothing.

        Conditional forbids keep their place with a condition that never holds, so that the numbers stay the same.
        """
        never = [{"kind": "when", "body": {"Value": False}}]
        return self._policy_set(
            [
                {**tree, "conditions": never if tree["effect"] == "forbid" and tree["conditions"] else []}
                for tree in self._trees
            ]
        )

    def _prove_groups(self, tools: Sequence[Declared]) -> None:
        """Canaries: beside a permit for everything, a forbid on a tool's group or on an action must stop it."""
        canaries: list[tuple[str, DecisionInput]] = [
            (f"in {_action_text(group)}", _sample(name, Target("canary", "canary"), Record({})))
            for group, name in CANARY_ACTIONS.items()
        ]
        canaries += [
            (
                f"in {_action_text(tool.effect)}",
                _sample(tool.name, Target("canary", tool.environment), self._records[tool.name]),
            )
            for tool in tools
        ]
        canaries += [
            (f"== {_action_text(PROMPT_ACTION)}", _sample(PROMPT_ACTION, Endpoint("canary", "canary"), PROMPT_ARGS)),
            (
                f"== {_action_text(TELL_ACTION)}",
                _sample(TELL_ACTION, Audience("canary", "canary", "canary"), TELL_ARGS),
            ),
        ]
        proven: dict[str, _Rules] = {}
        for scope, asked in canaries:
            if scope not in proven:
                text = f"permit (principal, action, resource); forbid (principal, action {scope}, resource);"
                proven[scope] = _Rules(self._parse(text, "canary"), (_canary("permit"), _canary("forbid")))
            answer = self._ask(asked, proven[scope])
            if answer.is_error or answer.is_allowed or [note.effect for note in answer.hits] != ["forbid"]:
                raise ConfigError(
                    f"self-test: a forbid on the group of {asked.action!r} does not stop it",
                    remedy="do not run; the policy engine does not see the groups of actions",
                )


@dataclass(frozen=True)
class _Face:
    """All that the engine knows of a tool."""

    name: str
    effect: Effect
    environment: str
    args: type[BaseModel]


def shared_engine(tools: Sequence[Declared], files: Sequence[PolicyFile]) -> CedarEngine:
    """An engine that runs share whose policies have the same texts and whose tools are declared alike.

    Raises:
        ConfigError: as `CedarEngine`.
    """
    faces = (_Face(tool.name, tool.effect, tool.environment, tool.args) for tool in tools)
    return _engine_of(tuple(sorted(faces, key=lambda face: face.name)), tuple(files))


# Reading, checking and proving takes longer than the decisions of a run.
@lru_cache(maxsize=8)
def _engine_of(tools: tuple[_Face, ...], files: tuple[PolicyFile, ...]) -> CedarEngine:
    return CedarEngine(tools, files)


def _canary(effect: str) -> PolicyNote:
    return note_of("canary", effect, {"id": "canary", "reason": "self-test"})


def _action_text(name: str) -> str:
    return f'Ops::Action::"{name}"'


def _sample(action: str, resource: Resource, record: Record) -> DecisionInput:
    return DecisionInput(
        Principal("canary", "canary", "canary"), action, resource, _sample_facts(), sample_args(record)
    )


def _sample_facts() -> CommonFacts:
    budget = BudgetFacts(*(0 for _ in range(12)))
    return CommonFacts(call_hmac="", now=datetime(1970, 1, 1, tzinfo=UTC), stage="act", trigger="", budget=budget)


def _approved(asked: DecisionInput, roles: frozenset[str]) -> DecisionInput:
    approval = ApprovalFacts(
        approver=_NOBODY,
        approver_roles=roles,
        call_hmac=asked.common.call_hmac,
        expires=asked.common.now + timedelta(hours=1),
    )
    return replace(asked, approval=approval)
