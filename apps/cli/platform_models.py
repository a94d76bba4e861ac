"""`opswarden platform check|promote|rollback|history|sign-off`."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .console import emit_json, note, note_in_thread

if TYPE_CHECKING:
    from ...core.canonical import JsonValue
    from ..platform.models import Asked

_ENVIRONMENT = click.option("--environment", metavar="NAME", help="Where; needed if registries reach several.")
_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)
_RUN = click.option("--run", "run_id", metavar="RUN", help="Go on with a run that waited for a person.")
_REASON = click.option("--reason", default="", help="Why, for the history; at most 300 characters.")


@click.command("check")
@click.argument("model")
@click.argument("version", type=click.IntRange(1))
@_ENVIRONMENT
@_FORMAT
def check(model: str, version: int, environment: str | None, style: str) -> int:
    """Check VERSION of MODEL against the champion, before it is promoted. Exit code 1 unless every check passes."""
    asked = _asked("models.check", {"model": model, "version": version}, environment)
    summary = _summary(asked)
    if summary is None:
        return _told(asked, style)
    if style == "json":
        emit_json({"run_id": asked.run_id, "seq": asked.result.seq, **summary})
    else:
        from .approval_page import inert  # noqa: PLC0415 - keeps `--help` light

        against = "no champion" if summary["champion"] is None else f"champion {summary['champion']}"
        click.echo(
            f"{summary['result']}: {model} version {version} of {summary['source_environment']} for "
            f"{summary['environment']}, against {against}"
        )
        for one in summary["checks"]:
            click.echo(inert(f"  {one['result']:12}  {one['name']:24}  {': '.join((one['why'], *one['named']))}"))
        click.echo(f"what they saw: {summary['digest']}, ledger entry {asked.result.seq}")
    return 0 if summary["result"] == "pass" else 1


@click.command("promote")
@click.argument("model")
@click.argument("version", type=click.IntRange(1))
@_ENVIRONMENT
@_REASON
@_RUN
@_FORMAT
def promote(model: str, version: int, environment: str | None, reason: str, run_id: str | None, style: str) -> int:
    """Make VERSION of MODEL, of the environment before, the champion, if its checks pass at that moment."""
    args = {"model": model, "version": version, "reason": reason}
    again = ("promote", model, str(version), *_given(environment, reason))
    return _told(_asked("models.promote", args, environment, run_id), style, again)


@click.command("rollback")
@click.argument("model")
@click.option("--to", type=click.IntRange(1), help="The champion to go back to; the last approved one if absent.")
@_ENVIRONMENT
@_REASON
@_RUN
@click.option("--triage", metavar="RUN", help="The triage that proposes it: shown in its thread until somebody agrees.")
@_FORMAT
def rollback(
    model: str, to: int | None, environment: str | None, reason: str, run_id: str | None, triage: str | None, style: str
) -> int:
    """Give MODEL back to an earlier champion that its checks approved."""
    args = {"model": model, "reason": reason, **({} if to is None else {"to": to})}
    again = ("rollback", model, *(() if to is None else ("--to", str(to))), *_given(environment, reason))
    asked = _asked("models.rollback", args, environment, run_id)
    if triage is not None and asked.result.approval_id:
        note_in_thread(asked.result.approval_id, triage)
    return _told(asked, style, again)


@click.command("history")
@click.argument("model")
@click.option("--limit", default=20, type=click.IntRange(1, 200), show_default=True)
@_ENVIRONMENT
@_FORMAT
def history(model: str, limit: int, environment: str | None, style: str) -> int:
    """Who moved the alias of MODEL, when and why. Exit code 1 if somebody moved it outside of opswarden."""
    asked = _asked("models.history", {"model": model, "limit": limit}, environment)
    summary = _summary(asked)
    if summary is None:
        return _told(asked, style)
    if style == "json":
        emit_json({"run_id": asked.run_id, **summary})
    else:
        click.echo(f"{summary['alias']} of {model} is version {summary['version']}")
        if summary["is_elsewhere"]:
            click.echo("it is not where our last move left it: somebody moved it outside of opswarden")
        if summary["staged"]:
            click.echo(f"versions with a stage of the old kind: {', '.join(map(str, summary['staged']))}")
        for move in summary["moves"]:
            click.echo(
                f"  {move['begun']}  {move['kind']:8} {move['state']:9} {move['version_before']} -> "
                f"{move['version_after']}  {move['run_id']}  {move['reason']}".rstrip()
            )
    return 1 if summary["is_elsewhere"] else 0


@click.command("confirm")
@click.argument("model")
@click.option("--snapshot", type=click.Path(path_type=Path), required=True, help="That has predictions since the move.")
@_ENVIRONMENT
def confirm(model: str, snapshot: Path, environment: str | None) -> int:
    """Whether the predictions in a snapshot show the last move of MODEL. Exit code 1 unless they do."""
    from ..installation import open_installation  # noqa: PLC0415 - keeps `--help` light
    from ..logs import protect_logs  # noqa: PLC0415 - the same
    from ..platform.models import confirm_move  # noqa: PLC0415 - the same

    with open_installation() as installation:
        protect_logs(installation.redaction)
        found = confirm_move(installation, model, snapshot, environment)
    click.echo(f"{found.result}: {found.why}")
    return 0 if found.result == "confirmed" else 1


@click.command("sign-off")
@click.argument("model")
@click.argument("version", type=click.IntRange(1))
@click.option("--role", required=True, help="The role with which you sign.")
@click.option("--environment", metavar="NAME", required=True, help="The environment that has the version.")
def sign_off(model: str, version: int, role: str, environment: str) -> int:
    """Sign VERSION of MODEL off, with a role that you hold at this moment; checks of kind `approvals` ask for it."""
    from ...core.errors import CallDenied  # noqa: PLC0415 - keeps `--help` light
    from ...policies.ledger.types import LedgerEntry  # noqa: PLC0415 - the same
    from ...policies.switches import INSTALLATION  # noqa: PLC0415 - the same
    from ...tools.models.sign_offs import SignOffBook  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..people.roles import who_answers  # noqa: PLC0415 - the same

    with open_installation() as installation:
        person, held = who_answers(installation, None)
        if role not in held.roles:
            raise CallDenied("you do not hold that role", code="sign-off-role", remedy="ask somebody who does")
        who = f"person:{person.name}"
        body: dict[str, JsonValue] = {
            "model": model,
            "version": version,
            "environment": environment,
            "signed_as": role,
            "by": who,
        }
        installation.ledger.append([LedgerEntry("model.signed_off", INSTALLATION, body)])
        SignOffBook(installation.database, installation.clock).give(environment, model, version, role, who)
    click.echo(f"signed off as {role}")
    return 0


def _asked(tool: str, args: Mapping[str, Any], environment: str | None, run_id: str | None = None) -> Asked:
    from ..installation import open_installation  # noqa: PLC0415 - keeps `--help` light
    from ..logs import protect_logs  # noqa: PLC0415 - the same
    from ..platform.models import ask_models  # noqa: PLC0415 - the same

    with open_installation() as installation:
        protect_logs(installation.redaction)
        return ask_models(installation, tool, args, environment, run_id)


def _summary(asked: Asked) -> Mapping[str, Any] | None:
    return asked.result.summary if isinstance(asked.result.summary, Mapping) else None


def _given(environment: str | None, reason: str) -> tuple[str, ...]:
    """The options that make a call the same when it is gone on with."""
    where = () if environment is None else ("--environment", environment)
    return (*where, *(("--reason", reason) if reason else ()))


def _told(asked: Asked, style: str, again: Sequence[str] = ()) -> int:
    """Say what came of a call, and give the exit code for it."""
    result, summary = asked.result, _summary(asked)
    if style == "json":
        emit_json(
            {
                "run_id": asked.run_id,
                "status": result.status,
                "code": result.code,
                "approval_id": result.approval_id or None,
                "seq": result.seq,
                "message": result.message,
                "moved": summary,
            }
        )
    elif result.status == "ok" and summary is not None:
        click.echo(
            f"{summary['alias']} of {summary['model']} moved from version {summary['version_before']} to "
            f"{summary['version_after']} (move {summary['move']}, ledger entry {result.seq})"
        )
    elif result.approval_id:
        note(result.message)
        note(f"then: opswarden platform {shlex.join((*again, '--run', asked.run_id))}")
    else:
        note(f"{result.status}: {result.message}")
    if result.approval_id:
        return 5
    if result.status == "denied":
        return 4
    if result.status == "error":
        return 1 if result.code == "tool-failed" else 3
    return 0
