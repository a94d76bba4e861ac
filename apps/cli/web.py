"""`opswarden web`: runs, approvals, ledger and budgets for people's browsers, and the tokens they sign in with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .console import note

if TYPE_CHECKING:
    from ..installation import Installation
    from ..web.records import WebRecords

_MOST_HOURS = 24 * 30


@click.group(
    "web", invoke_without_command=True, short_help="Serve runs, approvals and the ledger to people's browsers."
)
@click.option("--listen", default="127.0.0.1:8470", show_default=True, metavar="HOST:PORT", help="Port 0 takes any.")
@click.pass_context
def command(context: click.Context, listen: str) -> int:
    """Serve pages with the runs, what waits for people, the ledger and the budgets, and /metrics.

    Only the people under `people` in opswarden.toml can sign in: with a token that `opswarden web token` makes, or with
    the issuer under `identity.oidc` where `web.address` is set.
    """
    if context.invoked_subcommand is not None:
        return 0
    from ..installation import open_installation  # noqa: PLC0415 - keeps `--help` light
    from ..logs import protect_logs  # noqa: PLC0415 - the same
    from ..stopping import Stop  # noqa: PLC0415 - the same
    from ..web.opening import web_server  # noqa: PLC0415 - the same

    stop = Stop()
    with open_installation() as installation, stop.on_signals():
        protect_logs(installation.redaction, installation.settings.telemetry.log_format)
        if not installation.settings.people:
            note("warning: nobody can sign in: opswarden.toml lists no `people`")
        with web_server(installation, listen) as server:
            note(f"web view on port {server.port}; stop it with Ctrl-C")
            server.wait(stop)
            note("stopped")
    return 0


@command.command("token")
@click.argument("name")
@click.option(
    "--hours", default=12, show_default=True, type=click.IntRange(1, _MOST_HOURS), help="How long it is good for."
)
def token(name: str, hours: int) -> int:
    """Make a token with which NAME signs in to the web view; it is shown once and kept nowhere.

    Recorded with your own name: a token that you made for somebody else never makes them the second person of a run of
    yours.
    """
    from datetime import timedelta  # noqa: PLC0415 - as above

    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        if name not in installation.settings.people:
            raise InputError("nobody of this name is listed", remedy="add them under `people` in opswarden.toml")
        made = _records(installation).make_token(name, f"person:{current_person()}", timedelta(hours=hours))
    click.echo(made)
    note(f"good for {hours} hours; take it back with: opswarden web revoke {name}")
    return 0


@command.command("revoke")
@click.argument("name")
def revoke(name: str) -> int:
    """Take back every token of NAME, and sign them out everywhere."""
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        count = _records(installation).revoke(name, f"person:{current_person()}")
    click.echo(f"{count} tokens and sign-ins are over" if count else "there was nothing to take back")
    return 0


def _records(installation: Installation) -> WebRecords:
    from ..web.records import WebRecords  # noqa: PLC0415 - as above

    own = installation.settings.web
    return WebRecords(
        installation.database,
        installation.ledger,
        installation.clock,
        session_s=own.session_s,
        idle_s=own.idle_s,
    )
