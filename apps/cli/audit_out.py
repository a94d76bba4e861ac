"""`opswarden audit prove|check-proof|check-key|export`: what leaves the ledger, for people who do not have it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .audit_heads import content_of, keys_in, newest_in
from .console import emit_json, note, since_moment
from .typed import typed

if TYPE_CHECKING:
    from ...policies.ledger.export import ExportFormat
    from ...policies.ledger.proof import ProvenEntry, ProvenExtension

_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)
_FILE = click.Path(path_type=Path, dir_okay=False)
_KNOWN_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command("prove")
@click.argument("seq", type=click.IntRange(0), required=False)
@click.option("--head", type=_KNOWN_FILE, help="A signed head that was kept; without it, the newest.")
@click.option("--from", "old", type=_KNOWN_FILE, help="An older signed head: prove that the ledger continues it.")
@click.option("--out", type=_FILE, help="Write the proof here instead of to stdout.")
@click.option("--save-key", type=_FILE, help="Write the public key of the ledger here, for `check-proof`.")
def prove(seq: int | None, head: Path | None, old: Path | None, out: Path | None, save_key: Path | None) -> int:
    """Prove to somebody without the ledger that entry SEQ is in it, or that it continues an older head.

    The proof holds the entry, redacted as it is recorded. `audit check-proof` checks it anywhere.
    """
    from ...core.errors import InputError  # noqa: PLC0415 - keeps `--help` light
    from ...policies.ledger.key_file import key_file  # noqa: PLC0415 - the same
    from ...policies.ledger.prove import prove_entry, prove_extension  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..people.senders import write_whole  # noqa: PLC0415 - the same

    if (seq is not None and old is not None) or (seq is None and old is None and save_key is None):
        raise click.UsageError("name an entry, or an older head with --from")
    proof = ""
    with open_installation() as installation:
        ledger, key = installation.ledger, installation.keys.ledger_keys()
        if save_key is not None:
            write_whole(save_key, key_file(ledger.origin, key))
            note(f"public key of the ledger: {typed(save_key)}; hand it over another way than the proofs")
        if seq is not None or old is not None:
            newest = ledger.head() if head is None else newest_in(head, ledger.origin, key)
            if newest is None:
                raise InputError("the ledger is empty", remedy="there is nothing to prove before the first entry")
            if seq is not None:
                proof = prove_entry(installation.database, seq, newest)
            elif old is not None:
                proof = prove_extension(installation.database, newest_in(old, ledger.origin, key), newest)
    if proof and out is not None:
        write_whole(out, proof)
        note(f"proof: {typed(out)}")
    elif proof:
        click.echo(proof, nl=False)
    return 0


@click.command("check-proof")
@click.argument("proof", type=_KNOWN_FILE)
@click.option("--key", required=True, type=_KNOWN_FILE, help="The public key of the ledger, from a trusted place.")
@_FORMAT
def check_proof_file(proof: Path, key: Path, style: str) -> int:
    """Check a proof that `audit prove` made; needs nothing but the file and the key. Exit 1 if it proves nothing."""
    from ...core.errors import LedgerError  # noqa: PLC0415 - keeps `--help` light
    from ...policies.ledger.proof import MAX_PROOF_BYTES, check_proof  # noqa: PLC0415 - the same

    origin, public_keys = keys_in(key)
    try:
        found = check_proof(content_of(proof, MAX_PROOF_BYTES), origin, public_keys)
    except LedgerError as error:
        if style == "json":
            emit_json({"ok": False, "problem": error.message})
        else:
            click.echo(f"BAD: {error.message}")
        return 1
    _show(found, style)
    return 0


@click.command("check-key")
@click.argument("file", type=_KNOWN_FILE)
@click.option("--kept", required=True, type=_KNOWN_FILE, help="The public key of the ledger that was kept before.")
def check_key(file: Path, kept: Path) -> int:
    """Check that the keys in FILE go on where a kept key stood. Exit 1 if they do not."""
    from ...policies.ledger.key_file import goes_on  # noqa: PLC0415 - keeps `--help` light

    (origin, keys), (of, before) = keys_in(file), keys_in(kept)
    if origin != of or not goes_on(keys, before):
        click.echo("BAD: the keys do not go on where the kept one stood")
        return 1
    newer = keys.relieved[len(before.relieved) :]
    if not newer:
        click.echo(f"OK: the key of {origin} is the one that was kept")
    for key in newer:
        click.echo(f"OK: the key of {origin} was relieved after {key.last} entries, and named the next one")
    return 0


def _show(found: ProvenEntry | ProvenExtension, style: str) -> None:
    from ...policies.ledger.proof import ProvenEntry  # noqa: PLC0415 - as above
    from ...policies.ledger.read import as_json, in_full  # noqa: PLC0415 - as above

    if isinstance(found, ProvenEntry):
        head, entry = found.head, found.entry
        if style == "json":
            emit_json({"ok": True, "origin": head.origin, "size": head.size, "entry": as_json(entry)})
            return
        click.echo(f"OK: entry {entry.seq} is in {head.origin} under its signed head over {head.size} entries")
        click.echo(in_full(entry))
        return
    old, new = found.old, found.new
    if style == "json":
        emit_json({"ok": True, "origin": new.origin, "size": new.size, "old_size": old.size, "old_note": old.note})
        return
    click.echo(f"OK: the head of {new.origin} over {new.size} entries continues the one over {old.size}")
    click.echo("Compare the older head in the file with the one that you kept.")


@click.command("export")
@click.option("--format", "style", type=click.Choice(["jsonl", "ocsf", "otlp"]), default="jsonl", show_default=True)
@click.option("--since", metavar="TIME", help="Only entries recorded from this moment on: 2026-01-31T08:00:00Z.")
@click.option("--run", "run_id", help="Only entries of this run.")
@click.option("--out", type=_FILE, help="Write the lines here instead of to stdout; whole or not at all.")
def export(style: ExportFormat, since: str | None, run_id: str | None, out: Path | None) -> int:
    """Write entries as lines for other systems: our JSON, OCSF events, or OTLP/JSON log requests.

    Entries are redacted as they are recorded. An altered entry ends the export with an error.
    """
    from importlib.metadata import version  # noqa: PLC0415 - keeps `--help` light

    from ...policies.ledger.export import export_lines  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same

    moment = None if since is None else since_moment(since)
    with open_installation() as installation:
        lines = export_lines(installation.ledger, style, version("opswarden"), since=moment, run_id=run_id)
        if out is None:
            for line in lines:
                click.echo(line, nl=False)
        else:
            note(f"{_write_lines(out, lines)} lines: {typed(out)}")
    return 0


def _write_lines(path: Path, lines: Iterable[str]) -> int:
    """Write a file of any length whole or not at all; gives the number of lines."""
    import os  # noqa: PLC0415 - only where a file is written
    import secrets  # noqa: PLC0415 - the same

    from ...core.errors import BackendError  # noqa: PLC0415 - as above

    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    count = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("x", encoding="ascii") as file:
            for line in lines:
                file.write(line)
                count += 1
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        raise BackendError(f"{path} cannot be written: {error.strerror}", remedy="choose another --out") from error
    finally:
        with suppress(OSError):  # after the replacement, or where nothing could be written, there is none
            draft.unlink(missing_ok=True)
    return count


COMMANDS: tuple[click.Command, ...] = (prove, check_proof_file, check_key, export)
