"""`opswarden policy check|test|explain|re-decide`."""

from __future__ import annotations

import difflib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from .console import emit_json
from .policy_re_decide import command as policy_re_decide
from .policy_test import command as policy_test

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ...core.canonical import JsonValue
    from ...core.errors import OpswardenError
    from ...policies.data_facts import DataLabel
    from ...policies.explain import Circumstances, Explanation
    from ...tools.spec import AnyTool
    from ..installation import Installation

_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)


@click.group("policy", short_help="Check and test the policies, or explain a decision.")
def command() -> None:
    """Check and test the policies, explain a decision, try others on old decisions. Nothing is run or recorded."""


command.add_command(policy_test)
command.add_command(policy_re_decide)


@command.command("check")
@click.option("--environment", default="production", show_default=True)
@_FORMAT
def check_policies(environment: str, style: str) -> int:
    """Load every policy, validate it against the tools, and run the self-tests. Exit 2 names what is wrong.

    Exit 1 names each rule that can never match, and each permit whose every call another rule forbids.
    """
    from ...policies.explain import check  # noqa: PLC0415 - keeps `--help` light
    from ..boundaries import declared_boundaries  # noqa: PLC0415 - the same
    from ..catalogue import declared_tools  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..people.callers import caller_roles  # noqa: PLC0415 - the same
    from ..stages import raised_by_configuration  # noqa: PLC0415 - the same

    with open_installation() as installation:
        folders = (*installation.registry.policy_folders, *installation.settings.gate.policy_folders)
        registry = installation.registry
        tools = declared_tools(installation, environment)
        # Our own tools act in whatever environment their data come from.
        moving = [tool.name for tool in tools if tool.name not in registry.tools]
        environments = declared_boundaries(installation).environments.names
        report = check(tools, folders, {*registry.agents, *caller_roles(installation.settings)}, moving, environments)
        raised = raised_by_configuration(installation)
    if style == "json":
        emit_json(
            {
                "policies": [
                    {
                        "id": note.id,
                        "effect": note.effect,
                        "reason": note.reason,
                        "file": note.file,
                        "roles": note.roles,
                    }
                    for note in report.policies
                ],
                "tools": report.tools,
                "policy_hash": report.policy_hash,
                "never": [{"id": one.policy_id, "file": one.file, "why": one.why} for one in report.never],
                "raised_by_configuration": list(raised),
            }
        )
        return 1 if report.never else 0
    for note in report.policies:
        lifted = f"  [lifted by {', '.join(note.roles)}]" if note.roles else ""
        click.echo(f"{note.effect:7} {note.id:32} {note.reason}{lifted}")
    click.echo(f"{len(report.policies)} policies hold for {report.tools} tools; policy set {report.policy_hash[:16]}")
    for one in report.never:
        click.echo(f"never matches: {one.policy_id} ({one.file}): {one.why}")
    for line in raised:
        click.echo(f"WARNING: acts by the configuration alone, without a recorded step: {line}")
    return 1 if report.never else 0


@command.command("explain")
@click.argument("tool")
@click.option("--args", "args_text", metavar="JSON", help="Arguments; without them, empty ones of the right types.")
@click.option("--role", default="triage", show_default=True, help="The agent's role.")
@click.option("--on-behalf-of", default="person:somebody", show_default=True)
@click.option("--environment", default="production", show_default=True)
@click.option("--tainted", is_flag=True, help="As if the run had read text that outsiders can write.")
@click.option("--read", "read", metavar="LABEL", multiple=True, help="As if it had read such data: BR/personal.")
@click.option("--run-environment", metavar="NAME", help="As if it had been opened for that environment.")
@_FORMAT
def explain_decision(
    tool: str,
    args_text: str | None,
    role: str,
    on_behalf_of: str,
    environment: str,
    tainted: bool,
    read: tuple[str, ...],
    run_environment: str | None,
    style: str,
) -> int:
    """Say what the policies decide for TOOL and what would have to change. Exit 0 allow, 4 deny, 5 ask."""
    from ...policies.explain import explain  # noqa: PLC0415 - keeps `--help` light
    from ..catalogue import declared_tools  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..wiring import policy_engine  # noqa: PLC0415 - the same

    args, labels = _args_of(args_text), _labels_of(read)
    with open_installation() as installation:
        tools = {item.name: item for item in declared_tools(installation, environment)}
        if tool not in tools:
            raise _no_such_tool(tool, tools)
        circumstances = replace(
            _circumstances(installation, tools, tool, environment, role, on_behalf_of),
            run_tainted=tainted,
            read=labels,
            run_environment=run_environment,
        )
        engine = policy_engine(installation, tuple(tools.values()))
        found = explain(engine, tools[tool], args, circumstances, installation.clock)
    if style == "json":
        emit_json(_as_json(found))
    else:
        _print(found)
    return {"allow": 0, "deny": 4, "ask": 5}[found.decision.word]


