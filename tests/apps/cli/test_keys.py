"""Keys from the command line: rotate, retire, wrap, rewrap, and what `doctor` says of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.installation import open_installation
from opswarden.core.clock import FixedClock
from opswarden.core.keys import FileKeys
from opswarden.redaction.types import TextWithheld
from opswarden.redaction.vault import Entry
from opswarden.redaction.vault_seals import Place, Seals
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.core.key_service_peers import AWS_VARIABLES, PEERS, SECRETS, Server
from opswarden.tests.doubles import aws_kms_server, google_kms_server, vault_server

Write = Callable[[str], Path]
ANA = Entry("EMAIL_ADDRESS", "ana@example.com", "ana@example.com")


def store(*, days_ago: int = 0) -> list[int]:
    clock = FixedClock(datetime.now(UTC) - timedelta(days=days_ago))
    with open_installation(clock=clock) as installation:
        return installation.vault.numbers("run_1", [ANA])


def finding(cli: Cli, name: str = "keys") -> dict[str, Any]:
    (found,) = [item for item in cli("doctor", "--format", "json").json if item["name"] == name]
    return dict(found)


def _acts() -> list[tuple[object, object]]:
    """What the ledger says was done to the keys."""
    with open_installation() as installation:
        entries = [entry for entry in installation.ledger.of_run("installation") if entry.kind == "keys.changed"]
    assert all(str(entry.body["by"]).startswith("person:") for entry in entries)
    return [(entry.body["act"], entry.body.get("version")) for entry in entries]


class TestFile:
    def test_keys_rotate_and_values_stay(self, cli: Cli, home: Path) -> None:
        assert store() == [1]
        said = cli("config", "rotate-keys")
        assert said.code == 0
        assert "key version 2" in said.out
        assert "still needed: 1" in said.out
        assert store() == [1]
        with open_installation() as installation:
            assert installation.vault.value("run_1", "EMAIL_ADDRESS", 1) == ANA.value
        assert cli("audit", "verify").code in (0, 1)
        assert "version 2" in finding(cli)["text"]
        assert _acts() == [("rotate", None)]

    def test_rotating_binds_what_an_older_version_sealed_to_its_expiry(self, cli: Cli, home: Path) -> None:
        store()
        with open_installation() as installation:
            connection = installation.database.connection()
            (expires_at,) = connection.execute("SELECT expires_at FROM vault_values").fetchone()
            place = Place("run_1", ANA.entity_type, 1, expires_at)
            sealed = Seals().seal(installation.keys.ring("vault").keys[1], place, ANA.value, form=1)
            connection.execute("UPDATE vault_values SET sealed = ?, seal_form = 1", (sealed,))
        assert cli("config", "rotate-keys").code == 0
        with open_installation() as installation:
            assert installation.vault.value("run_1", "EMAIL_ADDRESS", 1) == ANA.value
            installation.database.connection().execute("UPDATE vault_values SET expires_at = '2999'")
            with pytest.raises(TextWithheld, match="expiry"):
                installation.vault.value("run_1", "EMAIL_ADDRESS", 1)

    def test_the_ledger_goes_on_with_another_key(self, cli: Cli, home: Path) -> None:
        store()
        cli("config", "rotate-keys")
        cli("audit", "prove", 0, "--save-key", "old.key", "--out", "old.proof")
        cli("audit", "verify", "--save-head", "old.head")
        said = cli("config", "rotate-ledger-key")
        assert said.code == 0, said.err
        assert "after 2 entries" in said.out
        assert _acts() == [("rotate", None), ("relieve", None), ("relieved", None)]
        cli("audit", "prove", 2, "--save-key", "new.key", "--out", "new.proof")
        assert cli("audit", "verify", "--trusted-head", "old.head").code in (0, 1)
        cli("audit", "verify", "--save-head", "new.head")
        assert cli("audit", "verify", "--trusted-head", "new.head").code == 0
        assert cli("audit", "check-proof", "new.proof", "--key", "old.key").code == 1
        for proof in ("old.proof", "new.proof"):
            assert cli("audit", "check-proof", proof, "--key", "new.key").code == 0
        said = cli("audit", "check-key", "new.key", "--kept", "old.key")
        assert said.code == 0
        assert "relieved after 2 entries" in said.out
        assert cli("audit", "check-key", "new.key", "--kept", "new.key").out.startswith("OK: the key of")
        said = cli("audit", "check-key", "old.key", "--kept", "new.key")
        assert (said.code, said.out[:4]) == (1, "BAD:")
        assert finding(cli)["text"].startswith("ledger key")
        assert cli("database", "backup", "--out", "b.tar", "--with-keys").code == 0
        shutil.rmtree(home / "state")
        assert cli("database", "restore", "b.tar", "--trusted-head", "new.head").code == 0
        assert cli("audit", "verify", "--trusted-head", "new.head").code in (0, 1)

    def test_a_key_goes_when_nothing_needs_it(self, cli: Cli, home: Path) -> None:
        store()
        cli("config", "rotate-keys")
        said = cli("config", "retire-key", 1)
        assert (said.code, said.out) == (2, "")
        assert "still need key version 1" in said.err
        assert cli("config", "retire-key", 2).code == 2
        assert cli("config", "retire-key", 7).code == 2
        with open_installation() as installation:
            installation.database.connection().execute("UPDATE vault_values SET expires_at = '2020'")
        assert cli("config", "retire-key", 1).code == 0
        assert list(json.loads((home / "state" / "keys.json").read_bytes())["sealing"]) == ["2"]
        assert _acts() == [("rotate", None), ("retire", 1), ("retire", 2), ("retire", 7), ("retire", 1)]

    def test_production_wants_a_key_service(self, cli: Cli, write_settings: Write) -> None:
        assert finding(cli)["state"] == "ok"
        write_settings('version = 1\nenvironment = "production"\n')
        found = finding(cli)
        assert found["state"] == "failed"
        assert "plain file" in found["text"]
        assert "keys.service" in found["remedy"]
        said = cli("doctor")
        assert said.code == 1
        assert "FAILED" in said.out

    @pytest.mark.parametrize("name", ["wrap-keys", "rewrap-keys"])
    def test_without_a_service_nothing_is_wrapped(self, cli: Cli, name: str) -> None:
        assert cli("doctor").code == 0
        said = cli("config", name)
        assert (said.code, said.out) == (2, "")
        assert "no key service is configured" in said.err


SETTINGS = {
    "aws-kms": f'service = "aws-kms"\nkey = "{aws_kms_server.ARN}"\n',
    "google-kms": f'service = "google-kms"\nkey = "{google_kms_server.KEY}"\ntoken_env = "GOOGLE_TOKEN"\n',
    "vault-transit": f'service = "vault-transit"\nkey = "{vault_server.KEY}"\n',
}


class TestService:
    @pytest.fixture(params=PEERS)
    def name(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    @pytest.fixture
    def server(self, name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
        tokens = {"GOOGLE_TOKEN": google_kms_server.TOKEN, "VAULT_TOKEN": vault_server.TOKEN}
        for variable, value in {**AWS_VARIABLES, **tokens}.items():
            monkeypatch.setenv(variable, value)
        monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
        with PEERS[name].server() as running:
            yield running

    @pytest.fixture
    def configured(self, name: str, server: Server, write_settings: Write) -> None:
        text = f'version = 1\nenvironment = "production"\n[keys]\n{SETTINGS[name]}endpoint = "{server.url}"\n'
        write_settings(text + "timeout_s = 2\n")

    @pytest.mark.usefixtures("configured")
    def test_an_installation_lives_on_a_key_service(self, cli: Cli, home: Path, server: Server, name: str) -> None:
        assert store() == [1]
        found = finding(cli)
        assert (found["state"], name in found["text"]) == ("ok", True)
        assert not (home / "state" / "keys.json").exists()
        assert cli("config", "rotate-keys").code == 0
        server.rotate()
        assert cli("config", "rewrap-keys").code == 0
        wrapped = json.loads((home / "state" / "keys.wrapped.json").read_bytes())
        assert server.version_of(wrapped["data_key"]) == 1
        assert store() == [1]
        with open_installation() as installation:
            assert installation.vault.value("run_1", "EMAIL_ADDRESS", 1) == ANA.value

    @pytest.mark.usefixtures("server")
    def test_an_installation_moves_to_a_key_service(
        self, cli: Cli, home: Path, server: Server, name: str, request: pytest.FixtureRequest
    ) -> None:
        assert cli("approvals", "stop-writes", "--reason", "a drill").code == 0
        store()
        identity = FileKeys(home / "state" / "keys.json").public_key()
        request.getfixturevalue("configured")
        said = cli("audit", "tail")
        assert (said.code, said.out) == (2, "")
        assert "opswarden config wrap-keys" in said.err
        said = cli("config", "wrap-keys")
        assert _acts() == [("wrap", None)]
        assert (said.code, identity.hex()[:16] in said.out) == (0, True)
        assert not (home / "state" / "keys.json").exists()
        assert cli("audit", "verify", "--format", "json").json["ok"] is True
        assert store() == [1]
        # Somebody puts the plain file back, from a backup perhaps.
        FileKeys(home / "state" / "keys.json")
        assert finding(cli)["state"] == "failed"
        (home / "state" / "keys.json").unlink()
        # And whoever forgets the settings is told, before new keys tear the ledger apart.
        (home / "opswarden.toml").unlink()
        said = cli("audit", "tail")
        assert said.code == 2
        assert "wrapped by a key service" in said.err
        assert not (home / "state" / "keys.json").exists()

    @pytest.mark.usefixtures("configured")
    @pytest.mark.parametrize(
        ("fault", "code"),
        [("500", 3), pytest.param("hang", 3, marks=pytest.mark.soak), pytest.param("html", 2, marks=pytest.mark.soak)],
    )
    def test_a_service_that_does_not_work_is_named_and_says_nothing_secret(
        self, cli: Cli, home: Path, server: Server, fault: Any, code: int
    ) -> None:
        store()
        server.fault = fault
        settings = home / "opswarden.toml"
        settings.write_text(settings.read_text().replace("timeout_s = 2", "timeout_s = 0.4"))
        for command in (["audit", "tail"], ["config", "rotate-keys"], ["config", "backup-keys", "copy"]):
            said = cli(*command)
            assert (said.code, said.out) == (code, "")
            assert "fix: " in said.err
            assert not any(secret in said.err for secret in SECRETS)
        assert finding(cli)["state"] == "failed"

    @pytest.mark.usefixtures("configured")
    def test_a_backup_opens_with_the_service_alone(self, cli: Cli, home: Path, server: Server) -> None:
        store()
        assert cli("config", "backup-keys", "copy.json").code == 0
        path = home / "state" / "keys.wrapped.json"
        assert (home / "copy.json").read_bytes() == path.read_bytes()
        assert (home / "copy.json").stat().st_mode & 0o777 == 0o600

    @pytest.mark.usefixtures("configured")
    def test_no_credential_is_shown(self, cli: Cli) -> None:
        for command in (["config"], ["config", "--format", "json"], ["doctor"]):
            said = cli(*command)
            assert not any(secret in said.out + said.err for secret in SECRETS)


WRONG = {
    "no key": 'service = "aws-kms"\n',
    "no region": 'service = "aws-kms"\nkey = "alias/ops"\n',
    "no address": 'service = "vault-transit"\nkey = "ops"\n',
    "no TLS": 'service = "vault-transit"\nkey = "ops"\nendpoint = "http://vault.example"\n',
    "a key of another form": 'service = "google-kms"\nkey = "ops"\ntoken_env = "T"\n',
    "no token": 'service = "vault-transit"\nkey = "ops"\nendpoint = "https://127.0.0.1:1"\n',
    "an unknown service": 'service = "kms"\n',
    "a mistyped key": 'servise = "file"\n',
    "a name that is none": 'installation = "a b"\n',
}


@pytest.mark.parametrize("what", WRONG)
def test_settings_that_cannot_work_are_named(
    cli: Cli, write_settings: Write, monkeypatch: pytest.MonkeyPatch, home: Path, what: str
) -> None:
    monkeypatch.delenv("VAULT_TOKEN", raising=False)
    write_settings(f"version = 1\n[keys]\n{WRONG[what]}")
    said = cli("audit", "tail")
    assert (said.code, said.out) == (2, "")
    assert "keys" in said.err or "VAULT_TOKEN" in said.err
    assert "fix: " in said.err
    assert not (home / "state" / "keys.json").exists()
