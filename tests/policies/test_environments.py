"""Environments: which there are, that a run stays in its own, and that none uses the credential of another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr
from worlds import ACT, SCOPE, Done, World

from opswarden.core.errors import ConfigError
from opswarden.policies.environments import Environments, EnvironmentSettings, check_credentials, credentials_of
from opswarden.policies.fingerprints import tool_hash
from opswarden.policies.types import CallResult
from opswarden.tools.spec import AnyTool, Output, ToolContext

MakeWorld = Callable[..., World]
DECLARED = Environments(
    {
        "prod": EnvironmentSettings(kind="production", writers=frozenset({"platform"})),
        "stage": EnvironmentSettings(kind="staging"),
    }
)


def roll_back(world: World, **run: Any) -> CallResult:
    return world.open(**run).call("rollouts.rollback", {"service": "checkout"}, call_id="w1")


KINDS: list[tuple[str, Environments, str, str]] = [
    ("a declared one", DECLARED, "prod", "production"),
    ("the demo's, though others are declared", DECLARED, "sandbox", "development"),
    ("that of tools which name none", DECLARED, "default", "development"),
    ("a usual name means nothing where others are declared", DECLARED, "production", "undeclared"),
    ("a usual name where nothing is declared", Environments(), "production", "production"),
    ("any other name", Environments(), "prod-eu", "undeclared"),
]


@pytest.mark.parametrize(("known", "name", "kind"), [row[1:] for row in KINDS], ids=[row[0] for row in KINDS])
def test_an_environment_has_a_kind(known: Environments, name: str, kind: str) -> None:
    assert known.kind_of(name) == kind


RUNS: list[tuple[str, dict[str, Any], str]] = [
    ("in its own", {"environment": "prod"}, "writes.approved"),
    ("of no environment", {}, "writes.approved"),
    ("of another one", {"environment": "stage"}, "environments.foreign"),
]


@pytest.mark.parametrize(("opened", "code"), [row[1:] for row in RUNS], ids=[row[0] for row in RUNS])
def test_a_run_changes_nothing_in_another_environment(make_world: MakeWorld, opened: dict[str, Any], code: str) -> None:
    world = make_world(stages=ACT)
    assert roll_back(world, **opened).code == code
    assert world.effects.of("rollouts.rollback") == []


def test_a_run_reads_in_another_environment(make_world: MakeWorld) -> None:
    gate = make_world(stages=ACT).open(environment="stage")
    assert gate.call("logs.search", {"query": "checkout"}, call_id="c1").status == "ok"


def test_an_argument_names_no_environment(make_world: MakeWorld) -> None:
    world = make_world(stages=ACT)
    gate = world.open(environment="stage")
    result = gate.call("rollouts.rollback", {"service": "stage/checkout"}, call_id="w1")
    assert result.code == "environments.foreign"


@pytest.mark.parametrize(("role", "code"), [("triage", "environments.writers"), ("platform", "writes.approved")])
def test_only_the_writers_of_an_environment_change_something(make_world: MakeWorld, role: str, code: str) -> None:
    assert roll_back(make_world(stages=ACT, environments=DECLARED), role=role).code == code


def test_the_cost_agent_changes_nothing_in_production(make_world: MakeWorld) -> None:
    known = Environments({"prod": EnvironmentSettings(kind="production")})
    assert roll_back(make_world(stages=ACT, environments=known), role="finops").code == "environments.finops"


def test_a_run_is_not_resumed_in_another_environment(make_world: MakeWorld) -> None:
    make_world().open(environment="stage")
    later = make_world()
    with pytest.raises(ConfigError, match="opened for another environment"):
        later.open(environment="prod")
    assert make_world().open(environment="stage").run.environment == "stage"


def test_in_one_process_neither(make_world: MakeWorld) -> None:
    world = make_world()
    gate = world.open(environment="stage")
    with pytest.raises(ConfigError, match="opened for another environment"):
        world.open(environment="prod")
    assert gate.run.environment == "stage"


def test_a_run_of_before_environments_were_kept_goes_on(make_world: MakeWorld) -> None:
    world = make_world()
    world.open()
    with world.database.transaction() as connection:
        connection.execute("UPDATE run SET environment = NULL")
    assert make_world().open(environment="prod").run.environment == "prod"


def test_a_tool_of_an_environment_that_there_is_not_is_refused(world: World) -> None:
    DECLARED.check_tools(world.tools)
    with pytest.raises(ConfigError, match=r"tool 'logs.search': there is no environment 'prod'"):
        Environments({"live": EnvironmentSettings(kind="production")}).check_tools(world.tools)
    Environments().check_tools(world.tools)


# Credentials


def tools_with(world: World, *facts: tuple[str, str | None]) -> list[AnyTool]:
    return [
        replace(world.tools[0], name=f"logs.n{place}", environment=environment, credential_env=variable)
        for place, (environment, variable) in enumerate(facts)
    ]


SHARED: list[tuple[str, tuple[tuple[str, str | None], ...], bool]] = [
    ("one variable in two environments", (("prod", "A"), ("stage", "A")), True),
    ("two variables that hold the same", (("prod", "A"), ("stage", "SAME_AS_A")), True),
    ("two variables", (("prod", "A"), ("stage", "B")), False),
    ("one variable in one environment", (("prod", "A"), ("prod", "A")), False),
    ("two variables that are not set", (("prod", "UNSET"), ("stage", "UNSET_TOO")), False),
    ("one variable that is not set", (("prod", "UNSET"), ("stage", "UNSET")), True),
    ("no credential at all", (("prod", None), ("stage", None)), False),
]
VARIABLES = {"A": "key-of-prod", "SAME_AS_A": "key-of-prod", "B": "key-of-stage"}


@pytest.mark.parametrize(("facts", "is_shared"), [row[1:] for row in SHARED], ids=[row[0] for row in SHARED])
def test_two_environments_share_no_credential(
    world: World, facts: tuple[tuple[str, str | None], ...], is_shared: bool
) -> None:
    tools = tools_with(world, *facts)
    if not is_shared:
        check_credentials(tools, VARIABLES)
        return
    with pytest.raises(ConfigError, match="use one credential") as refused:
        check_credentials(tools, VARIABLES)
    assert "key-of-prod" not in str(refused.value)


def test_a_tool_is_lent_its_own_credential_and_no_other(make_world: MakeWorld, world: World) -> None:
    lent: list[SecretStr | None] = []

    def run(_args: Any, context: ToolContext) -> Output[Done]:
        lent.append(context.credential)
        return Output("no_data", scope=SCOPE)

    tools = [replace(tool, run=run) for tool in tools_with(world, ("prod", "A"), ("prod", "UNSET"), ("prod", None))]
    gate = make_world(tools=tools, credentials=credentials_of(tools, VARIABLES)).open()
    for place in range(3):
        assert gate.call(f"logs.n{place}", {"query": "x"}, call_id=f"c{place}").status == "no_data"
    assert [held and held.get_secret_value() for held in lent] == ["key-of-prod", None, None]


def test_leave_for_another_credential_is_void(world: World) -> None:
    one, other = tools_with(world, ("prod", "A"), ("prod", "B"))
    assert tool_hash(one) != tool_hash(replace(other, name=one.name))


def test_a_run_is_opened_for_no_environment_that_there_is_not(make_world: MakeWorld) -> None:
    with pytest.raises(ConfigError, match="run 'run_1': there is no environment 'satge'"):
        make_world(environments=DECLARED).open(environment="satge")
