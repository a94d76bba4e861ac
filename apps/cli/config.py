"""`opswarden config`: the settings in force, and a backup of the keys."""

from __future__ import annotations

from pathlib import Path

import click

from .console import emit_json


@click.group("config", invoke_without_command=True, short_help="Show the settings in force; back up the keys.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
@click.pass_context
def command(ctx: click.Context, style: str) -> None:
    """Show the settings in force: OPSWARDEN_* over opswarden.toml over the defaults. Secrets are never shown."""
    if ctx.invoked_subcommand is not None:
        return
    from ...core.config import find_file  # noqa: PLC0415 - pydantic is slow to import
    from ..settings import load_settings  # noqa: PLC0415 - the same

    settings = load_settings()
    document = settings.model_dump(mode="json")
    if style == "json":
        emit_json(document)
        return
    source = find_file(Path.cwd())
    click.echo(f"# settings in force; file: {source or 'none (defaults)'}")
    for name, value in _flatten(document):
        click.echo(f"{name} = {value}")


@command.command("backup-keys")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup_keys(file: Path) -> None:
    """Copy the installation's keys to FILE (0600). Whoever has it can open the vault and sign the ledger."""
    from ...core.errors import BackendError  # noqa: PLC0415 - as above
    from ...core.keys import FileKeys, back_up  # noqa: PLC0415 - as above
    from ...core.state import open_state  # noqa: PLC0415 - as above
    from ..settings import load_settings  # noqa: PLC0415 - as above

    state = open_state(load_settings().state_dir)
    FileKeys(state.keys)
    try:
        back_up(state.keys, file)
    except OSError as error:
        raise BackendError(f"{file} cannot be written: {error.strerror}", remedy="choose another file") from error
    click.echo(f"keys copied to {file}; keep it where the ledger and the vault are not")


def _flatten(document: object, prefix: str = "") -> list[tuple[str, str]]:
    import json  # noqa: PLC0415 - only this command needs it

    if isinstance(document, dict) and document:
        found: list[tuple[str, str]] = []
        for name, value in document.items():
            found += _flatten(value, f"{prefix}.{name}" if prefix else str(name))
        return found
    return [(prefix, json.dumps(document, ensure_ascii=False))]
