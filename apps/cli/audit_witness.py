"""`opswarden audit witness`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .audit_heads import keys_in
from .console import note

if TYPE_CHECKING:
    from ...core.ledger_keys import LedgerKeys

_KNOWN_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("witness")
@click.option("--listen", default="127.0.0.1:8470", show_default=True, metavar="HOST:PORT", help="Port 0 takes any.")
@click.option("--state", required=True, type=_FILE, help="What the witness remembers; back it up.")
@click.option("--key", required=True, type=_FILE, help="The key file of the witness, its own and nobody else's.")
@click.option(
    "--log-key",
    "log_keys",
    required=True,
    multiple=True,
    type=_KNOWN_FILE,
    help="The public key of a ledger (`audit prove --save-key`); can be given several times.",
)
@click.option("--new", "name", metavar="NAME", help="Begin a new witness under this name: makes --state and --key.")
def command(listen: str, state: Path, key: Path, log_keys: tuple[Path, ...], name: str | None) -> int:
    """Run a witness: it cosigns a ledger's head only if that continues the last one it has seen.

    It needs nothing of an installation. Run it where other people hold the keys. It speaks the C2SP tlog-witness
    protocol, prints its public key at the start, and serves until it is stopped.
    """
    from ...core.clock import SystemClock  # noqa: PLC0415 - keeps `--help` light
    from ...core.errors import ConfigError  # noqa: PLC0415 - the same
    from ...core.keys import FileKeys  # noqa: PLC0415 - the same
    from ...policies.ledger.witness import Witness  # noqa: PLC0415 - the same
    from ...policies.ledger.witness_state import WitnessState  # noqa: PLC0415 - the same
    from ..http.witness import WitnessServer  # noqa: PLC0415 - the same
    from ..stopping import Stop  # noqa: PLC0415 - the same

    host, port = _address(listen)
    if name is not None and key.exists():
        raise ConfigError(f"{key} exists already", remedy="a new witness has a new key; choose another file")
    if name is None and not key.exists():
        raise ConfigError(f"{key} is not there", remedy="--new NAME begins a witness; otherwise restore the file")
    logs = _logs(log_keys)
    remembered = WitnessState(state) if name is None else WitnessState.create(state, name)
    try:
        keys = FileKeys(key)
    except OSError as error:
        raise ConfigError(f"{key} cannot be written: {error.strerror}", remedy="choose another --key") from error
    witness = Witness(remembered, keys, logs, SystemClock())
    stop = Stop()
    with stop.on_signals(), WitnessServer(witness, host, port, told=note) as server:
        note(f"witness for {', '.join(logs)} on {host} port {server.port}; stop it with Ctrl-C")
        click.echo(witness.verifier_key)
        server.serve_until(stop)
    note("stopped")
    return 0


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise click.UsageError("write --listen as HOST:PORT")
    return host.strip("[]"), int(port)


def _logs(paths: tuple[Path, ...]) -> dict[str, list[LedgerKeys]]:
    logs: dict[str, list[LedgerKeys]] = {}
    for path in paths:
        origin, public_keys = keys_in(path)
        logs.setdefault(origin, []).append(public_keys)
    return logs
