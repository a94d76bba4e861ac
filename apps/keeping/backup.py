"""A backup of everything that belongs together, taken while work goes on; and a restore that checks before it replaces.

A backup is a tar file: `backup.json` first, then the databases as SQLite's online backup copies them, then files. Queue
and checkpoints are copied before the records: what goes on from older ones finds its incident and its calls recorded,
and repeats none. Full results come last, so that none is missing that a record names.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...core.clock import Clock, to_iso
from ...core.database import numbers_of
from ...core.errors import BackendError, InputError
from ...core.sqlite import SqliteDatabase
from ...core.state import StateDirectory
from ...policies.ledger.verify import verify
from ..databases import refuse_newer
from ..keys import open_keys, stored_path

if TYPE_CHECKING:
    from ...core.ledger_keys import LedgerKeys
    from ...policies.ledger.checkpoint import Checkpoint
    from ..installation import Installation
    from ..settings import Settings

FORMAT = 1
_MANIFEST = "backup.json"
_MANIFEST_BYTES = 50_000_000
_FOLDERS = ("artifacts", "live", "reports")
_FILES = ("mcp-servers.json", "fallback-journal.jsonl")
_DATABASES = ("queue.sqlite", "checkpoints.sqlite", "opswarden.sqlite")
_RECORDS = _DATABASES[-1]
_KEYS = ("keys.json", "keys.wrapped.json")
HeadsOf: TypeAlias = "Callable[[LedgerKeys], Sequence[Checkpoint]]"
_NAME = re.compile(r"(?:artifacts|live|reports)(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)+")


class BackupFacts(BaseModel):
    """What a backup says of itself.

    Args:
        schema_numbers: of the components in it.
        entries: how many the ledger had.
        files: name → SHA-256 in hex of its content.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    version: str
    made_at: str
    schema_numbers: dict[str, int]
    entries: int = Field(ge=0)
    has_keys: bool
    files: dict[str, str]


@dataclass(frozen=True)
class Restored:
    """What came back.

    Args:
        entries: of the ledger.
        known_size: the most entries that a head kept elsewhere covers; 0 without one.
    """

    facts: BackupFacts
    entries: int
    known_size: int

    @property
    def lost(self) -> int:
        """Records that were made after the backup, as far as heads kept elsewhere tell."""
        return max(self.known_size - self.entries, 0)


