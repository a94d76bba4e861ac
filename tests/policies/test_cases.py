"""Cases in YAML: what they may say, what they mean, and how mistakes in them are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from worlds import World

from opswarden.core.errors import InputError
from opswarden.policies.cases import CaseFile, PolicyCase, case_files, read_cases
from opswarden.policies.data_facts import DataLabel
from opswarden.policies.engine import CedarEngine
from opswarden.policies.facts import Target
from opswarden.policies.rehearsal import coverage, fits, rehearse
from opswarden.policies.types import Audience, Endpoint

Read = Callable[[str], tuple[PolicyCase, ...]]


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()


@pytest.fixture
def read(world: World) -> Read:
    engine = CedarEngine.load(world.tools)

    def parse(cases: str, given: str = "{}") -> tuple[PolicyCase, ...]:
        text = f"version: 1\ngiven: {given}\ncases:\n{cases}"
        return read_cases(CaseFile("x.cases.yaml", text), engine, world.tools)

    return parse


def test_a_tool_is_asked_with_its_own_arguments_and_target(read: Read) -> None:
    (case,) = read("- {name: a, tool: rollouts.rollback, args: {service: checkout}, owner: search, expect: ask}")
    assert case.asked.action == "rollouts.rollback"
    assert case.asked.resource == Target("checkout", "prod", "search")
    assert case.asked.args["service"] == "checkout"
    assert (case.asked.common.stage, case.asked.common.run_tainted, case.asked.approval) == ("act", False, None)


def test_what_is_given_for_the_file_holds_unless_a_case_says_otherwise(read: Read) -> None:
    first, second = read(
        "- {name: a, tool: canary.read, expect: allow}\n- {name: b, tool: canary.read, stage: act, expect: allow}",
        "{stage: observe, role: finops, environment: staging, now: 2026-03-01T10:00:00Z}",
    )
    assert (first.asked.common.stage, second.asked.common.stage) == ("observe", "act")
    assert {first.asked.principal.role, second.asked.principal.role} == {"finops"}
    assert first.asked.common.now.isoformat() == "2026-03-01T10:00:00+00:00"
    assert first.asked.resource == Target("anything", "staging")


def test_an_approval_is_of_this_call_or_of_another(read: Read) -> None:
    this, other = read(
        "- {name: a, tool: canary.write, approval: {roles: [lead], expires_in_s: 60}, expect: deny}\n"
        "- {name: b, tool: canary.write, approval: {of: another, by: person:kim}, expect: deny}"
    )
    assert this.asked.approval is not None
    assert other.asked.approval is not None
    assert this.asked.approval.call_hmac == this.asked.common.call_hmac != other.asked.approval.call_hmac
    assert this.asked.approval.expires - this.asked.common.now == timedelta(minutes=1)
    assert (this.asked.approval.approver_roles, other.asked.approval.approver) == ({"lead"}, "person:kim")


def test_models_and_people_are_asked_about_too(read: Read) -> None:
    model, people = read(
        "- {name: a, tool: model.prompt, endpoint: {region: eu}, data_labels: [BR/card], used: {tokens: 5},"
        " expect: allow}\n"
        "- {name: b, tool: people.tell, audience: {team: search}, expect: deny tell.foreign}"
    )
    assert model.asked.resource == Endpoint("own", "m", region="eu")
    assert model.asked.common.data.data_labels == {DataLabel("BR", "card")}
    assert model.asked.common.budget.tokens_used == 5
    assert people.asked.resource == Audience("chat", "oncall", "search")


MISTAKES = {
    "no YAML": ("cases: [", "x.cases.yaml, line"),
    "an unknown word": ("- {name: a, tool: canary.read, expects: allow}", "case 'a': expect"),
    "a decision nobody makes": ("- {name: a, tool: canary.read, expect: maybe}", "case 'a': expect"),
    "a tool that is not there": ("- {name: a, tool: logs.serch, expect: allow}", "case 'a': there is no tool"),
    "arguments that do not fit": (
        "- {name: a, tool: rollouts.rollback, args: {service: 7}, expect: allow}",
        "case 'a': ",
    ),
    "a text for a yes": ("- {name: a, tool: canary.read, run_tainted: 'yes', expect: allow}", "case 'a': run_tainted"),
    "two of one name": (
        "- {name: a, tool: canary.read, expect: allow}\n- {name: a, tool: canary.read, expect: allow}",
        "two cases have one name",
    ),
    "no case at all": ("", "x.cases.yaml"),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_names_the_case(read: Read, what: str) -> None:
    text, expected = MISTAKES[what]
    with pytest.raises(InputError, match=expected.replace("(", r"\(")) as caught:
        read(text)
    assert caught.value.remedy


def test_yaml_makes_no_objects(read: Read) -> None:
    with pytest.raises(InputError, match="no valid YAML"):
        read("- !!python/object/apply:os.system ['true']")


def test_a_file_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.cases.yaml"
    path.write_text("#" * (1 << 20) + "\n")
    with pytest.raises(InputError, match="over a megabyte"):
        case_files([path])


def test_files_of_a_folder_come_in_name_order_and_only_cases(tmp_path: Path) -> None:
    for name in ("b.cases.yaml", "a.cases.yaml", "c.cedar", "d.yaml"):
        (tmp_path / name).write_text("x")
    assert [file.name for file in case_files([tmp_path])] == ["a.cases.yaml", "b.cases.yaml"]


def test_an_expectation_without_a_code_fits_any() -> None:
    assert fits("deny taint.args", "deny")
    assert fits("deny taint.args", "deny taint.args")
    assert not fits("deny taint.args", "deny taint.run")
    assert not fits("ask taint.args", "deny")


class TestCoverage:
    """A policy with three conditions, and cases that are taken away one by one."""

    POLICY = """
        @id("mine.freeze") @reason("no rollbacks of checkout while it is frozen")
        forbid (principal, action == Ops::Action::"rollouts.rollback", resource)
        when { context.args.service == "checkout" && context.common.trigger == "cli" }
        unless { context has approval && context.approval.approver_roles.contains("lead") };
    """
    CASES = (
        ("frozen", "args: {service: checkout}, expect: deny mine.freeze"),
        ("another service", "args: {service: search}, expect: ask writes.approved"),
        ("another trigger", "args: {service: checkout}, trigger: slack, expect: ask writes.approved"),
        ("a lead", "args: {service: checkout}, approval: {roles: [lead, oncall]}, expect: allow writes.approved"),
        ("no lead", "args: {service: checkout}, approval: {}, expect: deny mine.freeze"),
    )

    def _missing(self, world: World, tmp_path: Path, names: set[str]) -> set[tuple[str, bool]]:
        (tmp_path / "mine.cedar").write_text(self.POLICY)
        engine = CedarEngine.load(world.tools, [tmp_path])
        rows = [f"- {{name: {name}, tool: rollouts.rollback, {row}}}" for name, row in self.CASES if name in names]
        cases = read_cases(CaseFile("x", "version: 1\ncases:\n" + "\n".join(rows)), engine, world.tools)
        assert [(outcome.case.name, outcome.said) for outcome in rehearse(engine, cases) if not outcome.is_right] == []
        (policy,) = coverage(engine, cases, {"mine.freeze"})
        return {(answer.question, answer.answer) for answer in policy.answers if not answer.decisive_for}

    def test_all_of_them_test_everything(self, world: World, tmp_path: Path) -> None:
        assert self._missing(world, tmp_path, {name for name, _ in self.CASES}) == set()

    @pytest.mark.parametrize(
        ("without", "question", "answer"),
        [
            ("another service", 'context.args.service == "checkout"', True),
            ("another trigger", 'context.common.trigger == "cli"', True),
            ("a lead", 'context.approval.approver_roles.contains("lead")', False),
        ],
    )
    def test_a_case_less_leaves_its_condition_untested(
        self, world: World, tmp_path: Path, without: str, question: str, answer: bool
    ) -> None:
        names = {name for name, _ in self.CASES} - {without}
        assert (question, answer) in self._missing(world, tmp_path, names)

    def test_no_case_tests_nothing(self, world: World, tmp_path: Path) -> None:
        (tmp_path / "mine.cedar").write_text(self.POLICY)
        engine = CedarEngine.load(world.tools, [tmp_path])
        (policy,) = coverage(engine, [], {"mine.freeze"})
        assert (policy.applies_in, policy.is_whole, len(policy.answers)) == (0, False, 8)
        assert not any(answer.exercised_by for answer in policy.answers)
