"""`opswarden audit rerun`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from .console import emit_json, out

if TYPE_CHECKING:
    from ...policies.rerun import Rerun, RerunStep

_MOST_ARGS_CHARS = 80
_SAID = {
    "by-gate": "refused by the gate after the policies",
    "not-asked": "refused before the policies were asked",
}


@click.command("rerun")
@click.argument("run_id", metavar="RUN")
@click.option("--environment", default="production", show_default=True)
@click.option(
    "--gateway", "of_gateway", is_flag=True, help="A conversation of the gateway, with what its contracts permit."
)
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(run_id: str, environment: str, of_gateway: bool, style: str) -> int:
    """Repeat RUN from its records: every step, decision, piece of evidence and cost, and what the records lack.

    Every decision is made again by the policies at hand. Exit 1 if they are the very set that decided and decide
    otherwise. Nothing is run or recorded.
    """
    from ...policies.rerun import rerun  # noqa: PLC0415 - keeps `--help` light
    from ..gateway.looking import look  # noqa: PLC0415 - the same

    with look(of_gateway=of_gateway) as looked:
        installation, engine = looked.installation, looked.engine(environment)
        ledger = installation.ledger
        found = rerun(
            run_id,
            ledger.of_run(run_id),
            engine,
            waiting=installation.fallback.waiting(ledger),
            kept=installation.artifacts.kept,
        )
    if style == "json":
        emit_json(_as_json(found))
    else:
        _print(found)
    return 1 if found.contradictions else 0


def _print(found: Rerun) -> None:
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    from ...core.clock import to_iso  # noqa: PLC0415 - as above
    from ...policies.ledger.read import inert  # noqa: PLC0415 - as above

    start, totals = found.start, found.totals
    who = f"{start.get('role', '?')} for {start.get('on_behalf_of', '?')}, team {start.get('team', '?')}"
    click.echo(inert(f"{found.run_id}: {who}, began {to_iso(found.steps[0].at)}, ended: {found.outcome or 'no'}"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("after", "seq", "kind", "about", "what", "evidence"):
        is_number = name in ("after", "seq")
        table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number or name == "kind")
    for step in found.steps:
        seq = "journal" if step.seq is None else str(step.seq)
        cells = (f"{step.after_s:.3f} s", seq, step.kind, _about(step), _what(step), step.evidence)
        table.add_row(*(Text(inert(cell)) for cell in cells))
    out().print(table)
    decided = ", ".join(f"{count} {word}" for word, count in totals.decisions.items())
    click.echo(inert(f"decided: {decided or 'nothing'}"))
    click.echo(
        f"cost: {totals.tokens_in} tokens in, {totals.tokens_out} out, {totals.cost_microusd / 1e6:.6f} USD,"
        f" {totals.wall_s:.3f} s"
    )
    _print_findings(found)


def _print_findings(found: Rerun) -> None:
    from ...policies.ledger.read import inert  # noqa: PLC0415 - as above

    counts = {word: sum(step.standing == word for step in found.steps) for word in ("same", "by-gate", "not-asked")}
    counted = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    same_set = found.policy_hashes == (found.policy_hash,)
    hand = "the same set that decided" if same_set else "not the set that made all of these decisions"
    click.echo(f"decided again by the policy set {found.policy_hash[:16]}, {hand}: {counted or 'nothing'}")
    for step in found.steps:
        if step.standing in ("differs", "other-policies", "undecidable"):
            why = f" ({step.why})" if step.why else ""
            mark = "CONTRADICTION: " if step.standing == "differs" else f"{step.standing}: "
            before = f"{step.text('decision')} {step.text('code')}"
            click.echo(inert(f"{mark}entry {step.seq}, {step.about}: {before} -> {step.now}{why}"))
    for step in found.still_open:
        place = "a line of the fallback journal" if step.seq is None else f"entry {step.seq}"
        click.echo(inert(f"open: {place}, {step.about}: no record says what came of it"))
    for line in found.missing:
        click.echo(f"missing: {line}")


def _about(step: RerunStep) -> str:
    args = step.body.get("args")
    if step.kind != "call.decided" or not args:
        return step.about
    text = json.dumps(args, ensure_ascii=False, separators=(", ", ": "))
    return f"{step.about} {text[:_MOST_ARGS_CHARS]}{'…' if len(text) > _MOST_ARGS_CHARS else ''}"


def _what(step: RerunStep) -> str:
    verb, _, moment = step.kind.partition(".")
    if moment == "decided":
        again = "" if step.standing in (None, "same") else f"; {_SAID.get(step.standing, f'now {step.now}')}"
        ids = step.body.get("policy_ids")
        more = [str(one) for one in ids if one != step.text("code")] if isinstance(ids, list) else []
        by = f" with {', '.join(more)}" if more else ""
        return f"{step.text('decision')} {step.text('code')}{by}{again}"
    if verb == "approval":
        roles = step.body.get("roles")
        asked = ", ".join(map(str, roles)) if isinstance(roles, list) else ""
        said = " ".join(filter(None, (step.text("answer"), step.person, step.text("note"))))
        return f"asks {asked}" if moment == "requested" else said
    if step.kind == "run.started":
        return "goes on" if step.body.get("is_resumed") else "begins"
    parts = [step.text("status") or step.text("outcome") or step.person, *_measured(step)]
    if step.artifact is not None:
        parts.append(f"{step.number('artifact_rows')} rows {step.artifact}")
    return ", ".join(filter(None, parts))


def _measured(step: RerunStep) -> list[str]:
    parts = []
    if step.text("error"):
        parts.append(step.text("error"))
    if "duration_ms" in step.body:
        parts.append(f"{step.number('duration_ms')} ms")
    if "tokens_in" in step.body:
        parts.append(f"{step.number('tokens_in')} + {step.number('tokens_out')} tokens")
    if step.number("cost_microusd"):
        parts.append(f"{step.number('cost_microusd') / 1e6:.6f} USD")
    return parts


def _as_json(found: Rerun) -> dict[str, object]:
    from ...core.clock import to_iso  # noqa: PLC0415 - as above

    return {
        "run_id": found.run_id,
        "start": dict(found.start),
        "outcome": found.outcome,
        "policy_hash": found.policy_hash,
        "policy_hashes": list(found.policy_hashes),
        "steps": [{**vars(step), "at": to_iso(step.at), "body": dict(step.body)} for step in found.steps],
        "totals": {**vars(found.totals), "decisions": dict(found.totals.decisions)},
        "contradictions": [step.seq for step in found.contradictions],
        "open": [{"seq": step.seq, "call_id": step.call_id, "about": step.about} for step in found.still_open],
        "missing": list(found.missing),
    }
