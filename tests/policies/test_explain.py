from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from worlds import World

from opswarden.core.errors import ConfigError, InputError
from opswarden.policies.engine import CedarEngine
from opswarden.policies.explain import Circumstances, Explanation, check, explain
from opswarden.policies.types import Allow, Ask, Deny, Principal

ANN = Circumstances(Principal("triage", "person:ann", "payments"), "act")


@pytest.fixture
def why(make_world: Callable[..., World]) -> Callable[..., Explanation]:
    world = make_world()
    tools = {tool.name: tool for tool in world.tools}
    engine = CedarEngine.load(world.tools)

    def ask(name: str, args: dict[str, Any] | None = None, **changed: Any) -> Explanation:
        return explain(engine, tools[name], args, replace(ANN, **changed), world.clock)

    return ask


def test_what_is_allowed_needs_no_change(why: Callable[..., Explanation]) -> None:
    found = why("logs.search", {"query": "x"})
    assert isinstance(found.decision, Allow)
    assert [note.id for note in found.deciding] == ["reads.triage"]
    assert (found.environment, found.resource, found.to_change) == ("prod", "logs", ())


def test_what_a_person_can_lift_names_the_person(why: Callable[..., Explanation]) -> None:
    found = why("rollouts.rollback", {"service": "checkout"}, untrusted_args=frozenset({"service"}))
    assert isinstance(found.decision, Ask)
    assert found.resource == "checkout"
    assert found.to_change == ("a person with the role oncall approves exactly this call",)
    assert [note.id for note in found.deciding] == ["taint.args"]


def test_a_stage_says_what_to_do(why: Callable[..., Explanation]) -> None:
    found = why("rollouts.rollback", stage="observe")
    assert isinstance(found.decision, Deny)
    assert found.to_change[0].startswith("stages.observe: propose the step to people")
    assert [note.id for note in found.near] == ["asked.writes", "writes.approved"]


def test_a_role_that_nobody_thought_of_has_no_way(why: Callable[..., Explanation]) -> None:
    found = why("logs.search", principal=Principal("guest", "person:ann", "payments"))
    assert found.decision.code == "default-deny"
    assert found.to_change == ("no policy permits this role such a call; an operator would have to write one",)


def test_every_forbid_that_stands_in_the_way_is_named(why: Callable[..., Explanation]) -> None:
    found = why("rollouts.rollback", writes_stopped=True, calls_used=1000, owner="search")
    assert [line.partition(":")[0] for line in found.to_change if ":" in line] == [
        "budget.calls",
        "killswitch.writes",
        "teams.foreign",
    ]


def test_arguments_that_do_not_fit_are_an_input_error(why: Callable[..., Explanation]) -> None:
    with pytest.raises(InputError, match="query: Input should be a valid string") as caught:
        why("logs.search", {"query": 3, "hunter2": 1})
    assert "hunter2" not in caught.value.message


def test_nothing_is_run_or_recorded(make_world: Callable[..., World]) -> None:
    world = make_world()
    explain(CedarEngine.load(world.tools), world.tools[0], {"query": "x"}, ANN, world.clock)
    assert (world.effects.all(), world.records()) == ([], [])


def test_check_reports_what_is_in_force(make_world: Callable[..., World], tmp_path: Path) -> None:
    tools = make_world().tools
    (tmp_path / "own.cedar").write_text('@id("own") @reason("r") forbid (principal, action, resource);')
    report = check(tools, [tmp_path])
    assert report.policies[-1].id == "own"
    assert report.tools == len(tools)
    assert 'action "logs.search"' in report.schema
    assert report.policy_hash != check(tools).policy_hash
    (tmp_path / "own.cedar").write_text("forbid (principal, action, resource);")
    with pytest.raises(ConfigError, match="no usable @id"):
        check(tools, [tmp_path])
