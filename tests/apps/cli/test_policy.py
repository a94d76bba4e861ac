"""`opswarden policy check|test|explain`: what the policies would say, without running or recording anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from opswarden.tests.apps.conftest import Cli, Triaged

PACKAGES = Path(__file__).parents[1] / "packages"


@pytest.fixture
def with_levers(write_settings: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """An installation whose packages add `levers.pull`, which writes."""
    monkeypatch.syspath_prepend(str(PACKAGES))

    def write(stage: str) -> None:
        write_settings(
            'version = 1\npackages = ["levers:register"]\n'
            f'[gate.stages.platform.production]\n"levers.pull" = "{stage}"\n'
        )

    return write


BROKEN = {
    "no id": ('@reason("r")\nforbid (principal, action, resource);', "id"),
    "no reason": ('@id("mine.x")\nforbid (principal, action, resource);', "reason"),
    "an id that exists": (
        '@id("reads.triage") @reason("r")\nforbid (principal, action, resource);',
        "reads.triage",
    ),
    "a tool that does not exist": (
        '@id("mine.x") @reason("r")\nforbid (principal, action == Ops::Action::"logs.serch", resource);',
        "logs.serch",
    ),
    "no Cedar": ("forbid everything;", "mine.cedar"),
}


class TestCheck:
    def test_every_policy_has_an_id_and_a_reason(self, cli: Cli) -> None:
        said = cli("policy", "check", "--format", "json")
        assert said.code == 0
        policies = said.json["policies"]
        assert len({policy["id"] for policy in policies}) == len(policies) > 10
        assert all(policy["reason"] and policy["effect"] in ("permit", "forbid") for policy in policies)
        assert said.json["tools"] >= 14
        assert said.json["policy_hash"]

    def test_the_list_is_for_people_too(self, cli: Cli) -> None:
        said = cli("policy", "check")
        assert said.code == 0
        assert "killswitch.writes" in said.out
        assert "lifted by oncall" in said.out

    @pytest.mark.parametrize("what", BROKEN)
    def test_a_broken_policy_is_named(
        self, cli: Cli, home: Path, write_settings: Callable[[str], Path], what: str
    ) -> None:
        text, hint = BROKEN[what]
        (home / "rules").mkdir()
        (home / "rules" / "mine.cedar").write_text(text)
        write_settings('version = 1\n[gate]\npolicy_folders = ["rules"]\n')
        said = cli("policy", "check")
        assert (said.code, said.out) == (2, "")
        assert hint in said.err
        assert "internal error" not in said.err
        assert len(said.err.splitlines()) == 2

    def test_a_rule_that_never_matches_is_named(
        self, cli: Cli, home: Path, with_levers: Callable[[str], None], write_settings: Callable[[str], Path]
    ) -> None:
        with_levers("observe")
        (home / "rules").mkdir()
        rule = '@id("mine.x") @reason("r")\nforbid (principal, action == Ops::Action::"levers.pull", {});'
        mine = home / "rules" / "mine.cedar"
        mine.write_text(rule.format('resource in Ops::Env::"produktion"'))
        write_settings('version = 1\npackages = ["levers:register"]\n[gate]\npolicy_folders = ["rules"]\n')
        why = "none of its tools acts in the environment produktion; there is production"
        said = cli("policy", "check")
        assert said.code == 1
        assert said.out.splitlines()[-1] == f"never matches: mine.x (mine.cedar): {why}"
        said = cli("policy", "check", "--format", "json")
        assert (said.code, said.json["never"]) == (1, [{"id": "mine.x", "file": "mine.cedar", "why": why}])
        mine.write_text(rule.format('resource in Ops::Env::"production"'))
        said = cli("policy", "check", "--format", "json")
        assert (said.code, said.json["never"]) == (0, [])


class TestExplain:
    def test_a_read_is_allowed(self, cli: Cli) -> None:
        said = cli("policy", "explain", "logs.search", "--format", "json")
        assert (said.code, said.json["decision"], said.json["code"]) == (0, "allow", "reads.triage")
        assert cli("policy", "explain", "logs.search").code == 0

    def test_an_unknown_role_is_denied_by_silence(self, cli: Cli) -> None:
        said = cli("policy", "explain", "logs.search", "--role", "gardener", "--format", "json")
        assert (said.code, said.json["decision"], said.json["code"]) == (4, "deny", "default-deny")
        assert said.json["to_change"]

    def test_a_write_is_recorded_only_until_its_stage_is_raised(
        self, cli: Cli, with_levers: Callable[[str], None]
    ) -> None:
        with_levers("observe")
        said = cli("policy", "explain", "levers.pull", "--format", "json")
        assert (said.code, said.json["decision"], said.json["code"]) == (4, "deny", "stages.observe")
        with_levers("act")
        said = cli("policy", "explain", "levers.pull", "--args", '{"lever": "left"}', "--format", "json")
        assert (said.code, said.json["decision"]) == (5, "ask")
        assert "oncall" in cli("policy", "explain", "levers.pull").out

    def test_nothing_is_recorded(self, cli: Cli) -> None:
        cli("policy", "explain", "logs.search")
        cli("policy", "check")
        assert cli("audit", "tail", "--format", "json").json == []

    def test_the_kill_switch_is_seen(self, cli: Cli, with_levers: Callable[[str], None]) -> None:
        with_levers("act")
        assert cli("approvals", "stop-writes", "--reason", "a drill").code == 0
        said = cli("policy", "explain", "levers.pull", "--format", "json")
        assert (said.code, said.json["code"]) == (4, "killswitch.writes")
        assert cli("policy", "explain", "logs.search").code == 0
        assert cli("approvals", "allow-writes", "--reason", "it is over").code == 0
        assert cli("policy", "explain", "levers.pull").code == 5
        kinds = [entry["kind"] for entry in cli("audit", "tail", "--format", "json").json]
        assert kinds == ["switch.set", "switch.set"]


FREEZE = """@id("mine.freeze") @reason("nothing is pulled while the levers are frozen") @remedy("wait")
forbid (principal, action == Ops::Action::"levers.pull", resource)
when { context.common.trigger == "schedule" };
"""
FREEZE_CASES = """version: 1
cases:
  - {name: a schedule does not pull, tool: levers.pull, trigger: schedule, expect: deny mine.freeze}
  - {name: a person may ask, tool: levers.pull, expect: ask writes.approved}