def _args_of(text: str | None) -> dict[str, JsonValue] | None:
    from ...core.errors import InputError  # noqa: PLC0415 - as above

    if text is None:
        return None
    try:
        args = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError("--args is no JSON", remedy="hand in one JSON object") from error
    if not isinstance(args, dict):
        raise InputError("--args is no JSON object", remedy="hand in one JSON object")
    return args


def _labels_of(read: Sequence[str]) -> frozenset[DataLabel]:
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ...policies.data_facts import label_of  # noqa: PLC0415 - the same

    try:
        return frozenset(map(label_of, read))
    except ValueError as error:
        raise InputError(f"--read: {error}", remedy="write it like BR/personal") from None


def _no_such_tool(name: str, tools: Collection[str]) -> OpswardenError:
    from ...core.errors import InputError  # noqa: PLC0415 - as above

    near = difflib.get_close_matches(name, tools, n=1)
    hint = f"did you mean {near[0]}?" if near else f"tools: {', '.join(sorted(tools))}"
    return InputError("there is no such tool", remedy=hint)


def _circumstances(
    installation: Installation, tools: Mapping[str, AnyTool], tool: str, environment: str, role: str, who: str
) -> Circumstances:
    """How things stand in the installation now."""
    from ...policies.explain import Circumstances  # noqa: PLC0415 - as above
    from ...policies.freezes import Freezes  # noqa: PLC0415 - the same
    from ...policies.types import Principal  # noqa: PLC0415 - the same
    from ..boundaries import declared_boundaries  # noqa: PLC0415 - the same
    from ..wiring import recorded_stages  # noqa: PLC0415 - the same

    gate, team, now = installation.settings.gate, installation.settings.team, installation.clock.now()
    boundaries = declared_boundaries(installation)
    return Circumstances(
        principal=Principal(role, who, team),
        stage=recorded_stages(installation, tools).stage_of(tool, team=team, environment=environment),
        writes_stopped=installation.switch.stops_writes(),
        frozen=bool(Freezes(gate.freezes).binding(team=team, environment=environment, now=now)),
        emergency=installation.emergencies.in_force(team=team, environment=environment) is not None,
        limits=gate.limits,
        residency=boundaries.residency,
        environments=boundaries.environments,
    )


def _as_json(found: Explanation) -> dict[str, object]:
    return {
        "tool": found.tool,
        "decision": found.decision.word,
        "code": found.decision.code,
        "stage": found.stage,
        "resource": found.resource,
        "environment": found.environment,
        "deciding": [note.id for note in found.deciding],
        "near": [note.id for note in found.near],
        "to_change": list(found.to_change),
    }


def _print(found: Explanation) -> None:
    decision = found.decision
    click.echo(f"{decision.word.upper()} ({decision.code}): {found.tool} on {found.resource} in {found.environment}")
    click.echo(f"stage: {found.stage}")
    for note in found.deciding:
        click.echo(f"decided by {note.id} ({note.file}): {note.reason}")
    for line in found.to_change:
        click.echo(f"to change it: {line}")
