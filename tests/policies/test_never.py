"""Rules that can never match, with the real engine as the judge of what matches."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, Field, field_validator
from worlds import World

from opswarden.apps.catalogue import declared_tools
from opswarden.apps.settings import Settings
from opswarden.policies.engine import CedarEngine
from opswarden.policies.explain import check
from opswarden.policies.facts import ApprovalFacts, BudgetFacts, CommonFacts, DecisionInput, Target
from opswarden.policies.loading import PolicyFile, builtin_files
from opswarden.policies.never import Never, never_matching
from opswarden.policies.occurring import BUILT_IN_ROLES, Known
from opswarden.policies.schema import args_record, cedar_args, field_values
from opswarden.policies.types import GUARD_ROLE, Principal
from opswarden.tools.spec import OWN_RECORDS, AnyTool, Args, Output, Result, Scope, Tool, ToolContext

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


class Window(Args):
    hours: int = Field(ge=1, le=24)


class RunArgs(Args):
    n: int = Field(ge=1, le=50)
    free: int = 0
    mode: Literal["fast", "slow"] = "fast"
    name: str = Field(default="abc", min_length=2, max_length=8)
    note: str | None = None
    few: Annotated[int, Field(lt=3)] | None = None
    tags: tuple[str, ...] = ()
    levels: tuple[Literal["error", "info"], ...] = ()
    ids: tuple[str, ...] = Field(default=("x",), min_length=1)
    must: tuple[str, ...] = Field(min_length=1)
    share: float = 0.5
    flag: bool = False
    window: Window


class SlyArgs(Args):
    """What pydantic's constraints promise and do not keep."""

    zero: int = Field(default=0, ge=1)
    moved: Annotated[int, Field(ge=1), AfterValidator(lambda n: n - 5)] = 1
    words: tuple[str, ...] = Field(default_factory=tuple, min_length=1)


class ChangedArgs(Args):
    n: int = Field(default=1, ge=1)

    @field_validator("n")
    @classmethod
    def _less(cls, n: int) -> int:
        return n - 1


class Done(Result):
    pass


def _run(args: Args, context: ToolContext) -> Output[Done]:
    return Output("ok", Scope(environment="prod"), Done())


def _tool(name: str, effect: Any, args: type[Args], environment: str = "prod") -> AnyTool:
    return Tool(name, effect, "for tests", args, Done, _run, environment)


RUN = _tool("probe.run", "write", RunArgs)
TOOLS = [
    RUN,
    _tool("probe.look", "read", RunArgs),
    _tool("probe.sly", "read", SlyArgs),
    _tool("probe.changed", "read", ChangedArgs),
    _tool("data.read", "read", Args, "staging"),
]
KNOWN = Known(TOOLS, BUILT_IN_ROLES | {"gardener"}, frozenset({"data.read"}))
ON_RUN = 'forbid (principal, action == Ops::Action::"probe.run", resource)'


def _with_built_in(files: Sequence[PolicyFile]) -> Known:
    """As an installation knows it: the guard's role, and a tool that writes into our own records."""
    own = replace(TOOLS[0], name="own.note", environment=OWN_RECORDS, effect="write")
    return Known((*TOOLS, own), BUILT_IN_ROLES | {GUARD_ROLE}, builtin_files=frozenset(file.name for file in files))


def _found(text: str, known: Known = KNOWN, *more: PolicyFile) -> tuple[Never, ...]:
    engine = CedarEngine(known.tools, [*more, PolicyFile("mine.cedar", text)])
    return never_matching(engine.trees, engine.notes, known)


def _rule(text: str, policy_id: str = "mine") -> str:
    return f'@id("{policy_id}") @reason("r") {text};'


def _scoped(action: str = "", principal: str = "principal", resource: str = "resource") -> str:
    return f"forbid ({principal}, action {action}, {resource})"


def _when(condition: str) -> str:
    return f"{ON_RUN} when {{ {condition} }}"


