"""`opswarden database`: make a shared database ready."""

from __future__ import annotations

import click

from .console import emit_json


@click.group("database", short_help="Make a shared PostgreSQL database ready.")
def command() -> None:
    """Make a shared PostgreSQL database ready; SQLite needs none of this."""


@command.command("prepare")
@click.option("--writer", required=True, metavar="ROLE", help="The role in `database.url`; it must exist.")
@click.option(
    "--owner-url-env",
    default="DATABASE_OWNER_URL",
    show_default=True,
    metavar="NAME",
    help="Variable with the address of the database for the owner of the tables.",
)
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def prepare(writer: str, owner_url_env: str, style: str) -> int:
    """Make or update the tables as their owner and give the writer its rights.

    The writer can add records and neither change nor remove them. Run it once, and again with each new version.
    """
    import os  # noqa: PLC0415 - keeps `--help` light

    from pydantic import SecretStr  # noqa: PLC0415 - the same

    from ...core.errors import ConfigError  # noqa: PLC0415 - the same
    from ...core.postgres import PostgresDatabase  # noqa: PLC0415 - the same
    from ..databases import prepare as make_ready  # noqa: PLC0415 - the same
    from ..service.queue import prepare_queue  # noqa: PLC0415 - the same

    url = os.environ.get(owner_url_env)
    if not url:
        raise ConfigError(
            f"the variable {owner_url_env} is not set", remedy="put `postgresql://owner@host/name` of the owner in it"
        )
    owner = PostgresDatabase(SecretStr(url))
    try:
        only_adds = make_ready(owner, writer)
        prepare_queue(url, writer)
    finally:
        owner.close()
    if style == "json":
        emit_json({"writer": writer, "only_adds_to": only_adds})
    else:
        click.echo(f"ready: {writer} can add to {' and '.join(only_adds)}, and neither change nor remove a row")
    return 0
