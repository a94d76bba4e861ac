"""Our tools over MCP: the official client, real transports, the gate behind them."""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from opswarden.apps.http.server import HttpServer
from opswarden.apps.installation import open_installation
from opswarden.apps.mcp.opening import open_server
from opswarden.apps.mcp.server import McpServer
from opswarden.apps.mcp.settings import McpCallerSettings
from opswarden.apps.people.callers import Caller, TokenBook, hash_of
from opswarden.apps.stopping import Stop
from opswarden.core.errors import CallDenied, ConfigError
from opswarden.evals.cases import Case
from opswarden.tests.apps.conftest import Cli

from .conftest import ANA, BOT, FINOPS, RESOURCE, Serving

T = TypeVar("T")
QUERY = {"entity": "gateway", "metric": "error_rate"}


def talk(serving: Serving, token: str, work: Callable[[Client], Awaitable[T]], mode: str = "auto") -> T:
    """What some work with a connected client comes to."""
    return talk_to(serving.url, token, work, mode)


def talk_to(url: str, token: str, work: Callable[[Client], Awaitable[T]], mode: str = "auto") -> T:

    async def run() -> T:
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=20) as http,
            Client(streamable_http_client(url, http_client=http), mode=mode) as client,
        ):
            return await work(client)

    return anyio.run(run)


def call(name: str, args: dict[str, Any]) -> Callable[[Client], Awaitable[Any]]:
    async def work(client: Client) -> Any:
        return await client.call_tool(name, args)

    return work


def run_of(serving: Serving, seq: int) -> str:
    return str(serving.installation.ledger.read(seq).run_id)


def test_tools_are_listed_with_their_schemas_and_answer_over_both_protocols(serving: Serving) -> None:
    async def work(client: Client) -> Any:
        return await client.list_tools(), await client.call_tool("topology__neighbours", {"entity": "gateway"})

    for mode in ("legacy", "auto"):
        listed, answered = talk(serving, ANA, work, mode)
        tools = {tool.name: tool for tool in listed.tools}
        shifts = tools["metrics__shifts"]
        assert shifts.input_schema["additionalProperties"] is False
        assert shifts.annotations.read_only_hint is True
        assert tools["levers__pull"].annotations.read_only_hint is False
        assert tools["logs__patterns"].meta["opswarden/outside"]
        assert not answered.is_error, answered
        assert json.loads(answered.content[0].text) == answered.structured_content
        run_id = run_of(serving, answered.structured_content["seq"])
        kinds = [kind for kind, _ in serving.records(run_id)]
        assert kinds[0] == "run.started"
        assert {"call.decided", "call.outcome", "tell.decided", "tell.outcome"} <= set(kinds)
        started = serving.records(run_id)[0][1]
        assert (started["role"], started["on_behalf_of"], started["trigger"]) == ("mcp", "person:ana", "mcp")


def test_a_session_that_its_client_ends_is_a_run_that_has_ended(serving: Serving) -> None:
    answered = talk(serving, ANA, call("levers__look", {"lever": "left"}), "legacy")
    kinds = [kind for kind, _ in serving.records(run_of(serving, answered.structured_content["seq"]))]
    assert kinds[-1] == "run.ended"


def test_who_is_not_known_or_not_served_gets_nothing(serving: Serving) -> None:
    for headers, status in (
        ({}, 401),
        ({"Authorization": "Bearer " + "x" * 40}, 401),
        ({"Authorization": f"Basic {ANA}"}, 401),
        ({"Authorization": f"Bearer {ANA}", "Host": "evil.example"}, 421),
        ({"Authorization": f"Bearer {ANA}", "Host": "127.0.0.1.evil.example:80"}, 421),
        ({"Authorization": f"Bearer {ANA}", "Origin": "http://evil.example"}, 403),
    ):
        answer = httpx2.post(serving.url, content=b"{}", headers={"Content-Type": "application/json", **headers})
        assert answer.status_code == status, headers
        if status == 401:
            assert answer.headers["WWW-Authenticate"].startswith("Bearer resource_metadata=")
    assert "not served in this environment" in str(talk(serving, BOT, call("metrics__query", QUERY)).content)

    async def listed(client: Client) -> None:
        with pytest.raises(MCPError, match="not served in this environment"):
            await client.list_tools()

    talk(serving, BOT, listed)
    known = {"Authorization": f"Bearer {ANA}"}
    assert httpx2.post(serving.url, content=b"[" * 20_000, headers=known).status_code == 413


