"""`opswarden agent NAME`: run an agent that a listed package adds."""

from __future__ import annotations

import json
from contextlib import closing, nullcontext
from pathlib import Path

import click

from .console import emit_json


@click.command("agent", short_help="Run an agent that a package adds.")
@click.argument("name")
@click.option("--snapshot", type=click.Path(path_type=Path), help="A snapshot whose tools the agent may ask for.")
@click.option("--input", "input_text", default="{}", metavar="JSON", help="The state the graph starts with.")
@click.option("--environment", metavar="NAME", help="The only one in which it may change something.")
@click.option("--ticket", default="", metavar="ID", help="The change ticket of this run, where its writes need one.")
@click.option("--apart", is_flag=True, help="Run it in an agent process that holds nothing; see docs/runner.md.")
def command(
    name: str, snapshot: Path | None, input_text: str, environment: str | None, ticket: str, apart: bool
) -> int:
    """Run the agent NAME of a package listed under `packages`, behind the gate, and print its end state as JSON."""
    from ...core.errors import InputError  # noqa: PLC0415 - keeps `--help` light
    from ...tools.snapshots.store import SnapshotStore  # noqa: PLC0415 - the same
    from ..agents import run_agent  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..logs import protect_logs  # noqa: PLC0415 - the same

    try:
        graph_input = json.loads(input_text)
    except json.JSONDecodeError as error:
        raise InputError("--input is no JSON", remedy="hand in one JSON object") from error
    if not isinstance(graph_input, dict):
        raise InputError("--input is no JSON object", remedy="hand in one JSON object")
    with open_installation() as installation:
        protect_logs(installation.redaction)
        with closing(SnapshotStore(snapshot)) if snapshot else nullcontext() as store:
            run_agent(installation, name, graph_input, store, emit_json, environment, ticket=ticket, is_apart=apart)
    return 0