NEVER: list[tuple[str, str, str]] = [
    (
        "a role that no agent has",
        _scoped(principal='principal in Ops::Role::"gardner"'),
        "no agent has the role gardner; the roles are finops, gardener, mcp, platform, runbooks and triage",
    ),
    (
        "an environment that no tool of its actions acts in",
        _scoped('in Ops::Action::"write"', resource='resource in Ops::Env::"production"'),
        "none of its tools acts in the environment production; there is prod",
    ),
    (
        "a class of data that there is not",
        _when('context.common.data_classes.contains("health")'),
        'context.common.data_classes never holds "health": only card, credential, financial, operational, personal and'
        " unknown may be in it",
    ),
    (
        "a kind of environment that there is not",
        _when('context.common.environment_kind == "prod"'),
        'context.common.environment_kind is never "prod": it is development, production, staging or undeclared',
    ),
    ("an action that is no tool", _scoped('== Ops::Action::"canary.read"'), "no tool is among its actions"),
    (
        "a value beside a closed list",
        _when('context.common.stage == "prod"'),
        'context.common.stage is never "prod": it is act, observe or recommend',
    ),
    (
        "a value beside the choices of an argument",
        _when('["slowly", "quick"].contains(context.args.mode)'),
        '`["slowly", "quick"].contains(context.args.mode)` never holds: context.args.mode is fast or slow',
    ),
    (
        "every choice excluded",
        f'{ON_RUN} unless {{ context.args.mode == "fast" || context.args.mode == "slow" }}',
        '`context.args.mode != "fast"` and `context.args.mode != "slow"` never hold together',
    ),
    ("false", _when("false"), "`false` stands among its conditions"),
    ("unless true", f"{ON_RUN} unless {{ true }}", "`!true` stands among its conditions"),
    (
        "a question and its opposite",
        _when("context.args.flag && context.args.free > 1 && !context.args.flag"),
        "`context.args.flag` and `!context.args.flag` never hold together",
    ),
    (
        "two values at once",
        _when('context.common.trigger == "cli" && "eval" == context.common.trigger'),
        '`context.common.trigger == "cli"` and `"eval" == context.common.trigger` never hold together',
    ),
    (
        "when and unless the same",
        f'{ON_RUN} when {{ context.common.trigger == "cli" }} unless {{ context.common.trigger == "cli" }}',
        '`context.common.trigger == "cli"` and `context.common.trigger != "cli"` never hold together',
    ),
    (
        "an empty range",
        _when("context.args.free > 5 && context.args.free < 3"),
        "`context.args.free > 5` and `context.args.free < 3` never hold together",
    ),
    (
        "nothing between two neighbours",
        _when("context.args.free > 5 && context.args.free < 7 && context.args.free != 6"),
        "`context.args.free > 5`, `context.args.free < 7` and `context.args.free != 6` never hold together",
    ),
    (
        "beyond an argument's bound",
        _when("100 <= context.args.n"),
        "`100 <= context.args.n` never holds: context.args.n is at least 1 and is at most 50",
    ),
    (
        "beyond the bound of a nested argument",
        _when("context.args.window.hours > 24"),
        "`context.args.window.hours > 24` never holds: context.args.window.hours is at least 1 and is at most 24",
    ),
    (
        "beyond the bound of an optional argument",
        _when("context.args has few && context.args.few == 3"),
        "context.args.few is never 3: it is at most 2",
    ),
    (
        "a text that is too short",
        _when('context.args.name == "a"'),
        'context.args.name is never "a": it has at least 2 characters and has at most 8 characters',
    ),
    (
        "a negative count",
        _when("context.common.calls_used < 0"),
        "`context.common.calls_used < 0` never holds: context.common.calls_used is never negative",
    ),
    (
        "a pattern that the value does not fit",
        _when('context.args.name == "abc" && context.args.name like "b*c"'),
        '`context.args.name == "abc"` and `context.args.name like "b*c"` never hold together',
    ),
    (
        "patterns with different beginnings",
        _when('context.args.name like "eu-*" && context.args.name like "us-*"'),
        '`context.args.name like "eu-*"` and `context.args.name like "us-*"` never hold together',
    ),
    (
        "an attribute that no such call has",
        _when("context.args has revision"),
        "`context.args has revision` never holds: context.args.revision is never there",
    ),
    (
        "the absence of what is always there",
        _when("!(context.args has mode)"),
        "`!(context.args has mode)` never holds: context.args.mode is always there",
    ),
    (
        "two roles at once",
        _scoped(principal='principal in Ops::Role::"triage"') + ' when { principal in Ops::Role::"finops" }',
        '`principal in Ops::Role::"triage"` and `principal in Ops::Role::"finops"` never hold together',
    ),
    (
        "the role of a person",
        _when('principal.on_behalf_of in Ops::Role::"oncall"'),
        '`principal.on_behalf_of in Ops::Role::"oncall"` never holds: policies are not told the roles of people',
    ),
    (
        "both ways of an if",
        _when("if context.args.flag then context.args.n > 60 else context.args.n < 1"),
        "`context.args.n > 60` never holds: context.args.n is at least 1 and is at most 50",
    ),
    (
        "another action",
        _when('action == Ops::Action::"probe.look"'),
        '`action == Ops::Action::"probe.look"` never holds',
    ),
    (
        "a member that a set cannot have",
        _when('context.args.levels.contains("fatal")'),
        'context.args.levels never holds "fatal": only error and info may be in it',
    ),
    (
        "empty and with a member",
        _when('context.args.tags.isEmpty() && context.args.tags.containsAny(["a", "b"])'),
        '`context.args.tags.isEmpty()` and `context.args.tags.contains("a")` never hold together',
    ),
    (
        "a set that always has a member",
        _when("context.args.must.isEmpty()"),
        "`context.args.must.isEmpty()` never holds: context.args.must always has a member",
    ),
    (
        "smaller and larger",
        _when("context.common.calls_used > context.args.free && context.args.free >= context.common.calls_used"),
        "`context.common.calls_used > context.args.free` and `context.args.free >= context.common.calls_used` "
        "never hold together",
    ),
    (
        "the team and another team",
        _when("resource has team && resource.team == principal.team && principal.team != resource.team"),
        "`resource.team == principal.team` and `principal.team != resource.team` never hold together",
    ),
    (
        "after an end and before a start",
        _when('context.common.now < datetime("2026-01-01") && context.common.now >= datetime("2026-01-01T00:00:00Z")'),
        '`context.common.now < datetime("2026-01-01")` and '
        '`context.common.now >= datetime("2026-01-01T00:00:00Z")` never hold together',
    ),
    (
        "a share in an empty range",
        _when('context.args.share.lessThan(decimal("0.1")) && context.args.share.greaterThan(decimal("0.2"))'),
        '`context.args.share.lessThan(decimal("0.1"))` and '
        '`context.args.share.greaterThan(decimal("0.2"))` never hold together',
    ),
    (
        "a model in an environment",
        _scoped('== Ops::Action::"model.prompt"') + ' when { resource in Ops::Env::"prod" }',
        '`resource in Ops::Env::"prod"` never holds: only what tools act on is in an environment',
    ),
]


