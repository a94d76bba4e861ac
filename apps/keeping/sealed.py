"""Captures that only this installation opens: everything as systems answered it, for longer than a run keeps it.

A file is `OWC1`, 12 bytes of nonce, and a ZIP of what was kept under AES-256-GCM (NIST SP 800-38D). Nothing in it is
redacted, and nothing in it is ever written in plain text: to open one is to write a redacted snapshot.
"""

from __future__ import annotations

import io
import json
import os
import secrets
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pydantic import ValidationError

from ...core.errors import BackendError, InputError
from ...core.keys import KeyProvider
from ...tools.captures.pieces import unpacked
from ...tools.captures.written import Origin
from ...tools.snapshots.manifest import Manifest
from ...tools.snapshots.schema import TABLES
from .answers import Kept

_MAGIC = b"OWC1"
_NONCE = 12
_LIMIT_BYTES = 4_000_000_000
_PURPOSE = "captures"


@dataclass(frozen=True)
class Sealed:
    """What a sealed capture holds.

    Args:
        manifest: of the incident; its texts are clean.
        origin: what was asked for, without its tables.
        names: that pass redaction.
        kept: the answers.
    """

    manifest: Manifest
    origin: Origin
    names: tuple[str, ...]
    kept: Kept


def seal(path: Path, sealed: Sealed, keys: KeyProvider) -> None:
    """Write a sealed capture (0600), whole or not at all.

    Raises:
        InputError: the file exists.
        BackendError: it cannot be written.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - 70 ms that `--help` need not pay

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("manifest.json", sealed.manifest.model_dump_json())
        archive.writestr("origin.json", sealed.origin.model_dump_json())
        archive.writestr("names.json", json.dumps(sealed.names))
        archive.writestr("failures.json", json.dumps(sealed.kept.failures))
        for number, piece in enumerate(sealed.kept.pieces):
            archive.writestr(f"{number:06}.arrow", _bytes_of(piece.packed()))
    nonce = secrets.token_bytes(_NONCE)
    content = _MAGIC + nonce + AESGCM(keys.secret(_PURPOSE)).encrypt(nonce, buffer.getvalue(), _MAGIC)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename it never replaces
    except FileExistsError as error:
        raise InputError(f"{path} exists already", remedy="choose another file") from error
    except OSError as error:
        raise BackendError(f"{path} cannot be written: {error.strerror}", remedy="choose another --out") from error
    finally:
        draft.unlink(missing_ok=True)


def unseal(path: Path, keys: KeyProvider) -> Sealed:
    """What a sealed capture of this installation holds.

    Raises:
        InputError: it is none, or another installation sealed it, or it was changed.
    """
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

    try:
        if path.stat().st_size > _LIMIT_BYTES:
            raise ValueError("too large")
        content = path.read_bytes()
        if content[: len(_MAGIC)] != _MAGIC:
            raise ValueError("no capture")
        nonce, sealed = content[len(_MAGIC) : len(_MAGIC) + _NONCE], content[len(_MAGIC) + _NONCE :]
        plain = AESGCM(keys.secret(_PURPOSE)).decrypt(nonce, sealed, _MAGIC)
        with zipfile.ZipFile(io.BytesIO(plain)) as archive:
            failures = json.loads(archive.read("failures.json"))
            names = [name for name in sorted(archive.namelist()) if name.endswith(".arrow")]
            pieces = tuple(unpacked(pa.ipc.open_stream(archive.read(name)).read_all()) for name in names)
            return Sealed(
                Manifest.model_validate_json(archive.read("manifest.json")),
                Origin.model_validate_json(archive.read("origin.json")),
                tuple(json.loads(archive.read("names.json"))),
                Kept(pieces, {table: tuple(failures[table]) for table in TABLES if table in failures}),
            )
    except (OSError, ValueError, KeyError, InvalidTag, ValidationError, zipfile.BadZipFile, pa.ArrowInvalid) as error:
        raise InputError(
            f"{path.name} is no sealed capture of this installation ({type(error).__name__})",
            remedy="only the installation that sealed a capture can open it; check that the file is whole",
        ) from error


def _bytes_of(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content
