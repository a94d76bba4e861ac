"""`opswarden database`: make a shared database ready, say how its tables stand, back it up and restore it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import emit_json, note
from .typed import typed

if TYPE_CHECKING:
    from ...core.canonical import JsonValue

_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)


@click.group("database", short_help="Prepare a shared database; show its state, back it up, restore it.")
def command() -> None:
    """Make a shared PostgreSQL ready, show how the tables stand, back up the state directory and restore it."""


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


@command.command("status")
@_FORMAT
def status(style: str) -> int:
    """Show the schema number of every component: here, and as this version knows it. Exit 1 if a newer one wrote here.

    Older tables are brought up to date by whatever uses them next; in PostgreSQL by `database prepare`.
    """
    from importlib.metadata import version  # noqa: PLC0415 - keeps `--help` light

    from ..databases import standings  # noqa: PLC0415 - the same
    from ..installation import open_state_only  # noqa: PLC0415 - the same

    with open_state_only() as database:
        found = standings(database)
    if style == "json":
        emit_json({"version": version("opswarden"), "components": [vars(one) for one in found]})
    else:
        width = max(len(one.component) for one in found)
        for one in found:
            here = "-" if one.here is None else str(one.here)
            click.echo(f"{one.component:<{width}}  here {here:>2}  known {one.known:>2}  {one.state}")
    return 1 if any(one.state == "newer" for one in found) else 0


@command.command("backup")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The file; must not exist.")
@click.option("--with-keys", is_flag=True, help="The keys as well: then whoever has the file can read it all.")
@_FORMAT
def backup(out: Path, with_keys: bool, style: str) -> int:
    """Copy the records and everything that belongs to them into one file (0600), while work goes on.

    The keys are not in it: `opswarden config backup-keys` copies them to another place. For PostgreSQL see
    docs/backup.md.
    """
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above
    from ..keeping.backup import back_up  # noqa: PLC0415 - as above

    with open_installation() as installation:
        if with_keys:
            from ...policies.keys_changed import record_keys_changed  # noqa: PLC0415 - as above

            installation.keys.public_key()  # makes them at the first run
            record_keys_changed(installation.ledger, "back-up", f"person:{current_person()}", None)
        facts = back_up(installation, out, with_keys=with_keys)
    if style == "json":
        emit_json({"file": out, "entries": facts.entries, "files": len(facts.files), "has_keys": facts.has_keys})
    else:
        click.echo(f"{typed(out)}: {facts.entries} ledger entries, {len(facts.files)} files")
        click.echo("the keys are in it: keep it as you keep them" if with_keys else "the keys are not in it")
    return 0


@command.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--trusted-head",
    "heads",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Heads that were kept elsewhere: they tell whether records are missing that were made after the backup.",
)
@_FORMAT
def restore(file: Path, heads: tuple[Path, ...], style: str) -> int:
    """Put a backup in place where there are no records yet; its files, databases and ledger are checked first.

    That it was restored is recorded. Exit 1 if heads kept elsewhere know of records that are not in it.
    """
    from ...core.clock import SystemClock  # noqa: PLC0415 - as above
    from ...core.state import open_state  # noqa: PLC0415 - as above
    from ...policies.ledger.checkpoint import DEFAULT_ORIGIN  # noqa: PLC0415 - as above
    from ...policies.ledger.types import LedgerEntry  # noqa: PLC0415 - as above
    from ...policies.switches import INSTALLATION  # noqa: PLC0415 - as above
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above
    from ..keeping.backup import restore as put_back  # noqa: PLC0415 - as above
    from ..settings import load_settings  # noqa: PLC0415 - as above
    from .audit_heads import heads_in  # noqa: PLC0415 - as above

    settings = load_settings()
    found = put_back(
        settings,
        open_state(settings.state_dir),
        file,
        lambda key: [head for path in heads for head in heads_in(path, DEFAULT_ORIGIN, key)],
        SystemClock(),
    )
    with open_installation(settings) as installation:
        body: dict[str, JsonValue] = {
            "made_at": found.facts.made_at,
            "entries": found.entries,
            "known_size": found.known_size,
            "by": f"person:{current_person()}",
        }
        (seq,) = installation.ledger.append([LedgerEntry("ledger.restored", INSTALLATION, body)])
    if style == "json":
        emit_json({"entries": found.entries, "known_size": found.known_size, "lost": found.lost, "seq": seq})
    else:
        click.echo(f"restored as of {found.facts.made_at}: {found.entries} entries, verified; entry {seq} says so")
        if found.lost:
            click.echo(
                f"OLDER: a head kept elsewhere covers {found.known_size} entries: at least {found.lost} are lost,"
                " and what they decided, used up or erased is forgotten"
            )
    if not heads:
        note("no head that was kept elsewhere was handed in: nobody can tell how much is lost")
    return 1 if found.lost else 0