@pytest.mark.parametrize(("text", "why"), [row[1:] for row in NEVER], ids=[row[0] for row in NEVER])
def test_a_rule_that_never_matches_is_told_why(text: str, why: str) -> None:
    assert _found(_rule(text)) == (Never("mine", "mine.cedar", why),)


POSSIBLE: list[tuple[str, str]] = [
    ("everything", _scoped()),
    ("a group without a tool", _scoped('in Ops::Action::"send"')),
    (
        "the environment of a tool that goes where its data come from",
        _scoped('in Ops::Action::"read"', resource='resource in Ops::Env::"nowhere"'),
    ),
    ("the role of a package's agent", _scoped(principal='principal in Ops::Role::"gardener"')),
    ("a country", _when('context.common.countries.contains("DE")')),
    ("a class of data", _when('context.common.data_classes.contains("card")')),
    ("a destination, which may not be there", _when("!(context.common has destination)")),
    ("the kind of an environment", _when('context.common.environment_kind == "staging"')),
    ("a run that was opened for an environment", _when("context.common has run_environment")),
    ("one way of two", _when("false || context.args.n == 50")),
    ("one way of an if", _when("if context.args.flag then false else context.args.n == 1")),
    ("a range of one", _when("context.args.free > 5 && context.args.free < 7")),
    ("the ends of a range", _when("context.args.n >= 50 || context.args.n <= 1")),
    ("two values of two things", _when('context.args.name == "aa" && context.args.note == "bb"')),
    ("a pattern that the value fits", _when('context.args.name == "a*bc" && context.args.name like "*\\**c"')),
    ("two members of a set", _when('context.args.tags.containsAll(["a", "b"]) && !context.args.tags.contains("c")')),
    ("a member of a set with defaults", _when("context.args.ids.isEmpty()")),
    ("an optional argument", _when("context.args has note")),
    ("and its absence", _when("!(context.args has note)")),
    ("sums, of which nothing is known", _when("context.args.n + 1 > 100 && context.args.n + 2 < 0")),
    ("another action of the group", _scoped('in Ops::Action::"read"') + ' when { action == Ops::Action::"probe.sly" }'),
    ("a default that breaks its rule", _scoped('== Ops::Action::"probe.sly"') + " when { context.args.zero == 0 }"),
    ("a value changed after", _scoped('== Ops::Action::"probe.sly"') + " when { context.args.moved < 0 }"),
    ("a default made", _scoped('== Ops::Action::"probe.sly"') + " when { context.args.words.isEmpty() }"),
    ("a validator's value", _scoped('== Ops::Action::"probe.changed"') + " when { context.args.n == 0 }"),
    ("equal times", _when("context.approval.expires <= context.common.now && context has approval")),
    (
        "more alternatives than are looked at",
        _when(" && ".join(f'(context.args.free == {n} || context.args.name == "n{n}")' for n in range(12))),
    ),
]
# Cedar wants to be asked for an optional attribute before it is read.
POSSIBLE = [
    (name, text.replace("&& context.args.note ==", "&& context.args has note && context.args.note =="))
    for name, text in POSSIBLE
    if name != "equal times"
]