def back_up(installation: Installation, out: Path, *, with_keys: bool) -> BackupFacts:
    """Write a backup (0600), whole or not at all; work goes on meanwhile.

    Raises:
        InputError: the file exists, or the records lie in PostgreSQL.
        BackendError: it cannot be written, or a database cannot be copied.
    """
    if installation.settings.database.url is not None:
        raise InputError("the records lie in PostgreSQL", remedy="use `pg_dump`; docs/backup.md says how")
    if out.exists():
        raise InputError(f"{out} exists already", remedy="choose another file")
    installation.ledger.head()  # so that there is a database
    draft = out.with_name(f".{out.name}.draft")
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".opswarden-backup-") as staging:
            facts, paths = _collect(installation, Path(staging), with_keys=with_keys)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                with tarfile.open(fileobj=file, mode="w") as archive:
                    manifest = Path(staging) / _MANIFEST
                    manifest.write_text(facts.model_dump_json(indent=1), encoding="utf-8")
                    for name, path in ((_MANIFEST, manifest), *paths.items()):
                        archive.add(path, arcname=name, recursive=False, filter=_plain)
                file.flush()
                os.fsync(file.fileno())
        os.link(draft, out)  # unlike a rename it never replaces
    except (OSError, sqlite3.Error, tarfile.TarError) as error:
        raise BackendError(
            f"the backup cannot be written ({type(error).__name__})", remedy="check the space, and choose another --out"
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return facts


def restore(settings: Settings, state: StateDirectory, file: Path, heads: HeadsOf, clock: Clock) -> Restored:
    """Put a backup into a state directory without records, after everything in it was checked.

    Args:
        settings: say where the keys are.
        state: has no database yet; its keys are used, unless the backup has some and there are none.
        file: the backup.
        heads: reads the heads that were kept elsewhere, given the public key of the ledger.
        clock: for the keys.

    Raises:
        InputError: it is no backup, it was changed, it is damaged or of a newer version, its ledger does not verify or
            contradicts a head; or there are records already. Nothing was put in place.
        BackendError: a file cannot be read or written.
    """
    if settings.database.url is not None:
        raise InputError("the records lie in PostgreSQL", remedy="use `pg_restore`; docs/backup.md says how")
    if any(path.exists() and path.stat().st_size for path in (state.root / name for name in _DATABASES)):
        raise InputError(
            "there are records in the state directory", remedy="move them aside first; a restore replaces nothing"
        )
    staging = Path(tempfile.mkdtemp(dir=state.root, prefix="restore-"))
    try:
        facts = _unpack(file, staging)
        key = open_keys(settings.keys, _where_keys_are(settings, state, staging), clock).ledger_keys()
        entries, known = _check(staging, key, heads(key))
        # The keys first: beside a database without any, the next start would make new ones.
        for name in sorted(facts.files, key=lambda name: name not in _KEYS):
            target = state.root / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if (staging / name).exists():
                (staging / name).replace(target)
    except (OSError, tarfile.TarError) as error:
        raise BackendError(
            f"the backup cannot be restored ({type(error).__name__})",
            remedy="check the disk, and the file",
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return Restored(facts, entries, known)


def _collect(installation: Installation, staging: Path, *, with_keys: bool) -> tuple[BackupFacts, dict[str, Path]]:
    root, paths = installation.state.root, dict[str, Path]()
    for name in _DATABASES:
        if (root / name).exists():
            _copy_database(root / name, staging / name)
            paths[name] = staging / name
    for name in _FILES:
        if (root / name).exists():
            paths[name] = root / name
    for folder in _FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.is_file() and not path.is_symlink() and _NAME.fullmatch(name):
                paths[name] = _kept_still(path, staging / "files" / name)
    if with_keys:
        stored = stored_path(installation.settings.keys, installation.state)
        paths[stored.name] = stored
    copied = SqliteDatabase(staging / _RECORDS)
    try:
        entries = copied.connection().execute("SELECT COUNT(*) AS n FROM entry").fetchone()["n"]
        numbers = numbers_of(copied)
    finally:
        copied.close()
    for leftover in staging.glob("*.sqlite-*"):
        leftover.unlink(missing_ok=True)
    facts = BackupFacts(
        format=FORMAT,
        version=version("opswarden"),
        made_at=to_iso(installation.clock.now()),
        schema_numbers=numbers,
        entries=entries,
        has_keys=with_keys,
        files={name: _hash(path) for name, path in paths.items()},
    )
    return facts, paths


def _kept_still(path: Path, at: Path) -> Path:
    """The file as it is now: a name of its own, so that a purge meanwhile takes nothing away."""
    at.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, at)
    return at


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o600
    return member


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unpack(file: Path, staging: Path) -> BackupFacts:
    """Every file that the backup names, each with the hash that it names, and no other."""
    broken = InputError(f"{file.name} is no whole backup", remedy="hand in a file that `database backup` wrote")
    try:
        with tarfile.open(file, mode="r:") as archive:
            members = iter(archive)
            first = next(members, None)
            if first is None or first.name != _MANIFEST or not 0 < first.size <= _MANIFEST_BYTES or first.issparse():
                raise broken
            inner = archive.extractfile(first)
            facts = BackupFacts.model_validate_json(inner.read() if inner is not None else b"")
            if facts.format != FORMAT:
                raise InputError(
                    f"the backup has form {facts.format}, this opswarden knows {FORMAT}",
                    remedy="restore it with the version that wrote it",
                )
            _extract(archive, members, facts, staging, broken)
    except (ValidationError, tarfile.ReadError, EOFError) as error:
        raise broken from error
    return facts


def _extract(
    archive: tarfile.TarFile, members: Iterator[tarfile.TarInfo], facts: BackupFacts, staging: Path, broken: InputError
) -> None:
    seen: set[str] = set()
    for member in members:
        name = member.name
        is_known = name in (*_DATABASES, *_FILES, *_KEYS) or _NAME.fullmatch(name)
        # A sparse one says itself how much it unpacks to; none of ours is.
        content = archive.extractfile(member) if member.isreg() and not member.issparse() else None
        if not is_known or name not in facts.files or name in seen or content is None:
            raise broken
        seen.add(name)
        path = staging / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            shutil.copyfileobj(content, out)
        if _hash(path) != facts.files[name]:
            raise broken
    if seen != set(facts.files) or _RECORDS not in seen:
        raise broken


def _where_keys_are(settings: Settings, state: StateDirectory, staging: Path) -> StateDirectory:
    """Those at hand are used, and stay; else those of the backup, where they lie until all of it was checked."""
    stored = stored_path(settings.keys, state)
    for name in _KEYS:
        if stored.exists() or name != stored.name:
            (staging / name).unlink(missing_ok=True)
    if stored.exists():
        return state
    if not (staging / stored.name).exists():
        raise InputError(
            "the keys are neither here nor in the backup",
            remedy=f"put the copy that `config backup-keys` wrote to {stored.name} in the state directory (0600)",
        )
    return StateDirectory(staging)


def _check(staging: Path, key: LedgerKeys, heads: Sequence[Checkpoint]) -> tuple[int, int]:
    """Entries of the ledger, and the most that a head covers."""
    for name in _DATABASES:
        if (staging / name).exists():
            with closing(sqlite3.connect(staging / name)) as connection:
                try:
                    finding = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
                except sqlite3.DatabaseError:
                    finding = "no database"
            if finding != "ok":
                raise InputError(f"{name} in the backup is damaged", remedy="take an earlier backup")
    database = SqliteDatabase(staging / _RECORDS)
    try:
        refuse_newer(database)
        size = int(database.connection().execute("SELECT COUNT(*) AS n FROM entry").fetchone()["n"])
        within = [head for head in heads if head.size <= size]
        found = verify(database, key, trusted_heads=within)
    finally:
        database.close()
    if not found.ok:
        raise InputError(
            f"the ledger in the backup does not verify: {found.problem}",
            remedy="take an earlier backup; keep this one for the investigation",
        )
    for leftover in staging.glob("*.sqlite-*"):
        leftover.unlink(missing_ok=True)
    return size, max((head.size for head in heads), default=0)
