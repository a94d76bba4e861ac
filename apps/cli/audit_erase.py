"""`opswarden audit erase|retain`: what entries say at length, taken away so that the ledger still verifies."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import click

from .console import emit_json, note

if TYPE_CHECKING:
    from ...policies.ledger.erasure import Erased

_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)


@click.command("erase")
@click.option("--run", "run_id", help="Erase what the records of this run say at length.")
@click.option("--before", metavar="DATE", help="Erase what was recorded before: 2026-01-31, or a moment with a zone.")
@click.option("--reason", required=True, help="Why, in one sentence; it is recorded.")
@_FORMAT
def erase(run_id: str | None, before: str | None, reason: str, style: str) -> int:
    """Erase arguments, results, texts and notes of records. The ledger verifies as before, and says that they are gone.

    You need one of the roles in `ledger.erase_roles`. That you erased, what and why is recorded in the same step.
    Decisions, policy ids, hashes, times and cost stay.
    """
    from ...policies.ledger.erasure import Selector  # noqa: PLC0415 - keeps `--help` light
    from ..installation import current_person, open_installation  # noqa: PLC0415 - the same
    from ..keeping.tidying import erasures_of  # noqa: PLC0415 - the same

    if (run_id is None) == (before is None):
        raise click.UsageError("name either --run or --before")
    selector = Selector(run_id=run_id, before=None if before is None else moment_of(before, "--before"))
    with open_installation() as installation:
        name = current_person()
        known = installation.settings.people.get(name)
        found = erasures_of(installation).erase(
            selector,
            person=f"person:{name}",
            roles=frozenset(known.roles if known else ()),
            reason=reason,
        )
    return _tell(found, style)


@click.command("retain")
@_FORMAT
def retain(style: str) -> int:
    """Erase payloads that are older than `ledger.payload_days`; recorded if there was anything. For a timer.

    A country's `payload_days` under `retention.countries` counts instead for runs that have read its data.
    """
    from ...core.errors import ConfigError  # noqa: PLC0415 - keeps `--help` light
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..keeping.tidying import keeps_payloads_for_good, retain_payloads  # noqa: PLC0415 - the same

    with open_installation() as installation:
        if keeps_payloads_for_good(installation):
            raise ConfigError(
                "nothing says how long payloads are kept", remedy="set `ledger.payload_days` in opswarden.toml"
            )
        found = retain_payloads(installation)
    return _tell(found, style)


def _tell(found: Erased, style: str) -> int:
    if not found.is_flushed:
        note("another process reads the database: old content stays in its write-ahead file until that ends")
    if style == "json":
        emit_json(vars(found))
    elif found.seq is None:
        click.echo("there was nothing to erase")
    else:
        reports = f" and {found.reports} kept reports" if found.reports else ""
        click.echo(f"erased {found.count} payloads{reports}; entry {found.seq} says so")
    return 0


def moment_of(text: str, option: str) -> datetime:
    """A day or a moment that a person typed.

    Raises:
        InputError: it is neither.
    """
    from ...core.clock import from_iso  # noqa: PLC0415 - as above
    from ...core.errors import InputError  # noqa: PLC0415 - as above

    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        pass
    try:
        return from_iso(text)
    except ValueError:
        raise InputError(f"{option} is no date", remedy="write it like 2026-01-31 or 2026-01-31T08:00:00Z") from None