"""


class TestTest:
    @pytest.fixture
    def folder(self, tmp_path: Path, write_settings: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.syspath_prepend(str(PACKAGES))
        folder = tmp_path / "rules"
        folder.mkdir()
        (folder / "mine.cedar").write_text(FREEZE)
        (folder / "mine.cases.yaml").write_text(FREEZE_CASES)
        write_settings(f'version = 1\npackages = ["levers:register"]\n[gate]\npolicy_folders = ["{folder}"]\n')
        return folder

    def test_the_built_in_policies_test_every_condition(self, cli: Cli) -> None:
        said = cli("policy", "test", "--require-coverage")
        assert said.code == 0, said.out
        assert "cases as expected" in said.out
        assert "FAILED" not in said.out
        assert "untested" not in said.out

    def test_cases_beside_ones_own_policies_are_tried(self, cli: Cli, folder: Path) -> None:
        said = cli("policy", "test", "--require-coverage", "--format", "json")
        assert said.code == 0, said.out
        mine = [policy for policy in said.json["policies"] if policy["id"] == "mine.freeze"]
        assert [policy["applies_in"] for policy in mine] == [1]
        assert {case["name"] for case in said.json["cases"]} >= {"a schedule does not pull", "a person may ask"}

    def test_a_case_that_comes_out_otherwise_fails(self, cli: Cli, folder: Path) -> None:
        (folder / "mine.cases.yaml").write_text(FREEZE_CASES.replace("ask writes.approved", "allow"))
        said = cli("policy", "test")
        assert said.code == 1
        assert "FAILED mine.cases.yaml: a person may ask" in said.out
        assert "expected allow, found ask writes.approved" in said.out

    def test_a_condition_that_no_case_tests_is_named(self, cli: Cli, folder: Path) -> None:
        only = FREEZE_CASES.splitlines(keepends=True)[:-1]
        (folder / "mine.cases.yaml").write_text("".join(only))
        assert cli("policy", "test").code == 0
        said = cli("policy", "test", "--coverage", "--require-coverage")
        assert said.code == 1
        assert 'no case tells when `context.common.trigger == "schedule"` is taken for yes' in said.out

    @pytest.mark.soak
    def test_a_policy_that_applies_nowhere_is_named(self, cli: Cli, folder: Path) -> None:
        (folder / "mine.cases.yaml").unlink()
        said = cli("policy", "test", "--require-coverage")
        assert said.code == 1
        assert "untested mine.freeze (mine.cedar): it applies in no case" in said.out

    @pytest.mark.soak
    def test_files_can_be_named(self, cli: Cli, folder: Path, tmp_path: Path) -> None:
        other = tmp_path / "other.cases.yaml"
        other.write_text("version: 1\ncases:\n  - {name: x, tool: levers.pull, expect: deny}\n")
        said = cli("policy", "test", str(other))
        assert said.code == 1
        assert "FAILED other.cases.yaml: x" in said.out

    @pytest.mark.soak
    def test_a_mistake_in_a_case_is_told_in_two_lines(self, cli: Cli, folder: Path) -> None:
        (folder / "mine.cases.yaml").write_text("version: 1\ncases:\n  - {name: x, tool: levers.pul, expect: deny}\n")
        said = cli("policy", "test")
        assert said.code == 2
        assert "mine.cases.yaml, case 'x': there is no tool 'levers.pul'" in said.err


class TestReDecide:
    @pytest.fixture
    def decided(self, triaged: Triaged, tmp_path: Path, write_settings: Callable[[str], Path]) -> Path:
        """An installation with one incident triaged, and a folder with a policy that nobody has switched on."""
        write_settings("version = 1\n")
        folder = tmp_path / "changed"
        folder.mkdir()
        (folder / "mine.cedar").write_text(
            '@id("mine.quiet") @reason("no runbooks at night")\n'
            'forbid (principal, action == Ops::Action::"runbooks.search", resource);\n'
        )
        return folder

    def test_the_policies_in_force_decide_as_before(self, cli: Cli, decided: Path) -> None:
        said = cli("policy", "re-decide", "--require-same", "--format", "json")
        assert said.code == 0, said.out
        assert said.json["changed"] == []
        assert said.json["decisions"] > 5
        assert {row["now"] for row in said.json["counts"]} == {"allow"}

    def test_changed_ones_show_what_would_be_denied(self, cli: Cli, decided: Path) -> None:
        said = cli("policy", "re-decide", "--policies", str(decided))
        assert said.code == 0
        assert "runbooks.search: allow reads.triage -> deny mine.quiet" in said.out
        assert "1 of them would be others now" in said.out
        assert cli("policy", "re-decide", "--policies", str(decided), "--require-same").code == 1

    def test_a_moment_and_a_run_narrow_it(self, cli: Cli, decided: Path) -> None:
        assert "holds no such decision" in cli("policy", "re-decide", "--since", "2999-01-01T00:00:00Z").out
        assert "holds no such decision" in cli("policy", "re-decide", "--run", "run_none").out
        said = cli("policy", "re-decide", "--since", "noon")
        assert (said.code, "--since is no moment" in said.err) == (2, True)

    def test_nothing_is_recorded(self, cli: Cli, decided: Path) -> None:
        before = cli("audit", "verify", "--format", "json").json["entries"]
        cli("policy", "re-decide", "--policies", str(decided))
        assert cli("audit", "verify", "--format", "json").json["entries"] == before


class TestFreeze:
    def test_explain_sees_a_freeze_of_the_configuration(
        self, cli: Cli, write_settings: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.syspath_prepend(str(PACKAGES))
        always = "start = 2000-01-01T00:00:00Z\nend = 2999-01-01T00:00:00Z\n"
        write_settings(
            'version = 1\npackages = ["levers:register"]\n'
            '[gate.stages.platform.production]\n"levers.pull" = "act"\n'
            f'[[gate.freezes]]\nname = "always"\n{always}'
        )
        said = cli("policy", "explain", "levers.pull", "--format", "json")
        assert said.code == 5
        assert said.json["code"] == "freezes.writes"
        assert "change-manager and oncall" in said.json["to_change"][0]

    def test_a_mistake_in_a_freeze_names_its_place(self, cli: Cli, write_settings: Callable[[str], Path]) -> None:
        write_settings('version = 1\n[[gate.freezes]]\nname = "x"\nweekly = { start = "friday", end = "mon 08:00" }\n')
        said = cli("policy", "check")
        assert said.code == 2
        assert "gate.freezes" in said.err