@pytest.mark.parametrize("text", [row[1] for row in POSSIBLE], ids=[row[0] for row in POSSIBLE])
def test_a_rule_that_may_match_is_not_named(text: str) -> None:
    assert _found(_rule(text)) == ()


def test_roles_are_not_judged_where_agents_are_not_known() -> None:
    assert _found(_rule(_scoped(principal='principal in Ops::Role::"x"')), Known(TOOLS)) == ()


class TestPermitsThatNeverDecide:
    PERMIT = 'permit (principal in Ops::Role::"triage", action == Ops::Action::"probe.run", resource)'

    def _over(self, permit: str, forbid: str) -> list[str]:
        return [one.why for one in _found(_rule(permit) + _rule(forbid, "no"))]

    @pytest.mark.parametrize(
        ("permit", "forbid"),
        [
            (PERMIT, _scoped()),
            (PERMIT, _scoped('in Ops::Action::"write"', resource='resource in Ops::Env::"prod"')),
            (PERMIT + " when { context.args.flag && context.args.n > 3 }", _when("context.args.flag")),
            (PERMIT + " when { context.args.n > 3 }", _when("context.args.n >= 2")),
            (
                PERMIT + ' when { context.common.stage == "act" }',
                f'{ON_RUN} unless {{ context.common.stage == "observe" }}',
            ),
        ],
    )
    def test_a_forbid_that_always_stands_above_is_named(self, permit: str, forbid: str) -> None:
        assert self._over(permit, forbid) == ["every call it permits is forbidden by no"]

    @pytest.mark.parametrize(
        ("permit", "forbid"),
        [
            (PERMIT, _scoped(principal='principal in Ops::Role::"finops"')),
            (PERMIT, _when("context.args.flag")),
            (PERMIT + " when { context.args.n > 3 }", _when("context.args.n > 4")),
            (PERMIT.replace("action == ", "action in ").replace("probe.run", "read"), _when("context.args.flag")),
            (PERMIT.replace('== Ops::Action::"probe.run"', ""), _scoped('in Ops::Action::"write"')),
        ],
    )
    def test_a_forbid_that_leaves_something_is_not(self, permit: str, forbid: str) -> None:
        assert self._over(permit, forbid) == []

    def test_a_stage_that_never_runs_is_seen_through_the_built_in_rules(self) -> None:
        text = _rule(self.PERMIT + ' when { context.common.stage == "observe" }')
        files = builtin_files()
        known = _with_built_in(files)
        assert [one.why for one in _found(text, known, *files)] == [
            "every call it permits is forbidden by stages.observe"
        ]

    def test_narrowing_the_built_in_rules_is_no_mistake(self) -> None:
        files = builtin_files()
        known = _with_built_in(files)
        assert _found(_rule(_scoped()), known, *files) == ()


