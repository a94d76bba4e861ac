"""One MCP server over HTTP for a module: the real SDK on both sides of a real socket, in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.http.server import HttpServer
from opswarden.apps.installation import Installation, open_installation
from opswarden.apps.mcp.identity import Identities
from opswarden.apps.mcp.opening import open_server
from opswarden.apps.mcp.server import McpServer
from opswarden.apps.mcp.transports import http_server
from opswarden.evals.cases import Case
from opswarden.tests.doubles.oidc_issuer import OidcIssuer

ANA, BOT, FINOPS = "ana-" + "t" * 30, "bot-" + "t" * 30, "fin-" + "t" * 30
RESOURCE = "https://mcp.example.com/mcp"


@dataclass(frozen=True)
class Serving:
    """A server that runs, and what it runs on."""

    installation: Installation
    server: McpServer
    http: HttpServer
    effects: Path
    issuer: OidcIssuer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.port}/mcp"

    def records(self, run_id: str) -> list[tuple[str, dict[str, Any]]]:
        return [(entry.kind, dict(entry.body)) for entry in self.installation.ledger.of_run(run_id)]


def settings_of(issuer: str, folder: Path) -> str:
    """A configuration with callers of each kind."""
    (folder / "bot.token").write_text(BOT)
    return "\n".join(
        [
            "version = 1",
            'packages = ["opswarden.tests.apps.packages.levers:register"]',
            f'state_dir = "{folder / "state"}"',
            "[people.ana]",
            'roles = ["oncall"]',
            'known_as = ["ana@example.com"]',
            '[gate.stages.platform."*"]',
            '"levers.pull" = "act"',
            "[identity.oidc]",
            f"issuer = {json.dumps(issuer)}",
            "[mcp]",
            "request_kb = 16",
            "[mcp.oauth]",
            f"resource = {json.dumps(RESOURCE)}",
            'clients = ["desktop"]',
            "[mcp.callers.ana]",
            'person = "ana"',
            'token_env = "ANA_TOKEN"',
            "[mcp.callers.bot]",
            f"token_file = {json.dumps(str(folder / 'bot.token'))}",
            'environment = "moon"',
            "[mcp.callers.cost]",
            'role = "finops"',
            'token_env = "FINOPS_TOKEN"',
            "",
        ]
    )


@pytest.fixture(scope="module")
def serving(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("mcp")
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        patch.chdir(folder)
        patch.delenv("OPSWARDEN_SOAK", raising=False)
        patch.setattr("opswarden.apps.installation.current_person", lambda: "zoe")
        patch.setenv("ANA_TOKEN", ANA)
        patch.setenv("FINOPS_TOKEN", FINOPS)
        patch.setenv("LEVERS_FILE", str(folder / "effects"))
        issuer = stack.enter_context(OidcIssuer())
        (folder / "opswarden.toml").write_text(settings_of(issuer.url, folder))
        installation = stack.enter_context(open_installation())
        server = open_server(installation, case.snapshot, "production", None)
        stack.callback(server.sessions.close)
        identities = Identities(installation)
        http = stack.enter_context(http_server(server, installation.settings.mcp, identities, "127.0.0.1", 0))
        yield Serving(installation, server, http, folder / "effects", issuer)
