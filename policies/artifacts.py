"""Full results of tool calls: Arrow tables, encrypted, expiring, and readable only in the run that made them.

A file is `OWA1`, the length of the header (4 bytes, big endian), a JSON header with the moment of expiry, 12 bytes of
nonce, and the table as an Arrow stream under AES-256-GCM (NIST SP 800-38D). Id, run, team and expiry are authenticated
with it, so a file that was renamed, handed to another run or given a longer life does not open.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, TypeAlias

import pyarrow as pa

from ..core.canonical import canonical_json
from ..core.clock import Clock, from_iso, to_iso
from ..core.errors import ToolFailed, ToolRetry
from ..core.holds import Held, nothing_held
from ..core.ids import IdSource
from ..core.keys import KeyProvider
from .shared_artifacts import SharedArtifacts

_MAGIC = b"OWA1"
_ID = re.compile(r"art_[0-9a-z]{26}")
_SUFFIX = ".arrow.enc"

Kept: TypeAlias = Literal["kept", "expired", "gone", "changed"]
"""What is left of an artifact: the very file, one that may not be read any more, none, or another one."""


@dataclass(frozen=True)
class StoredArtifact:
    """Where a full result lies, and the hash of its encrypted bytes."""

    id: str
    sha256: str
    rows: int


class ArtifactStore:
    """A folder of encrypted tables.

    Args:
        folder: exists, and only its owner can look inside.
        ttl_s: how long a table can be read; a week covers most postmortems.
        size_limit_bytes: a larger table is refused.
        held: the runs whose tables stay readable after their time.
        shared: keeps what is written for other machines as well, and has what they wrote.
    """

    def __init__(
        self,
        folder: Path,
        keys: KeyProvider,
        clock: Clock,
        ids: IdSource,
        *,
        ttl_s: float = 7 * 86_400,
        size_limit_bytes: int = 512 * 1024 * 1024,
        held: Callable[[], Held] = nothing_held,
        shared: SharedArtifacts | None = None,
    ) -> None:
        self._held = held
        self._shared = shared
        self._folder = folder
        self._key = keys.secret("artifacts")
        self._clock = clock
        self._ids = ids
        self._ttl = timedelta(seconds=ttl_s)
        self._size_limit_bytes = size_limit_bytes

    def write(self, table: pa.Table, *, run_id: str, team: str) -> StoredArtifact:
        """Store a table.

        Raises:
            ToolFailed: it is too large, or the folder cannot be written.
        """
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - 70 ms that `--help` need not pay

        if table.nbytes > self._size_limit_bytes:
            raise ToolFailed(
                f"the full result is larger than {self._size_limit_bytes} bytes",
                remedy="narrow the time range or the filters",
            )
        artifact_id = self._ids.new("art")
        expires = to_iso(self._clock.now() + self._ttl)
        header = json.dumps({"expires": expires}).encode()
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(self._key).encrypt(nonce, _to_bytes(table), _bound(artifact_id, run_id, team, expires))
        content = b"".join((_MAGIC, len(header).to_bytes(4, "big"), header, nonce, sealed))
        path = self._folder / f"{artifact_id}{_SUFFIX}"
        draft = path.with_suffix(".draft")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
            draft.replace(path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise ToolFailed(f"the full result cannot be stored: {error.strerror}", remedy="check the disk") from error
        if self._shared is not None:
            self._shared.put(artifact_id, expires, content)
        return StoredArtifact(artifact_id, hashlib.sha256(content).hexdigest(), table.num_rows)

    def read(self, artifact_id: str, *, run_id: str, team: str) -> pa.Table:
        """A table of this run.

        Raises:
            ToolRetry: there is none of this id for this run, it has expired, or its file was changed.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

        missing = ToolRetry(
            "there is no such artifact in this run", remedy="use an artifact id from this run's results"
        )
        if not _ID.fullmatch(artifact_id):
            raise missing
        try:
            content = self._content(artifact_id)
            expires, nonce, sealed = _split(content)
            plain = AESGCM(self._key).decrypt(nonce, sealed, _bound(artifact_id, run_id, team, to_iso(expires)))
        except (OSError, ValueError, KeyError, TypeError, InvalidTag) as error:
            raise missing from error
        if self._clock.now() >= expires and not self._held().covers(run_id):
            raise ToolRetry("the artifact has expired", remedy="run the tool again that made it")
        return pa.ipc.open_stream(plain).read_all()

    def kept(self, artifact_id: str, sha256: str) -> Kept:
        """What is left of an artifact; nothing in it is decrypted.

        Args:
            artifact_id: as recorded.
            sha256: of its encrypted bytes, as recorded.
        """
        if not _ID.fullmatch(artifact_id):
            return "gone"
        try:
            content = self._content(artifact_id)
        except OSError:
            return "gone"
        if hashlib.sha256(content).hexdigest() != sha256:
            return "changed"
        return "expired" if self._clock.now() >= _split(content)[0] else "kept"

    def reader(self, *, run_id: str, team: str) -> RunArtifacts:
        """What tools of one run may read."""
        return RunArtifacts(self, run_id, team)

    def purge(self, spared: Container[str] = (), sooner: Callable[[str], timedelta | None] | None = None) -> int:
        """Remove tables that have expired, and files that are no tables; how many were removed.

        Args:
            spared: ids of those that stay all the same.
            sooner: how long a table is kept by its id, where that may be less than the general time.
        """
        removed, now = 0, self._clock.now()
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            if path.name.removesuffix(_SUFFIX) in spared:
                continue
            try:
                with path.open("rb") as file:
                    expires, _, _ = _split(file.read(1024))
                is_over = now >= self._end(path.name.removesuffix(_SUFFIX), expires, sooner)
            except (ValueError, KeyError, TypeError):
                is_over = True
            if is_over:
                path.unlink(missing_ok=True)
                removed += 1
        # Whichever machine wrote them: its own file goes when it next purges.
        there = () if self._shared is None else self._shared.expiries(until=None if sooner else to_iso(now))
        over = [each for each, expires in there if now >= self._end(each, from_iso(expires), sooner)]
        return removed + sum(self.remove(artifact_id) for artifact_id in over if artifact_id not in spared)

    def _end(self, artifact_id: str, expires: datetime, sooner: Callable[[str], timedelta | None] | None) -> datetime:
        own = sooner(artifact_id) if sooner is not None else None
        return expires if own is None else min(expires, expires - self._ttl + own)

    def _content(self, artifact_id: str) -> bytes:
        """The file of this machine, or what others share.

        Raises:
            OSError: there is neither.
        """
        try:
            return (self._folder / f"{artifact_id}{_SUFFIX}").read_bytes()
        except OSError:
            found = None if self._shared is None else self._shared.get(artifact_id)
            if found is None:
                raise
            return found

    def ids(self) -> Iterator[str]:
        """Of everything that is there, expired or not."""
        here = {path.name.removesuffix(_SUFFIX) for path in self._folder.glob(f"*{_SUFFIX}")}
        yield from sorted(here if self._shared is None else here.union(self._shared.ids()))

    def remove(self, artifact_id: str) -> bool:
        """Remove a table before its time; whether it was there."""
        if not _ID.fullmatch(artifact_id):
            return False
        was_shared = self._shared is not None and self._shared.remove(artifact_id)
        path = self._folder / f"{artifact_id}{_SUFFIX}"
        if not path.exists():
            return was_shared
        path.unlink(missing_ok=True)
        return True


class RunArtifacts:
    """The artifacts of one run; an `ArtifactReader`."""

    def __init__(self, store: ArtifactStore, run_id: str, team: str) -> None:
        self._store = store
        self._run_id = run_id
        self._team = team

    def read(self, artifact_id: str) -> pa.Table:
        """The rows stored under an id.

        Raises:
            ToolRetry: no such artifact in this run, or it has expired.
        """
        return self._store.read(artifact_id, run_id=self._run_id, team=self._team)


def _to_bytes(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _bound(artifact_id: str, run_id: str, team: str, expires: str) -> bytes:
    return canonical_json({"id": artifact_id, "run_id": run_id, "team": team, "expires": expires})


def _split(content: bytes) -> tuple[datetime, bytes, bytes]:
    """Expiry, nonce and sealed bytes.

    Raises:
        ValueError, KeyError, TypeError: the bytes are no artifact.
    """
    if content[:4] != _MAGIC:
        raise ValueError("no artifact")
    start = 8 + int.from_bytes(content[4:8], "big")
    expires = from_iso(json.loads(content[8:start])["expires"])
    return expires, content[start : start + 12], content[start + 12 :]