HANDSHAKE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}},
}
LISTING = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}


def test_a_session_is_nobody_elses_to_use_to_end_or_to_make_up(serving: Serving) -> None:
    def send(token: str, body: dict[str, Any] | None, **headers: str) -> httpx2.Response:
        accepted = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream", **headers}
        if body is None:
            return httpx2.delete(serving.url, headers=accepted, timeout=20)
        return httpx2.post(serving.url, json=body, headers=accepted, timeout=20)

    version = {"Mcp-Protocol-Version": "2025-06-18"}
    session = {"Mcp-Session-Id": send(ANA, HANDSHAKE).headers["mcp-session-id"], **version}
    send(ANA, {"jsonrpc": "2.0", "method": "notifications/initialized"}, **session)
    assert "metrics__shifts" in send(ANA, LISTING, **session).text
    *_, newest = serving.installation.ledger.entries()
    stolen = send(FINOPS, LISTING, **session)
    assert (stolen.status_code, "metrics__shifts" in stolen.text) == (404, False)
    assert send(FINOPS, None, **session).status_code == 404
    assert "metrics__shifts" in send(ANA, LISTING, **session).text, "what somebody else ends goes on"
    assert "run.ended" not in [kind for kind, _ in serving.records(str(newest.run_id))]
    for made_up in ("a" * 32, "../../x", "", "x" * 4_000):
        fixed = send(FINOPS, LISTING, **version, **({"Mcp-Session-Id": made_up} if made_up else {}))
        assert fixed.status_code in (400, 404), made_up
        assert "metrics__shifts" not in fixed.text
    assert send(ANA, None, **session).status_code == 200
    assert send(ANA, LISTING, **session).status_code == 404, "what is over is over"


