"""`opswarden config` and the settings that every command reads."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from opswarden.tests.apps.conftest import Cli

Write = Callable[[str], Path]
_MAIN = "from opswarden.apps.cli.main import main\nmain()"


class TestShow:
    def test_the_defaults_are_safe(self, cli: Cli) -> None:
        said = cli("config", "--format", "json")
        assert said.code == 0
        found = said.json
        assert found["gate"]["stages"] == {}
        assert found["packages"] == []
        assert found["models"] == {"endpoints": [], "prompts": None}
        assert found["telemetry"] == {"otlp_endpoint": None, "content": False, "log_format": "text"}
        assert found["people"] == {}

    def test_the_file_is_named_and_its_values_are_in_force(self, cli: Cli, write_settings: Write) -> None:
        path = write_settings('version = 1\nteam = "fraud"\n[gate.limits]\ncalls = 7\n')
        said = cli("config")
        assert said.code == 0
        assert str(path) in said.out
        assert 'team = "fraud"' in said.out
        assert "gate.limits.calls = 7" in said.out

    def test_the_environment_wins_over_the_file(
        self, cli: Cli, write_settings: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_settings('version = 1\nteam = "fraud"\n')
        monkeypatch.setenv("OPSWARDEN_TEAM", "risk")
        monkeypatch.setenv("OPSWARDEN_GATE__LIMITS__CALLS", "9")
        found = cli("config", "--format", "json").json
        assert (found["team"], found["gate"]["limits"]["calls"]) == ("risk", 9)

    def test_a_file_elsewhere_can_be_named(self, cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (home / "other.toml").write_text('version = 1\nteam = "other"\n')
        monkeypatch.setenv("OPSWARDEN_CONFIG", "other.toml")
        assert cli("config", "--format", "json").json["team"] == "other"
        monkeypatch.setenv("OPSWARDEN_CONFIG", "gone.toml")
        said = cli("config")
        assert said.code == 2
        assert "gone.toml" in said.err

    def test_the_name_of_a_key_is_shown_and_the_key_is_not(
        self, cli: Cli, write_settings: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOUSE_KEY", "sk-very-secret-4711")
        write_settings(
            'version = 1\n[[models.endpoints]]\nname = "house"\nmodel = "openai/house"\napi_key_env = "HOUSE_KEY"\n'
        )
        said = cli("config")
        assert "HOUSE_KEY" in said.out
        assert "4711" not in said.out


WRONG = {
    "a mistyped key": ("version = 1\ntema = 'x'\n", "unknown setting 'tema'", "did you mean 'team'?"),
    "a mistyped key below": (
        "version = 1\n[gate]\nstage = {}\n",
        "unknown setting 'gate.stage'",
        "did you mean 'stages'?",
    ),
    "a key like no other": ("version = 1\nqqqqqq = 1\n", "unknown setting 'qqqqqq'", "valid keys here: "),
    "a key in a list": (
        'version = 1\n[[models.endpoints]]\nname = "a"\nmodel = "openai/a"\nbase_ur = "x"\n',
        "base_ur",
        "did you mean 'base_url'?",
    ),
    "a value out of range": ("version = 1\n[gate]\napproval_ttl_s = 1\n", "gate.approval_ttl_s", "opswarden config"),
    "an unknown stage": (
        'version = 1\n[gate.stages.platform.production]\n"logs.search" = "acting"\n',
        "observe",
        "opswarden config",
    ),
    "a later version": ("version = 9\n", "version", "opswarden config"),
    "no TOML": ("version = \n", "no valid TOML", "mend the line"),
    "two endpoints of one name": (
        "version = 1\n" + '[[models.endpoints]]\nname = "a"\nmodel = "openai/a"\n' * 2,
        "used twice",
        "opswarden config",
    ),
    "a package of a wrong form": ('version = 1\npackages = ["levers"]\n', "'levers'", "packages"),
    "a package that is not there": ('version = 1\npackages = ["leverz:register"]\n', "'leverz:register'", "install it"),
    "a package that breaks": ('version = 1\npackages = ["breaks:register"]\n', "'breaks:register'", "mend the package"),
    "a package that repeats a name": (
        'version = 1\npackages = ["breaks:twice"]\n',
        "'levers.look' is added twice",
        "unique",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_mistake_is_named_with_its_remedy(
    cli: Cli, write_settings: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: str
) -> None:
    text, hint, remedy = WRONG[what]
    write_settings(text)
    (tmp_path / "breaks.py").write_text(
        "def register(registry):\n    raise RuntimeError('card 4111')\n"
        "def twice(registry):\n    import levers\n    levers.register(registry)\n    levers.register(registry)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "packages"))
    said = cli("policy", "explain", "logs.search")
    assert (said.code, said.out) == (2, "")
    shown, fix = said.err.splitlines()
    assert "4111" not in said.err
    if what == "a package that repeats a name":
        assert "added twice" in shown
    else:
        assert hint in shown
    assert remedy in fix


@pytest.mark.parametrize(("name", "near"), [("OPSWARDEN_TEEM", "OPSWARDEN_TEAM"), ("OPSWARDEN_ZZZZZZ", "unset it")])
def test_a_mistyped_variable_is_an_error_too(cli: Cli, monkeypatch: pytest.MonkeyPatch, name: str, near: str) -> None:
    monkeypatch.setenv(name, "x")
    said = cli("config")
    assert (said.code, said.out) == (2, "")
    assert name in said.err
    assert near in said.err


class TestState:
    def test_the_directory_is_the_owners_alone(self, cli: Cli, home: Path) -> None:
        assert cli("audit", "tail").code == 0
        assert (home / "state").stat().st_mode & 0o777 == 0o700
        assert (home / "state" / "keys.json").stat().st_mode & 0o777 == 0o600

    def test_one_that_is_open_to_others_is_refused(self, cli: Cli, home: Path) -> None:
        (home / "state").mkdir(mode=0o755)
        (home / "state").chmod(0o755)
        said = cli("audit", "tail")
        assert (said.code, said.out) == (2, "")
        assert "chmod 700" in said.err

    def test_a_file_in_its_place_is_refused(self, cli: Cli, home: Path) -> None:
        (home / "state").write_text("")
        said = cli("audit", "tail")
        assert (said.code, said.out) == (2, "")
        assert "state_dir" in said.err

    def test_a_database_that_is_none_is_no_traceback(self, cli: Cli, home: Path) -> None:
        assert cli("audit", "tail").code == 0
        for path in (home / "state").glob("opswarden.sqlite*"):
            path.unlink()
        (home / "state" / "opswarden.sqlite").write_bytes(b"this is no database" * 100)
        said = cli("audit", "tail")
        assert said.code in (2, 3)
        assert said.out == ""
        assert "internal error" not in said.err


class TestBackup:
    def test_the_copy_is_private_and_opens_the_same_ledger(self, cli: Cli, home: Path) -> None:
        assert cli("approvals", "stop-writes", "--reason", "a drill").code == 0
        said = cli("config", "backup-keys", "copy.json")
        assert said.code == 0
        assert (home / "copy.json").stat().st_mode & 0o777 == 0o600
        (home / "state" / "keys.json").unlink()
        assert cli("audit", "verify").code != 0
        (home / "state" / "keys.json").unlink(missing_ok=True)
        os.link(home / "copy.json", home / "state" / "keys.json")
        assert cli("audit", "verify", "--format", "json").json["ok"] is True

    def test_nothing_is_overwritten(self, cli: Cli, home: Path) -> None:
        (home / "copy.json").write_text("mine")
        said = cli("config", "backup-keys", "copy.json")
        assert (said.code, (home / "copy.json").read_text()) == (2, "mine")
        assert "exists already" in said.err

    def test_a_folder_that_is_not_there_is_named(self, cli: Cli) -> None:
        said = cli("config", "backup-keys", "gone/copy.json")
        assert (said.code, said.out) == (3, "")
        assert "gone/copy.json cannot be written" in said.err


class TestRedact:
    TEXT = "Mail bo@example.org or pay with 4111 1111 1111 1111, key AKIAIOSFODNN7EXAMPLE."

    def test_text_from_stdin(self, cli: Cli) -> None:
        said = cli("redact", stdin=self.TEXT.encode())
        assert said.code == 0
        for value in ("bo@example.org", "4111", "AKIAIOSFODNN7EXAMPLE"):
            assert value not in said.out
        assert said.out.startswith("Mail <EMAIL_ADDRESS")
        assert said.err == ""

    def test_json_from_a_file_has_offsets_in_code_points(self, cli: Cli, home: Path) -> None:
        text = f"\N{ROCKET}é {self.TEXT}"
        (home / "text").write_text(text, encoding="utf-8")
        said = cli("redact", "text", "--format", "json")
        assert said.code == 0
        assert set(said.json) == {"text", "spans"}
        found = {span["entity_type"]: text[span["start"] : span["end"]] for span in said.json["spans"]}
        assert found["EMAIL_ADDRESS"] == "bo@example.org"
        assert found["CREDIT_CARD"] == "4111 1111 1111 1111"
        assert all(set(span) == {"start", "end", "entity_type", "score"} for span in said.json["spans"])
        assert "bo@example.org" not in said.out

    def test_explain_names_kinds_and_places_and_no_value(self, cli: Cli) -> None:
        said = cli("redact", "--explain", stdin=self.TEXT.encode())
        assert "5-19 EMAIL_ADDRESS" in said.err
        assert "bo@" not in said.err
        assert "4111" not in said.err

    def test_nothing_in_nothing_out(self, cli: Cli) -> None:
        assert (cli("redact", stdin=b"").code, cli("redact", stdin=b"").out) == (0, "")
        assert cli("redact", "--format", "json", stdin=b"").json == {"text": "", "spans": []}

    def test_what_is_no_text_is_refused(self, cli: Cli) -> None:
        said = cli("redact", stdin=b"ab\xff")
        assert (said.code, said.out) == (2, "")
        assert "byte 2" in said.err

    def test_what_is_too_large_is_refused(self, cli: Cli, write_settings: Write) -> None:
        write_settings("version = 1\n[redaction]\nsize_limit_bytes = 10_000\n")
        assert cli("redact", stdin=b"a" * 10_000).code == 0
        assert cli("redact", stdin=b"short\n" * 10_000).code == 0
        said = cli("redact", stdin=b"a" * 10_001)
        assert (said.code, said.out) == (3, "")
        assert "size_limit_bytes" in said.err

    def test_a_package_can_add_what_is_to_be_found(
        self, cli: Cli, write_settings: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        (tmp_path / "badges.py").write_text(
            "from presidio_analyzer import Pattern, PatternRecognizer\n"
            "def register(registry):\n"
            "    registry.add_recognizer(PatternRecognizer('BADGE', patterns=[Pattern('b', r'BDG-[0-9]{4}', 0.9)]))\n"
        )
        monkeypatch.syspath_prepend(str(tmp_path))
        write_settings('version = 1\npackages = ["badges:register"]\n')
        said = cli("redact", "--format", "json", stdin=b"badge BDG-1234 was used")
        assert said.code == 0
        assert "BDG-1234" not in said.json["text"]
        assert [span["entity_type"] for span in said.json["spans"]] == ["BADGE"]

    @pytest.mark.parametrize(("audience", "is_masked"), [("slack", True), ("slack/ops", True), ("terminal", False)])
    def test_an_audience_sees_by_the_rules_of_its_kind_and_its_name(
        self, cli: Cli, write_settings: Write, audience: str, is_masked: bool
    ) -> None:
        write_settings('version = 1\n[redaction.audiences.slack]\nmask = ["URL"]\n')
        said = cli("redact", "--audience", audience, stdin=b"see https://example.org/a")
        assert ("example.org" not in said.out) == is_masked
        assert ("no rule" in said.err) != is_masked

    def test_a_rule_for_an_audience_that_does_not_exist_is_refused(self, cli: Cli, write_settings: Write) -> None:
        write_settings('version = 1\n[redaction.audiences.slac]\nmask = ["URL"]\n')
        for command in (("redact",), ("doctor",)):
            said = cli(*command, stdin=b"")
            assert said.code != 0
            assert "'slack'" in said.out + said.err

    DECLARED = (
        'version = 1\nteam = "payments"\n[[models.endpoints]]\nname = "house"\nmodel = "openai/small"\n'
        '[gate.environments.prod-eu]\nkind = "production"\n[people.ana]\nteams = ["fraud"]\n'
    )

    @pytest.mark.parametrize(
        ("rule", "near"),
        [
            ("environments.prod-ue", "'prod-eu'"),
            ("teams.fruad", "'fraud'"),
            ("teams.paymnets", "'payments'"),
            ('audiences."model/hosue"', "'model/house'"),
        ],
    )
    def test_a_rule_for_a_name_that_nobody_bears_is_refused(
        self, cli: Cli, write_settings: Write, rule: str, near: str
    ) -> None:
        write_settings(f'{self.DECLARED}[redaction.{rule}]\nmask = ["URL"]\n')
        for command in (("redact",), ("doctor",)):
            said = cli(*command, stdin=b"")
            assert said.code != 0
            assert f"did you mean {near}" in said.out + said.err

    @pytest.mark.parametrize(
        "rule",
        [
            "environments.prod-eu",
            "environments.sandbox",
            "teams.fraud",
            "teams.payments",
            'audiences."model/house"',
            'audiences."model/openai/large"',
            "audiences.model",
        ],
    )
    def test_a_rule_for_a_name_that_is_known_is_taken(self, cli: Cli, write_settings: Write, rule: str) -> None:
        write_settings(f'{self.DECLARED}[redaction.{rule}]\nmask = ["URL"]\n')
        assert cli("redact", stdin=b"x").code == 0

    def test_where_no_environments_and_no_models_are_declared_any_name_will_do(
        self, cli: Cli, write_settings: Write
    ) -> None:
        write_settings(
            'version = 1\n[redaction.environments.anywhere]\nmask = ["URL"]\n'
            '[redaction.audiences."model/later"]\nmask = ["URL"]\n'
        )
        assert cli("redact", stdin=b"x").code == 0

    def test_the_team_of_a_contract_is_known(self, cli: Cli, write_settings: Write, home: Path) -> None:
        (home / "contracts").mkdir()
        (home / "contracts" / "billing.toml").write_text(
            'name = "billing"\nteam = "ledgers"\nenvironment = "production"\ntoken_env = "B"\nmodels = ["house"]\n'
            "[budgets.day]\nrequests = 5\n"
        )
        settings = '[gateway]\ncontracts = "contracts"\n[redaction.teams.{name}]\nmask = ["URL"]\n'
        for name, code in (("ledgers", 0), ("ledgres", 2)):
            write_settings(self.DECLARED + settings.format(name=name))
            assert cli("redact", stdin=b"x").code == code

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
    @pytest.mark.parametrize("style", ["text", "json"])
    def test_a_full_disk_is_named(self, home: Path, style: str) -> None:
        (home / "text").write_text("mail bo@example.org\n" * 20_000)
        command = [sys.executable, "-c", _MAIN, "redact", "--format", style, "text"]
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, cwd=home, check=False)
        assert done.returncode == 3
        assert b"cannot be written" in done.stderr
        assert b"defect" not in done.stderr

    def test_a_closed_input_is_named(self, home: Path) -> None:
        command = ["sh", "-c", '"$0" -c "$1" redact <&-', sys.executable, _MAIN]
        done = subprocess.run(command, capture_output=True, cwd=home, check=False)
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"standard input is closed" in done.stderr
