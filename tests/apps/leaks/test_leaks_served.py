"""What MCP clients are answered, what agents send through the gateway, and what both leave behind: nothing planted."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from opswarden.apps.installation import open_installation
from opswarden.apps.mcp.identity import Identities
from opswarden.apps.mcp.opening import open_server
from opswarden.apps.mcp.transports import http_server
from opswarden.tests.apps.gateway.test_gateway import TOKENS, Site, _site, site
from opswarden.tests.apps.leaks.leaks import Needle, bytes_below, leaks_in, telling_parts
from opswarden.tests.apps.leaks.planted_snapshot import every_call
from opswarden.tests.redaction.disguises import FORMATS
from opswarden.tests.redaction.planting import KINDS, plant

__all__ = ["_site", "site"]
TOKEN = "bot-" + "t" * 30
_TOOL = re.compile(r"[a-z]+\.[a-z]+")
_EVERY = 5
"""Of the calls that read the snapshot, each so-manieth: others test the redaction of them all."""


@pytest.fixture
def mcp_url(home: Path, temporary: Path, planted_snapshot: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    (home / "opswarden.toml").write_text(
        'version = 1\n[gate.limits]\ncalls = 5_000\ntells = 5_000\n[mcp.callers.bot]\ntoken_env = "BOT_TOKEN"\n'
    )
    with ExitStack() as stack:
        installation = stack.enter_context(open_installation())
        server = open_server(installation, planted_snapshot, "production", None)
        stack.callback(server.sessions.close)
        settings = installation.settings.mcp
        http = stack.enter_context(http_server(server, settings, Identities(installation), "127.0.0.1", 0))
        yield f"http://127.0.0.1:{http.port}/mcp"


def test_an_mcp_client_is_answered_none_of_it(
    mcp_url: str, home: Path, temporary: Path, needles: tuple[Needle, ...]
) -> None:
    answers: list[str] = []

    async def work() -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            Client(streamable_http_client(mcp_url, http_client=http)) as client,
        ):
            answers.append((await client.list_tools()).model_dump_json())
            known = [(tool, args) for tool, args in every_call() if _TOOL.fullmatch(tool)]
            for tool, args in known[::_EVERY]:
                answered = await client.call_tool(tool.replace(".", "__"), dict(args))
                answers.append(answered.model_dump_json())

    anyio.run(work)
    said = "\n".join(answers)
    assert said.count("EMAIL_ADDRESS") > 5
    exits = [("answers", said.encode()), *bytes_below(home), *bytes_below(temporary)]
    assert {name: found for name, content in exits if (found := leaks_in(content, needles))} == {}


def test_what_agents_send_through_the_gateway_reaches_neither_the_model_nor_a_disk(site: Site) -> None:
    planted = [plant(kind, "gateway") for kind in KINDS]
    texts = [wrap(each.key, each.value) for each, wrap in zip(planted, itertools.cycle(FORMATS.values()))]
    for at in range(0, len(texts), 8):
        messages: list[dict[str, Any]] = [{"role": "user", "content": text} for text in texts[at : at + 8]]
        asked = httpx2.post(
            f"{site.url}/chat/completions",
            json={"model": "house", "messages": messages},
            headers={"Authorization": f"Bearer {TOKENS['billing']}"},
            timeout=30,
        )
        assert asked.status_code == 200, asked.text
    received = site.upstream.everything_received()
    assert received.count(b"SECRET") > 10
    exits = [("the model", received), *bytes_below(site.folder)]
    wanted = telling_parts(planted, "an agent")
    assert {name: found for name, content in exits if (found := leaks_in(content, wanted))} == {}