def test_the_built_in_rules_are_clean(make_world: Callable[..., World], tmp_path: Path) -> None:
    nothing: Any = SimpleNamespace(registry=SimpleNamespace(tools={}), settings=Settings())
    fresh = declared_tools(nothing, "production")
    own = replace(TOOLS[0], name="own.note", environment=OWN_RECORDS, effect="write")
    for tools in (fresh, [*make_world().tools, own]):
        assert check(tools, (), agents=()).never == ()
    (tmp_path / "own.cedar").write_text(_rule(_scoped(principal='principal in Ops::Role::"nobody"')))
    assert [one.policy_id for one in check(fresh, [tmp_path], agents=()).never] == ["mine"]
    assert check(fresh, [tmp_path], agents=["nobody"]).never == ()
    assert check(fresh, [tmp_path]).never == ()


# The questions that random rules consist of: many of them about few things, so that they contradict each other often.
ATOMS = [
    "true",
    "false",
    "context.args.flag",
    "context.args.flag == false",
    *(f"context.args.n {operator} {n}" for operator in ("==", "!=", "<", "<=", ">", ">=") for n in (1, 2, 50)),
    *(f"{n} {operator} context.args.free" for operator in ("==", "<", ">=") for n in (-1, 0)),
    *(f'context.args.mode {operator} "{mode}"' for operator in ("==", "!=") for mode in ("fast", "slow", "odd")),
    '["fast", "odd"].contains(context.args.mode)',
    *(f'context.args.name like "{pattern}"' for pattern in ("a*", "*c", "ab*bc", "*b*", "abc", "b*", "*")),
    *(f'context.args.name == "{name}"' for name in ("abc", "a", "abbc")),
    "context.args has note",
    'context.args has note && context.args.note == "x"',
    "context.args has other",
    *(f'context.args.tags.contains("{tag}")' for tag in "ab"),
    "context.args.tags.isEmpty()",
    'context.args.tags.containsAny(["a", "b"])',
    'context.args.tags.containsAll(["a", "b"])',
    'context.args.levels.contains("error")',
    'context.args.levels.contains("fatal")',
    *(f'context.common.stage == "{stage}"' for stage in ("act", "observe", "prod")),
    "context.common.calls_used < 0",
    "context.common.calls_used < context.args.free",
    "context.common.calls_used == context.args.free",
    "context.args.free < context.common.calls_used",
    "context has approval",
    'context has approval && context.approval.approver_roles.contains("oncall")',
    'context has approval && context.approval.approver in Ops::Role::"oncall"',
    *(f'principal in Ops::Role::"{role}"' for role in ("triage", "finops")),
    'principal in [Ops::Role::"triage", Ops::Role::"nobody"]',
    'resource in Ops::Env::"prod"',
    'resource in Ops::Env::"staging"',
    "resource is Ops::Target",
    "resource has team && resource.team == principal.team",
    *(
        f'action {place} Ops::Action::"{name}"'
        for place in ("==", "in")
        for name in ("probe.run", "probe.look", "read")
    ),
    'context.common.now < datetime("2026-01-05T12:00:00Z")',
    'context.common.now >= datetime("2026-01-05")',
    'context.args.share.lessThan(decimal("0.5"))',
    'context.args.share.greaterThanOrEqual(decimal("0.5"))',
]
conditions = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) && ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) && ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) || ({two[1]})"),
        inner.map(lambda one: f"!({one})"),
        st.tuples(inner, inner, inner).map(lambda three: "if ({}) then ({}) else ({})".format(*three)),
    ),
    max_leaves=6,
)


