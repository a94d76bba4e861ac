"""`opswarden config`: the settings in force, a file to start from, and the keys: back up, rotate, wrap, retire."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .config_start import COMMANDS
from .console import emit_json
from .typed import typed

if TYPE_CHECKING:
    from ...policies.keys_changed import Act
    from ..installation import Installation


@click.group(
    "config", invoke_without_command=True, short_help="Start, check or show the settings; back up and rotate the keys."
)
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


for _command in COMMANDS:
    command.add_command(_command)


@command.command("backup-keys")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup_keys(file: Path) -> None:
    """Copy the installation's keys to FILE (0600).

    Whoever has it can open the vault and sign the ledger; keys that a key service has wrapped open with that service
    alone.
    """
    from ...core.errors import BackendError  # noqa: PLC0415 - as above
    from ...core.keys import back_up  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..keys import stored_path  # noqa: PLC0415 - as above

    with open_installation() as installation:
        path = stored_path(installation.settings.keys, installation.state)
        installation.keys.public_key()  # makes them at the first run, and proves that they open
        _record(installation, "back-up")
    try:
        back_up(path, file)
    except OSError as error:
        raise BackendError(f"{file} cannot be written: {error.strerror}", remedy="choose another file") from error
    click.echo(f"keys copied to {typed(file)}; keep it where the ledger and the vault are not")


@command.command("rotate-keys")
def rotate_keys() -> None:
    """Seal with a new key version from now on; older versions still open what they sealed."""
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        _record(installation, "rotate")
        version = installation.keys.rotate()
        installation.vault.seal_anew()
        older = sorted(set(installation.vault.rows_by_key()) - {version})
    click.echo(f"values are sealed with key version {version} from now on; back the keys up again")
    if older:
        names = ", ".join(map(str, older))
        click.echo(f"still needed: {names}; when their values have expired: opswarden config retire-key VERSION")


@command.command("retire-key")
@click.argument("version", type=click.IntRange(min=1))
def retire_key(version: int) -> None:
    """Forget an older key VERSION for good, once no value in the vault needs it."""
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        _record(installation, "retire", version)
        installation.vault.release_key(version, installation.keys.retire)
    click.echo(f"key version {version} is gone; destroy the backups that still hold it")


@command.command("rotate-ledger-key")
def rotate_ledger_key() -> None:
    """Sign the ledger with a new key from now on; what the old one signed so far still counts, nothing later does."""
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        _record(installation, "relieve")
        keys = installation.ledger.hand_over(installation.keys)
        # By the new key: its first head covers what the old one was relieved of.
        _record(installation, "relieved")
        last = keys.relieved[-1].last
    click.echo(f"the ledger is signed with key {keys.current.hex()[:16]}… after {last} entries; back the keys up again")
    click.echo("hand over the new public key: opswarden audit prove --save-key FILE (checked with `audit check-key`)")


@command.command("wrap-keys")
def wrap_keys() -> None:
    """Hand the keys over from the file to the key service in `keys.service`; the plain file is removed."""
    from ...core.wrapped_keys import wrap_file_keys  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..keys import open_envelope, wrapped_path  # noqa: PLC0415 - as above

    with open_installation() as installation:
        state = installation.state
        envelope = open_envelope(installation.settings.keys, installation.clock)
        wrap_file_keys(state.keys, wrapped_path(state), envelope)
        # Until now the service held no keys to sign the ledger with.
        _record(installation, "wrap")
        identity = installation.keys.public_key().hex()[:16]
    click.echo(f"ledger key {identity}… is wrapped by {installation.settings.keys.service}")
    click.echo("destroy the backups of the plain file, or keep them as you keep the key of the service")


@command.command("rewrap-keys")
def rewrap_keys() -> None:
    """Have the key service wrap the keys anew, with the newest version of its own key."""
    from ...core.wrapped_keys import rewrap  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..keys import open_envelope, wrapped_path  # noqa: PLC0415 - as above

    with open_installation() as installation:
        envelope = open_envelope(installation.settings.keys, installation.clock)
        _record(installation, "rewrap")
        rewrap(wrapped_path(installation.state), envelope)
    click.echo("the keys are wrapped by the newest version of the service's key")


def _record(installation: Installation, act: Act, version: int | None = None) -> None:
    """Write down who is about to do what to the keys.

    Raises:
        LedgerError: it could not be recorded; then it must not be done.
    """
    from ...policies.keys_changed import record_keys_changed  # noqa: PLC0415 - as above
    from ..installation import current_person  # noqa: PLC0415 - as above

    record_keys_changed(installation.ledger, act, f"person:{current_person()}", version)


def _flatten(document: object, prefix: str = "") -> list[tuple[str, str]]:
    import json  # noqa: PLC0415 - only this command needs it

    if isinstance(document, dict) and document:
        found: list[tuple[str, str]] = []
        for name, value in document.items():
            found += _flatten(value, f"{prefix}.{name}" if prefix else str(name))
        return found
    return [(prefix, json.dumps(document, ensure_ascii=False))]
