"""`opswarden doctor` on systems of logs and traces: doubles, and files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.tests.doubles.elasticsearch_server import ElasticsearchServer
from opswarden.tests.doubles.jaeger_server import JaegerServer
from opswarden.tests.doubles.loki_server import LokiServer, entries_of
from opswarden.tests.doubles.tempo_server import TempoServer

from ..conftest import Cli

SECOND = timedelta(seconds=1)
VERSIONS = {"loki": "3.1.0", "elasticsearch": "8.15.0", "tempo": "2.6.0"}


@pytest.fixture
def urls() -> Iterator[dict[str, str]]:
    """A line and a span every two seconds of the last half hour."""
    now = datetime.now(UTC).replace(microsecond=0)
    times = [now - 2 * place * SECOND for place in range(900)]
    lines = [{"ts": at, "entity": "oven", "level": "info", "body": f"sold {place}"} for place, at in enumerate(times)]
    spans: list[dict[str, Any]] = [
        {"trace_id": f"t{place}", "span_id": "a", "parent_id": None, "entity": "oven", "name": "bake", "start": at}
        | {"duration_us": 900, "status": "OK"}
        for place, at in enumerate(times[::10])
    ]
    with ExitStack() as stack:
        servers = {
            "loki": LokiServer(entries_of(lines)),
            "elasticsearch": ElasticsearchServer(lines),
            "tempo": TempoServer(spans),
            "jaeger": JaegerServer(spans),
        }
        for server in servers.values():
            stack.enter_context(closing(server))
        yield {kind: server.url for kind, server in servers.items()}


def test_each_is_asked_what_a_triage_will_ask(cli: Cli, home: Path, urls: dict[str, str]) -> None:
    folder = home / "lines"
    folder.mkdir()
    now = datetime.now(UTC)
    text = "".join(f"{(now - place * SECOND).isoformat()} sold {place}\n" for place in range(1_500, 0, -1))
    (folder / "oven.log").write_text(text)
    systems = {kind: {"kind": kind, "url": url} for kind, url in urls.items()}
    systems["loki"]["scope"] = {"cluster": "bakery"}  # type: ignore[assignment]  # a table within
    systems["files"] = {"kind": "files", "path": str(folder)}
    settings = []
    for name, system in systems.items():
        settings += [f"[systems.{name}]", 'environment = "production"']
        settings += [
            f"{key} = {json.dumps(value)}" if isinstance(value, str) else f'{key} = {{ cluster = "bakery" }}'
            for key, value in system.items()
        ]
    (home / "opswarden.toml").write_text("\n".join(settings))
    said = cli("doctor", "--conformance", "--format", "json")
    found: dict[str, dict[str, list[dict[str, str]]]] = {}
    for each in said.json:
        system, _, aspect = each["name"].partition(": ")
        found.setdefault(system, {}).setdefault(aspect, []).append(each)
    for kind in systems:
        asked = found[kind]
        assert {each["state"] for aspect in asked.values() for each in aspect} == {"ok"}, (kind, asked)
        assert {"reach", "freshness", "labels", "conformance"} <= set(asked)
        if kind in VERSIONS:
            assert asked["version"][0]["text"] == f"version {VERSIONS[kind]}"
            assert asked["clock"][0]["text"] == "its clock and ours agree"