def test_a_token_of_the_issuer_is_refused_for_any_claim_that_is_wrong(serving: Serving) -> None:
    now = int(time.time())
    claims = {"iss": serving.issuer.url, "aud": RESOURCE, "azp": "desktop", "iat": now, "exp": now + 300}
    claims |= {"email": "ana@example.com", "email_verified": True}
    wrongs: list[dict[str, Any]] = [
        {"iss": "https://evil.example"},
        {"aud": [RESOURCE, "another"], "azp": "another"},
        {"aud": RESOURCE + "/"},
        {"aud": RESOURCE.upper()},
        {"aud": None},
        {"exp": None},
        {"exp": "never"},
        {"nbf": now + 3_600},
        {"iat": now + 3_600},
        {"azp": None},
        {"azp": None, "client_id": "another"},
        {"client_id": "another"},
        {"azp": ["desktop"]},
        {"email_verified": False},
    ]
    for wrong in wrongs:
        told = {name: value for name, value in {**claims, **wrong}.items() if value is not None}
        token = serving.issuer.token(told)
        answer = httpx2.post(serving.url, json=HANDSHAKE, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, wrong
    access = {**{name: value for name, value in claims.items() if name != "azp"}, "client_id": "desktop"}
    taken = {"Authorization": f"Bearer {serving.issuer.token(access)}", "Accept": "application/json, text/event-stream"}
    assert httpx2.post(serving.url, json=HANDSHAKE, headers=taken, timeout=20).status_code == 200
    good = serving.issuer.token(claims)
    head, body, signature = good.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    for forged in (f"{none}.{body}.", f"{none}.{body}.{signature}", f"{head}.{body}.{'A' * len(signature)}", good[:-4]):
        answer = httpx2.post(serving.url, json=HANDSHAKE, headers={"Authorization": f"Bearer {forged}"})
        assert answer.status_code == 401


def test_calls_that_are_cancelled_go_on_and_still_count() -> None:
    at_once, running, most, go_on = 2, 0, 0, threading.Event()
    lock = threading.Lock()

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        go_on.wait(10)
        with lock:
            running -= 1

    async def flood() -> None:
        server = McpServer(None, None, {}, at_once)  # type: ignore[arg-type]  # no session is opened
        for _ in range(3 * at_once):
            with anyio.move_on_after(0.1):
                await server._apart(work)
        go_on.set()
        await server._apart(lambda: None)  # places are given back, also those of calls that nobody waits for
        await server._apart(lambda: None)
        await server._apart(lambda: None)

    anyio.run(flood)
    assert most == at_once


def test_a_token_of_the_issuer_names_its_person(serving: Serving) -> None:
    now = int(time.time())
    claims = {
        "iss": serving.issuer.url,
        "aud": RESOURCE,
        "azp": "desktop",
        "iat": now,
        "exp": now + 300,
        "email": "ana@example.com",
        "email_verified": True,
    }
    answered = talk(serving, serving.issuer.token(claims), call("levers__look", {"lever": "left"}))
    started = serving.records(run_of(serving, answered.structured_content["seq"]))[0][1]
    assert started["on_behalf_of"] == "person:ana"
    for wrong in ({"aud": "opswarden"}, {"azp": "other"}, {"email": "eve@example.com"}, {"exp": now - 300}):
        token = serving.issuer.token({**claims, **wrong})
        answer = httpx2.post(serving.url, content=b"{}", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, wrong
    metadata = f"http://127.0.0.1:{serving.http.port}/.well-known/oauth-protected-resource/mcp"
    assert httpx2.get(metadata).json()["authorization_servers"] == [serving.issuer.url]


def test_a_call_waits_for_a_person_and_then_runs_once(serving: Serving) -> None:
    async def work(client: Client) -> tuple[Any, ...]:
        asked = await client.call_tool("levers__pull", {"lever": "main"})
        again = await client.call_tool("levers__pull", {"lever": "main"})
        approval_id = asked.structured_content["approval_id"]
        serving.installation.approvals.answer(approval_id, "approve", approver="person:bo", roles=frozenset({"oncall"}))
        other = await client.call_tool("levers__pull", {"lever": "other"})
        ran = await client.call_tool("levers__pull", {"lever": "main"})
        third = await client.call_tool("levers__pull", {"lever": "main"})
        return asked, again, other, ran, third

    asked, again, other, ran, third = talk(serving, ANA, work)
    approval_id = asked.structured_content["approval_id"]
    assert asked.is_error
    assert f"opswarden approvals show {approval_id}" in asked.content[0].text
    assert again.structured_content["approval_id"] == approval_id
    assert other.structured_content["approval_id"] not in (None, approval_id)
    assert not ran.is_error, ran.structured_content
    assert (ran.is_error, ran.structured_content["summary"]) == (False, {"pulls": 1})
    assert third.structured_content["approval_id"] not in (None, approval_id)
    assert serving.effects.read_text().splitlines().count("pulled main") == 1


def test_an_approved_call_that_is_made_twice_at_once_runs_once(serving: Serving) -> None:
    async def work(client: Client) -> list[Any]:
        asked = await client.call_tool("levers__pull", {"lever": "twin"})
        serving.installation.approvals.answer(
            asked.structured_content["approval_id"], "approve", approver="person:bo", roles=frozenset({"oncall"})
        )
        answers: list[Any] = []

        async def again() -> None:
            answers.append(await client.call_tool("levers__pull", {"lever": "twin"}))

        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(again)
        return answers

    answers = talk(serving, ANA, work)
    assert any(not answer.is_error for answer in answers)
    assert serving.effects.read_text().splitlines().count("pulled twin") == 1


def test_the_command_serves_until_it_is_stopped(
    cli: Cli, home: Path, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_TOKEN", BOT)
    (home / "opswarden.toml").write_text('[mcp.callers.bot]\ntoken_env = "BOT_TOKEN"\n')
    names: list[str] = []

    def stopped(server: HttpServer, stop: Stop) -> None:
        async def work(client: Client) -> None:
            names.extend(tool.name for tool in (await client.list_tools()).tools)

        talk_to(f"http://127.0.0.1:{server.port}/mcp", BOT, work)
        assert not stop.is_wanted
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(10)

    monkeypatch.setattr(HttpServer, "wait", stopped)
    said = cli("mcp", "--snapshot", case.snapshot, "--http", "127.0.0.1:0")
    assert (said.code, said.out) == (0, "")
    assert "stopped" in said.err
    assert "logs__search" in names
    assert any(entry["kind"] == "run.ended" for entry in cli("audit", "tail", "--format", "json").json)


def test_a_token_in_a_file_may_rotate(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{ANA}\n")
    book = TokenBook({"ana": McpCallerSettings(token_file=file).hashes})
    assert (book.name_of(ANA), book.name_of(BOT)) == ("ana", None)
    file.write_text(BOT)
    assert (book.name_of(ANA), book.name_of(BOT)) == (None, "ana")
    file.write_text("short")
    assert book.name_of("short") is None
    file.unlink()
    assert book.name_of(BOT) is None


def test_a_refusal_names_its_policy_and_no_value(serving: Serving) -> None:
    async def work(client: Client) -> tuple[Any, ...]:
        lifted = await client.call_tool("levers__lift", {"lever": "planted-value"})
        wrong = await client.call_tool("levers__look", {"lever": 7, "planted": "planted-value"})
        nothing = await client.call_tool("planted__value", {})
        return lifted, wrong, nothing

    lifted, wrong, nothing = talk(serving, FINOPS, work)
    assert lifted.structured_content["code"] == "environments.finops"
    assert wrong.structured_content["code"] == "bad-arguments"
    assert nothing.structured_content["code"] == "unknown-tool"
    for answer in (lifted, wrong, nothing):
        assert answer.is_error
        assert "planted" not in str(answer.content)
        assert "Traceback" not in str(answer.content)


def test_personal_data_reach_no_client(
    cli: Cli, home: Path, case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Over stdio, in a process of its own; nothing but the protocol is on its stdout."""
    import shutil

    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path / "planted"
    shutil.copytree(case.snapshot, folder)
    logs = pq.read_table(folder / "logs.parquet")
    window = json.loads((folder / "snapshot.json").read_text())["window"]
    rows = logs.slice(0, 40).to_pylist()
    for row in rows:
        row |= {"body": "refund for mia.planted@example.com is late", "ts": datetime.fromisoformat(window["start"])}
    pq.write_table(pa.concat_tables([logs, pa.Table.from_pylist(rows, schema=logs.schema)]), folder / "logs.parquet")
    command = StdioServerParameters(
        command=sys.executable,
        args=["-c", "from opswarden.apps.cli.main import main; main()", "mcp", "--snapshot", str(folder)],
        env={"OPSWARDEN_STATE_DIR": str(home / "state"), "HOME": str(home)},
        cwd=home,
    )

    async def run() -> Any:
        async with Client(command) as client:
            args = {"start": window["start"], "end": window["end"], "contains": "refund for"}
            return await client.call_tool("logs__search", args)

    answered = anyio.run(run)
    assert not answered.is_error, answered
    text = answered.content[0].text
    assert "mia.planted@example.com" not in text
    assert "<EMAIL_ADDRESS_" in text
    tail = cli("audit", "tail", "--format", "json")
    assert [entry["kind"] for entry in json.loads(tail.out)][-1] == "run.ended" or "run.ended" in tail.out


def test_there_are_only_so_many_sessions_and_they_end_when_left(serving: Serving, case: Case) -> None:
    server = open_server(serving.installation, case.snapshot, None, None)
    sessions = server.sessions
    callers = [Caller(name, "mcp", "platform", f"system:mcp.{name}") for name in ("a", "b")]
    opened = [sessions.of(callers[0], str(key)) for key in range(4)]
    assert sessions.of(callers[0], "0") is opened[0]
    with pytest.raises(CallDenied, match="as many sessions"):
        sessions.of(callers[0], "5")
    other = sessions.of(callers[1], "0")
    assert len({session.run_id for session in (*opened, other)}) == 5
    sessions.end("a", "1")
    assert opened[1].call("levers.look", {"lever": "x"}).body["code"] == "session-closed"
    opened[2].used_at -= 4_000
    sessions.sweep()
    assert serving.records(opened[2].run_id)[-1][1]["outcome"] == "left"
    sessions.close()
    assert serving.records(other.run_id)[-1][0] == "run.ended"


def test_a_session_over_running_systems_looks_at_the_time_before_it(cli: Cli, home: Path) -> None:
    (home / "opswarden.toml").write_text(
        '[systems.m]\nkind = "prometheus"\nenvironment = "production"\nurl = "http://127.0.0.1:9"\ntimeout_s = 1\n'
    )
    with open_installation() as installation:
        server = open_server(installation, None, None, None)
        session = server.sessions.of(Caller("a", "mcp", "platform", "person:ana"), "")
        told = session.call("incidents__describe", {}).body
        found: Any = told["summary"]
        times = {name: found[name] for name in ("start", "end", "baseline_start", "baseline_end")}
        dead = session.call("metrics__shifts", times).body
        server.sessions.close()
        kinds = [entry.kind for entry in installation.ledger.of_run(session.run_id)]
    assert told["status"] == "ok"
    assert found["environment"] == "production"
    assert (dead["status"], dead["code"]) == ("error", "backend")
    assert kinds[-1] == "run.ended"


def test_what_may_not_go_to_a_client_does_not(cli: Cli, home: Path, case: Case) -> None:
    """The result is in, and its data may go to one client only: to the one that stays in the country."""
    (home / "opswarden.toml").write_text(
        '[gate.data.environments.sandbox]\ncountries = ["BR"]\nclasses = ["operational"]\n'
        '[[gate.residency.allow]]\ncountries = ["BR"]\nclasses = ["operational"]\nregions = ["BR"]\n'
        '[gate.destinations.audiences."mcp/near"]\nregion = "BR"\n'
        '[redaction.audiences."mcp/near"]\nnumbered = false\n'
    )
    with open_installation() as installation:
        server = open_server(installation, case.snapshot, None, None)
        answers = {
            name: server.sessions.of(Caller(name, "mcp", "platform", f"system:mcp.{name}"), "").call(
                "incidents__describe", {}
            )
            for name in ("near", "far")
        }
        server.sessions.close()
    assert answers["near"].body["status"] == "ok"
    assert (answers["far"].is_error, answers["far"].body["code"]) == (True, "residency.tells")
    assert answers["far"].body["summary"] is None


def test_mistakes_are_named(cli: Cli, home: Path, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = cli("mcp")
    assert (nothing.code, "no system is configured" in nothing.err) == (2, True)
    nobody = cli("mcp", "--snapshot", case.snapshot, "--http", "127.0.0.1:0")
    assert (nobody.code, "nobody may call over HTTP" in nobody.err) == (2, True)
    (home / "opswarden.toml").write_text('[mcp.callers.bot]\ntoken_env = "BOT_TOKEN"\n')
    empty = cli("mcp", "--snapshot", case.snapshot, "--http", "127.0.0.1:0")
    assert (empty.code, "no usable token" in empty.err) == (2, True)
    monkeypatch.setenv("BOT_TOKEN", "b" * 32)
    away = cli("mcp", "--snapshot", case.snapshot, "--http", "0.0.0.0:0")
    assert (away.code, "without TLS" in away.err) == (2, True)
    assert cli("mcp", "--snapshot", case.snapshot, "--http", "8480").code == 2
    (home / "opswarden.toml").write_text("[mcp.callers.bot]\n")
    assert "a caller needs" in cli("mcp").err


def test_two_callers_never_share_a_token() -> None:
    book = TokenBook({"a": lambda: {hash_of("t" * 32)}, "b": lambda: {hash_of("t" * 32)}})
    assert book.name_of("t" * 32) is None
    with pytest.raises(ConfigError, match="share a token"):
        book.check()
