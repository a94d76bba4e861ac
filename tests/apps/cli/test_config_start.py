"""`opswarden config init` and `config check`: a file to start from, and what is wrong with one, line by line."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.config_init import cluster_in
from opswarden.apps.settings import Settings
from opswarden.core.config_problems import lines_of, problems_of
from opswarden.core.errors import InputError
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer

Write = Callable[[str], Path]

WRONG = """\
version = 1
tema = "x"
[gate]
stage = {}
[systems.m]
kind = "prometheus"
environment = "p"
url = "http://prom.example"
tokn_file = "x"
entity_labels = [
  "a", # ]
  "b c",
]
[systems.k]
kind = "lokki"
environment = "p"
[systems.pager]
kind = "alertmanager"
environment = "p"
[[models.endpoints]]
name = "a"
model = "openai/a"
[[models.endpoints]]
name = "b"
model = "openai/b"
base_ur = "x"
"""


def rows(cli: Cli, *argv: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cli("config", "check", *argv, "--format", "json").json
    return found


def test_every_mistake_is_told_with_its_line(cli: Cli, write_settings: Write) -> None:
    write_settings(WRONG)
    found = {(row["line"], row["setting"]): row for row in rows(cli)}
    assert {place for place, row in found.items() if row["state"] == "failed"} == {
        (2, "tema"),
        (4, "gate.stage"),
        (9, "systems.m.tokn_file"),
        (10, "systems.m.entity_labels"),
        (14, "systems.k"),
        (17, "systems.pager.url"),
        (26, "models.endpoints.1.base_ur"),
    }
    assert "did you mean 'token_file'?" in found[9, "systems.m.tokn_file"]["remedy"]
    assert "did you mean 'base_url'?" in found[26, "models.endpoints.1.base_ur"]["remedy"]
    assert "prometheus" in found[14, "systems.k"]["remedy"]
    assert "without TLS" in found[8, "systems.m.url"]["text"]
    said = cli("config", "check")
    assert said.code == 1
    assert "opswarden.toml:2: tema: there is no such setting" in said.out


def test_what_the_file_names_is_looked_at(
    cli: Cli, home: Path, write_settings: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = home / "token"
    token.write_text("hidden-token")
    token.chmod(0o644)
    text = (
        'version = 1\nrunbooks = "gone"\n[systems.m]\nkind = "prometheus"\nenvironment = "p"\n'
        f'url = "https://prom.example"\ntoken_file = "{token}"\nca_file = "{home}"\n'
        '[systems.n]\nkind = "prometheus"\nenvironment = "p"\nurl = "https://prom.example"\ntoken_env = "N_TOKEN"\n'
    )
    path = write_settings(text)
    found = {row["line"]: (row["state"], row["text"]) for row in rows(cli)}
    assert found.keys() == {2, 7, 8, 13}
    assert {line: state for line, (state, _) in found.items()} == {
        2: "failed",
        7: "warning",
        8: "failed",
        13: "warning",
    }
    token.chmod(0o600)
    monkeypatch.setenv("N_TOKEN", "x")
    path.write_text(text.replace('runbooks = "gone"\n', "").replace(f'ca_file = "{home}"\n', ""))
    said = cli("config", "check")
    assert (said.code, "nothing to mend" in said.out) == (0, True)
    assert "hidden-token" not in said.out


def test_a_file_that_is_no_toml_or_not_there(cli: Cli, home: Path, write_settings: Write) -> None:
    assert cli("config", "check").code == 2
    write_settings("version = 1\nteam = \n")
    assert [(row["line"], row["state"]) for row in rows(cli)] == [(2, "failed")]
    (home / "binary").write_bytes(b"\xff\xfe")
    assert cli("config", "check", "binary").code == 2
    assert cli("config", "check", "gone.toml").code == 2


def test_lines_are_found_through_strings_and_arrays() -> None:
    text = 'a = """\n[b]\nc = 1\n"""\n[d."e f"]\ng = [\n  "h = 1",\n  [2]\n]\ni.j = 3\n[[k]]\nl = 1\n[k.m]\nn = 1\n'
    assert lines_of(text) == {
        ("a",): 1,
        ("d", "e f"): 5,
        ("d", "e f", "g"): 6,
        ("d", "e f", "i"): 10,
        ("d", "e f", "i", "j"): 10,
        ("k", "0"): 11,
        ("k", "0", "l"): 12,
        ("k", "0", "m"): 13,
        ("k", "0", "m", "n"): 14,
    }


def prometheus(peer: Any, request: bytes) -> None:
    """A double of a Prometheus with a hundred series, of which forty name no entity, and an open admin API."""
    line, body = request.split(b"\r\n", 1)[0], request.split(b"\r\n\r\n", 1)[1]
    now = datetime.now(UTC)
    if b"buildinfo" in line:
        data: Any = {"version": "2.53.1\n# injected = 1"}
    elif b"flags" in line:
        data = {"web.enable-admin-api": "true"}
    else:
        number = now.timestamp() if b"timestamp" in body else 40 if b"service%3D%22%22" in body else 100
        data = {"resultType": "vector", "result": [{"metric": {}, "value": [1, str(number)]}]}
    content = json.dumps({"status": "success", "data": data}).encode()
    ailing.answer(content, date=format_datetime(now))(peer, request)


def test_a_starting_file_says_what_was_found_and_can_be_used(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-never-shown")
    server, dead = AilingServer(prometheus), AilingServer(ailing.answer(status="503 Busy"))
    url, gone = server.url, dead.url
    dead.close()
    (home / "kubeconfig").write_text(
        "current-context: shop\ncontexts:\n- name: shop\n  context: {cluster: c, user: u}\nusers: [{name: u, user: "
        "{token: hidden-token}}]\n"
    )
    said = cli(
        *("config", "init", "--prometheus", url, "--alertmanager", gone, "--loki", gone),
        *("--kubeconfig", "kubeconfig", "--environment", 'pro"d', "--team", "payments"),
    )
    server.close()
    assert said.code == 0, said.err
    path = home / "opswarden.toml"
    text = path.read_text()
    assert path.stat().st_mode & 0o077 == 0
    for line in (
        "# size: 100 series match, of at most 10000",
        "# Mind: labels: 40 of 100 series name no entity (40%)",
        "# NOT WELL: reach: pager cannot be reached",
        "# OPENAI_API_KEY is set here.",
    ):
        assert line in text, line
    assert "delete its series" in said.err
    assert "injected" not in text
    assert "sk-never-shown" not in text
    assert "hidden-token" not in text
    values = tomllib.loads(text)
    assert values["systems"]["metrics"] == {"kind": "prometheus", "environment": 'pro"d', "url": url}
    assert problems_of(Settings, text) == (values, [])
    uncommented = "".join(
        line.removeprefix("# ") if " = " in line and line.startswith("# ") and "`" not in line else line
        for line in text.partition("# A language model")[0].splitlines(keepends=True)
    )
    assert "resolution_s = 30.0" in uncommented
    assert cli("config", "check").code == 0
    assert cli("config", "init").code == 2, "nothing is overwritten"
    assert path.read_text() == text


def test_an_address_that_is_none_makes_no_file(cli: Cli, home: Path) -> None:
    for argv in (
        ("--prometheus", "ftp://x"),
        ("--prometheus", "https://user:secret-word@x"),
        ("--git", "gone"),
        ("--context", "x"),
        ("--kubeconfig", "gone"),
        ("--environment", "x" * 65, "--prometheus", "http://127.0.0.1:9"),
    ):
        said = cli("config", "init", *argv)
        if argv[0] == "--git":
            assert "NOT WELL: reach" in said.err
            (home / "opswarden.toml").unlink()
            continue
        assert said.code == 2, argv
        assert "secret-word" not in said.err
        assert not (home / "opswarden.toml").exists()
    assert cli("config", "init").code == 0
    assert cli("config", "check").code == 0


@pytest.mark.parametrize(
    "content",
    ["[" * 3_000, "contexts: [{name: a}]\ncurrent-context: [q]", "- a", "", "contexts: [a]", "contexts: 2024-99-99"],
    ids=["deep", "a list for a name", "a list", "empty", "a text for a context", "no day"],
)
def test_what_is_no_kubeconfig_is_an_error_of_ours(tmp_path: Path, content: str) -> None:
    path = tmp_path / "config"
    path.write_text(content)
    with pytest.raises(InputError):
        cluster_in(path, None)
