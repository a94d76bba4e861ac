"""`opswarden policy re-decide`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import emit_json, since_moment, steps

if TYPE_CHECKING:
    from ...policies.re_decide import ReDecided

_SHOWN = 200
_TOLD_EVERY = 1_000


@click.command("re-decide")
@click.option("--since", metavar="TIME", help="Only decisions recorded from this moment on: 2026-01-31T08:00:00Z.")
@click.option("--run", "run_id", help="Only decisions of this run.")
@click.option(
    "--policies",
    "folders",
    multiple=True,
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Try the policies of this folder in the place of the configured folders; can be given several times.",
)
@click.option("--environment", default="production", show_default=True)
@click.option("--gateway", "of_gateway", is_flag=True, help="The gateway's decisions, with what its contracts permit.")
@click.option("--require-same", is_flag=True, help="Exit 1 if a decision would now be another, or nobody can tell.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(
    since: str | None,
    run_id: str | None,
    folders: tuple[Path, ...],
    environment: str,
    of_gateway: bool,
    require_same: bool,
    style: str,
) -> int:
    """Try the policies on every decision in the ledger: what would now be allowed, asked, denied or is undecidable.

    The built-in policies always count; add yours with --policies, or leave it out to try those that are configured.
    Nothing is run or recorded.
    """
    from ...policies.re_decide import re_decide  # noqa: PLC0415 - keeps `--help` light
    from ..gateway.looking import look  # noqa: PLC0415 - the same

    moment = None if since is None else since_moment(since)
    with look(of_gateway=of_gateway) as looked:
        engine, ledger = looked.engine(environment, folders), looked.installation.ledger
        entries = ledger.of_run(run_id) if run_id else ledger.entries()
        wanted = (entry for entry in entries if moment is None or entry.ts >= moment)
        counts: Counter[tuple[str, str]] = Counter()
        changed: list[ReDecided] = []
        with steps("re-deciding", quiet=style == "json") as step:
            for number, found in enumerate(re_decide(engine, wanted), 1):
                counts[_word(found.before), _word(found.now)] += 1
                if found.is_changed:
                    changed.append(found)
                if number % _TOLD_EVERY == 0:
                    step(f"{number:,} decisions")
    if style == "json":
        emit_json(_as_json(counts, changed, engine.policy_hash))
    else:
        _print(counts, changed)
    return 1 if require_same and changed else 0


def _word(decision: str) -> str:
    return decision.partition(" ")[0]


def _print(counts: Counter[tuple[str, str]], changed: Sequence[ReDecided]) -> None:
    from ...policies.ledger.read import inert  # noqa: PLC0415 - as above

    for found in changed[:_SHOWN]:
        why = f" ({found.why})" if found.why else ""
        click.echo(inert(f"entry {found.seq}, {found.action}: {found.before} -> {found.now}{why}"))
    if len(changed) > _SHOWN:
        click.echo(f"and {len(changed) - _SHOWN} more; `--format json` has all of them")
    total = counts.total()
    if not total:
        click.echo("the ledger holds no such decision")
        return
    click.echo(f"{total} decisions, {len(changed)} of them would be others now or cannot be told:")
    for (before, now), count in sorted(counts.items()):
        click.echo(f"  {count:6}  {before} -> {now}")


def _as_json(counts: Counter[tuple[str, str]], changed: Sequence[ReDecided], policy_hash: str) -> dict[str, object]:
    return {
        "policy_hash": policy_hash,
        "decisions": counts.total(),
        "counts": [{"before": before, "now": now, "count": count} for (before, now), count in sorted(counts.items())],
        "changed": [
            {
                "seq": found.seq,
                "run_id": found.run_id,
                "action": found.action,
                "before": found.before,
                "now": found.now,
                "why": found.why,
            }
            for found in changed
        ],
    }
