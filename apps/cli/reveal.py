"""`opswarden reveal`: one value from the vault, for a person who may see it, as a recorded act."""

from __future__ import annotations

import sys

import click

from .console import note


@click.command("reveal", short_help="Show one value from the vault to a person who may see it; recorded.")
@click.argument("run_id", metavar="RUN")
@click.argument("placeholder", metavar="PLACEHOLDER")
@click.option("--reason", required=True, help="Why; goes into the ledger after redaction.")
@click.option("--to-pipe", is_flag=True, help="Also where stdout is no terminal. Mind where it goes.")
def command(run_id: str, placeholder: str, reason: str, to_pipe: bool) -> int:
    """Show what PLACEHOLDER of RUN stands for.

    Write it as it was shown, in quotes: '<EMAIL_ADDRESS_1·k3f9>'. EMAIL_ADDRESS_1 will do as well.

    You need one of the roles in `reveal.roles`. That you looked, at what and why is in the ledger before you see the
    value; so is an attempt that was refused. Nothing is shown while the ledger cannot be written.
    """
    from ...core.errors import InputError  # noqa: PLC0415 - keeps `--help` light
    from ...policies.reveal import Request, Reveals  # noqa: PLC0415 - the same
    from ...redaction.placeholders import read_placeholder  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..people.roles import who_answers  # noqa: PLC0415 - the same

    is_terminal = sys.stdout.isatty()
    if not is_terminal and not to_pipe:
        raise InputError(
            "stdout is no terminal, and a value would stay wherever it goes",
            remedy="run it in a terminal, or say `--to-pipe`",
        )
    wanted = read_placeholder(placeholder)
    if wanted is None:
        raise InputError(
            "this is not how a placeholder is written",
            remedy="copy it in quotes as it was shown: '<EMAIL_ADDRESS_1·k3f9>'",
        )
    with open_installation() as installation:
        settings = installation.settings
        person, held = who_answers(installation, None)
        for problem in held.problems:
            note(f"warning: {problem}")
        reveals = Reveals(
            installation.ledger,
            installation.vault,
            installation.redaction.is_restorable,
            installation.redaction.scrub,
            team=settings.team,
            roles=settings.reveal.roles,
        )
        value = reveals.reveal(Request(run_id, wanted, person.principal, held.roles, reason))
    click.echo(_harmless(value) if is_terminal else value)
    return 0


def _harmless(value: str) -> str:
    """What a terminal would obey instead of showing is spelled out."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in value)