@st.composite
def rules(draw: st.DrawFn) -> str:
    effect = draw(st.sampled_from(["permit", "forbid"]))
    principal = draw(st.sampled_from(["principal", 'principal in Ops::Role::"triage"']))
    action = draw(
        st.sampled_from(['in [Ops::Action::"probe.run", Ops::Action::"probe.look"]', '== Ops::Action::"probe.run"'])
    )
    resource = draw(st.sampled_from(["resource", 'resource in Ops::Env::"prod"', "resource is Ops::Target"]))
    kinds = draw(st.lists(st.tuples(st.sampled_from(["when", "unless"]), conditions), max_size=2))
    return f"{effect} ({principal}, action {action}, {resource}) " + " ".join(
        f"{kind} {{ {one} }}" for kind, one in kinds
    )


def _call(chance: Random) -> DecisionInput:
    def pick(*values: Any) -> Any:
        return chance.choice(values)

    args = RunArgs(
        n=pick(1, 2, 3, 50),
        free=pick(-1, 0, 1, 2),
        mode=pick("fast", "slow"),
        name=pick("abc", "abbc", "bc", "zz"),
        note=pick(None, "x", "y"),
        tags=pick((), ("a",), ("b",), ("a", "b")),
        levels=pick((), ("error",)),
        must=("m",),
        share=pick(0.4, 0.5),
        flag=pick(True, False),
        window=Window(hours=1),
    )
    team, moment, used = pick(None, "payments", "search"), NOW - timedelta(seconds=pick(0, 1)), pick(0, 1, 2)
    approval = ApprovalFacts("person:bob", frozenset(pick((), ("oncall",))), "h", NOW)
    return DecisionInput(
        Principal(pick("triage", "finops"), "person:ann", "payments"),
        pick("probe.run", "probe.look"),
        Target("x", "prod", team),
        CommonFacts("h", moment, pick("act", "observe"), "cli", BudgetFacts(*[used] * 12)),
        cedar_args(args_record(RunArgs), field_values(args)),
        pick(None, approval),
    )


CALLS = [_call(Random(seed)) for seed in range(60)]


@settings(
    max_examples=600 if os.environ.get("OPSWARDEN_SOAK") else 60,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.lists(rules(), min_size=6, max_size=6))
def test_no_rule_that_is_named_matches_or_decides_anything(texts: Sequence[str]) -> None:
    text = "".join(_rule(text, f"r{place}") for place, text in enumerate(texts))
    engine = CedarEngine(TOOLS, [PolicyFile("mine.cedar", text)])
    known = Known(TOOLS, frozenset({"triage", "finops"}))
    found = {one.policy_id: one.why for one in never_matching(engine.trees, engine.notes, known)}
    applying = engine.applying(engine.trees)
    for call in CALLS if found else ():
        holding = {engine.notes[place].id for place in applying(call).holding}
        for name in holding & set(found):
            assert found[name].startswith("every call it permits"), texts
            assert not engine.answer(call).is_allowed, texts
