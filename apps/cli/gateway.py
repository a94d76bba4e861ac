"""`opswarden gateway`: language models for agents built elsewhere, behind the gate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .console import emit_json, note


@click.group("gateway", invoke_without_command=True, short_help="Serve models to agents built elsewhere, by contract.")
@click.option("--listen", default="127.0.0.1:8490", show_default=True, metavar="HOST:PORT", help="Port 0 takes any.")
@click.pass_context
def command(context: click.Context, listen: str) -> int:
    """Serve the configured models as an OpenAI-compatible endpoint, to agents that have a contract.

    Requests are redacted, decided and recorded; answers get those values back that the same conversation sent. It has
    keys and a ledger of its own, and is off until `gateway.contracts` names a folder.
    """
    if context.invoked_subcommand is not None:
        return 0
    from importlib.util import find_spec  # noqa: PLC0415 - keeps `--help` light

    from ...core.errors import ConfigError  # noqa: PLC0415 - the same
    from ...redaction.settings import redaction_of  # noqa: PLC0415 - the same
    from ..http.server import address  # noqa: PLC0415 - the same
    from ..logs import protect_logs  # noqa: PLC0415 - the same
    from ..packages import load_packages  # noqa: PLC0415 - the same
    from ..settings import load_settings  # noqa: PLC0415 - the same
    from ..stopping import Stop  # noqa: PLC0415 - the same

    if find_spec("starlette") is None or find_spec("uvicorn") is None:
        raise ConfigError("the gateway's packages are not installed", remedy="install the extra `gateway`")
    from ..gateway.opening import open_gateway  # noqa: PLC0415 - the same

    settings = load_settings()
    protect_logs(
        redaction_of(settings.redaction, load_packages(settings.packages).recognizers), settings.telemetry.log_format
    )
    stop = Stop()
    with stop.on_signals(), open_gateway(settings, *address(listen)) as serving:
        note(f"gateway on port {serving.port} at /v1; stop it with Ctrl-C")
        serving.wait(stop)
        note("stopped")
    return 0


@command.group("contract")
def contract_group() -> None:
    """Contracts: what each agent may have."""


@contract_group.command("check")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def check(file: Path, style: str) -> int:
    """Check the contract in FILE against the settings: its models, its data, the policy that it is.

    Ends with 1 if the agent could not be served as the contract says.
    """
    from ..gateway.checking import checked  # noqa: PLC0415 - keeps `--help` light
    from ..gateway.contracts import read_contract  # noqa: PLC0415 - the same
    from ..settings import load_settings  # noqa: PLC0415 - the same

    contract, settings = read_contract(file), load_settings()
    problems = checked(contract, settings)
    if style == "json":
        emit_json({"name": contract.name, "role": contract.role, "problems": problems, "policy": contract.policy.text})
    else:
        _show(contract, problems)
    return 1 if problems else 0


def _show(contract: Any, problems: list[str]) -> None:
    day, hour = contract.budgets.day, contract.budgets.hour
    click.echo(f"{contract.name}: agent role {contract.role} of team {contract.team} in {contract.environment}")
    click.echo(f"  models  {', '.join(contract.models)}")
    click.echo(f"  tools   {', '.join(contract.tools) or 'none'}")
    click.echo(f"  data    {', '.join(contract.data) or 'none declared'}")
    for name, budget in (("hour", hour), ("day", day)):
        told = [f"{value} {key}" for key, value in budget.model_dump(exclude_none=True).items()]
        click.echo(f"  {name:6}  {', '.join(told) or 'no limit'}")
    for problem in problems:
        click.echo(f"problem: {problem}")
