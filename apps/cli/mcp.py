"""`opswarden mcp`: our tools for clients of the Model Context Protocol."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import note

if TYPE_CHECKING:
    from ..installation import Installation
    from ..mcp.server import McpServer
    from ..people.callers import Caller


@click.group("mcp", invoke_without_command=True, short_help="Serve our tools to MCP clients, behind the gate.")
@click.option("--snapshot", type=click.Path(path_type=Path), help="Read this snapshot instead of running systems.")
@click.option(
    "--environment",
    metavar="NAME",
    help="Which of the systems' environments; with a snapshot, the only one to change something in.",
)
@click.option("--role", default="mcp", show_default=True, metavar="NAME", help="Agent role of the client over stdio.")
@click.option("--http", "listen", metavar="HOST:PORT", help="Serve over streamable HTTP; port 0 takes any.")
@click.pass_context
def command(
    context: click.Context, snapshot: Path | None, environment: str | None, role: str, listen: str | None
) -> int:
    """Serve the tools to a client that starts this command and speaks MCP over its stdin and stdout.

    With --http, clients come over the network, with a token each: `[mcp.callers.NAME]` lists them. Every call is
    decided, redacted and recorded like one of an agent of ours; each session is a run.
    """
    if context.invoked_subcommand is not None:
        return 0
    from ..installation import open_installation  # noqa: PLC0415 - keeps `--help` light
    from ..logs import protect_logs  # noqa: PLC0415 - the same

    _need_extra()
    with open_installation() as installation:
        protect_logs(installation.redaction, installation.settings.telemetry.log_format)
        if listen is None:
            _over_stdio(installation, snapshot, environment, role)
        else:
            _over_http(installation, snapshot, environment, listen)
    return 0


def _over_stdio(installation: Installation, snapshot: Path | None, environment: str | None, role: str) -> None:
    from ..installation import current_person  # noqa: PLC0415 - as above
    from ..mcp.transports import serve_stdio  # noqa: PLC0415 - as above
    from ..people.callers import Caller  # noqa: PLC0415 - as above

    me = Caller("stdio", role, installation.settings.team, f"person:{current_person()}")
    server = _server(installation, snapshot, environment, me)
    with closing(server.sessions):
        serve_stdio(server)


def _over_http(installation: Installation, snapshot: Path | None, environment: str | None, listen: str) -> None:
    from ..http.server import address  # noqa: PLC0415 - as above
    from ..mcp.identity import Identities  # noqa: PLC0415 - as above
    from ..mcp.transports import PATH, http_server  # noqa: PLC0415 - as above
    from ..stopping import Stop  # noqa: PLC0415 - as above

    host, port = address(listen)
    identities = Identities(installation)
    server = _server(installation, snapshot, environment, None)
    stop = Stop()
    with (
        stop.on_signals(),
        closing(server.sessions),
        http_server(server, installation.settings.mcp, identities, host, port) as serving,
    ):
        note(f"MCP on {host} port {serving.port} at {PATH}; stop it with Ctrl-C")
        serving.wait(stop)
        note("stopped")


def _server(
    installation: Installation, snapshot: Path | None, environment: str | None, local: Caller | None
) -> McpServer:
    from ..mcp.opening import open_server  # noqa: PLC0415 - as above

    return open_server(installation, snapshot, environment, local)


def _need_extra() -> None:
    from importlib.util import find_spec  # noqa: PLC0415 - as above

    from ...core.errors import ConfigError  # noqa: PLC0415 - as above

    if find_spec("mcp") is None:
        raise ConfigError("the package `mcp` is not installed", remedy="install opswarden with the extra `mcp`")


@command.command("servers")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def servers(style: str) -> int:
    """Look at other people's MCP servers that are configured, and how the listed tools stand.

    A tool is called only as long as it is what somebody accepted: its name, description and schemas.
    """
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..mcp.servers import look_at  # noqa: PLC0415 - as above
    from .console import emit_json, out  # noqa: PLC0415 - as above

    _need_extra()
    with open_installation() as installation:
        found = look_at(installation)
    if style == "json":
        keys = ("server", "tool", "foreign", "effect", "environment", "state", "why")
        emit_json([{key: getattr(each, key) for key in keys} for each in found])
        return 0
    from rich.table import Table  # noqa: PLC0415 - as above

    table = Table("tool", "effect", "environment", "state", box=None)
    for each in found:
        table.add_row(each.tool, each.effect, each.environment, each.state)
    out().print(table) if found else note("no MCP server is configured")
    for line in dict.fromkeys(each.why for each in found if each.why):
        note(line)
    return 0


@command.command("accept")
@click.argument("server")
@click.option("--tool", "only", metavar="NAME", help="Only this one, by our name for it.")
@click.option("--yes", is_flag=True, help="Accept what is shown without being asked.")
def accept_command(server: str, only: str | None, yes: bool) -> int:
    """Show what SERVER says of its listed tools that nobody has accepted, or that has changed, and accept it.

    Everything shown was written by the server. Nothing of it reaches a model: for those the configuration describes a
    tool. Ends with 1 if something is left that is not accepted.
    """
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above
    from ..mcp.servers import accept, difference, look_at  # noqa: PLC0415 - as above

    _need_extra()
    left = 0
    with open_installation() as installation:
        for each in look_at(installation, server):
            if each.state == "accepted" or only not in (None, each.tool):
                continue
            if each.listed is None:
                note(f"{each.tool}: {each.why or 'the server has no such tool'}")
                left += 1
                continue
            click.echo(f"{each.tool} ({each.effect} in {each.environment}) is {each.state}:")
            for line in difference(installation, each):
                click.echo(f"  {line}")
            if yes or click.confirm(f"Accept {each.tool}?", default=False, err=True):
                accept(installation, each, f"person:{current_person()}")
                note(f"accepted {each.tool}")
            else:
                left += 1
    return 1 if left else 0
