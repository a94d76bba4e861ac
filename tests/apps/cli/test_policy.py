"""`opswarden policy check|explain`: what the policies would say, without running or recording anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from opswarden.tests.apps.conftest import Cli

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
