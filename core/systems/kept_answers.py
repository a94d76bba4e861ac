"""Answers that the processes of one machine share: a storm of alerts starts many of them, and they ask the same.

A file is `OWS1`, the moment from which it serves no more (8 bytes, milliseconds, big endian), 12 bytes of nonce, and
status, headers and content under AES-256-GCM (NIST SP 800-38D). Its name is a keyed hash of the question and of the
credential it was asked with; name and moment are authenticated, so that a file serves for nothing else and no longer.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..clock import Clock, Deadline
from ..http_exchange import Exchanged
from .exchange import Unreachable

_MAGIC = b"OWS1"
_HEAD = 12
_SUFFIX = ".answer"
_DRAFT = ".draft"
_DRAFT_AGE_S = 600.0
_STRIPES = 64
_PAUSE_S = 0.01
_KEPT_HEADERS = ("content-type", "date", "link", "x-oauth-scopes")
"""What whoever asks reads of a header: without `link` a list of several pages would end with its first."""


class AnswerFolder:
    """Implements the sharing of answers over processes.

    Args:
        folder: where they lie; made when first needed (0700).
        key: 32 bytes that every process of the installation has.
        clock: says when an answer serves no more.
        limit_bytes: of all answers together; the oldest go first.
        answer_limit_bytes: a larger one is not kept.
    """

    def __init__(
        self,
        folder: Path,
        key: bytes,
        clock: Clock,
        *,
        limit_bytes: int = 256_000_000,
        answer_limit_bytes: int = 32_000_000,
    ) -> None:
        self._folder = folder
        self._key = key
        self._clock = clock
        self._limit_bytes = limit_bytes
        self._answer_limit_bytes = answer_limit_bytes

    def get(
        self,
        question: bytes,
        seconds: float,
        ask: Callable[[], Exchanged],
        deadline: Deadline,
        is_settled: Callable[[Exchanged], bool] = lambda _answer: True,
    ) -> Exchanged:
        """The answer to a question, asked by us or by another process that asks the same now.

        Only what succeeded is kept. Where the folder cannot be used, every process asks for itself.

        Args:
            question: everything that the answer depends on.
            seconds: how long the answer serves.
            ask: asks.
            deadline: until then another process may be waited for.
            is_settled: whether an answer may be kept.

        Raises:
            BackendError: as `ask` does, or another process asks and did not come back before our deadline.
        """
        name = hmac.digest(self._key, question, hashlib.sha256).hex()
        with self._alone(name, deadline) as is_alone:
            found = self._read(name) if is_alone else None
            if found is not None:
                return found
            answer = ask()
            may_be_kept = answer.status < 300 and is_settled(answer)
            if is_alone and may_be_kept and len(answer.content) <= self._answer_limit_bytes:
                self._write(name, answer, seconds)
            return answer

    def purge(self, room_bytes: int = 0) -> int:
        """Remove what serves no more, and the oldest beyond the limit; how many were removed.

        Args:
            room_bytes: that have to be free below the limit.
        """
        now_ms, kept, removed = self._now_ms(), [], 0
        with suppress(OSError):
            for path in self._folder.glob(f"*{_DRAFT}"):
                if time.time() - path.stat().st_mtime > _DRAFT_AGE_S:
                    path.unlink(missing_ok=True)  # of a process that died
        with suppress(OSError):
            for path in self._folder.glob(f"*{_SUFFIX}"):
                with suppress(OSError):
                    with path.open("rb") as file:
                        head = file.read(_HEAD)
                    until_ms = int.from_bytes(head[len(_MAGIC) :], "big") if head[: len(_MAGIC)] == _MAGIC else 0
                    kept.append((until_ms, path.stat().st_size, path))
        size = sum(entry[1] for entry in kept)
        for until_ms, length, path in sorted(kept, key=lambda entry: entry[0]):
            if until_ms <= now_ms or size > self._limit_bytes - room_bytes:
                with suppress(OSError):
                    path.unlink(missing_ok=True)
                    removed += 1
                size -= length
        return removed

    def _read(self, name: str) -> Exchanged | None:
        """What is kept and still serves; a file that is not quite ours serves nobody."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - 70 ms that `--help` need not pay
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

        try:
            with (self._folder / f"{name}{_SUFFIX}").open("rb") as file:
                content = file.read(self._answer_limit_bytes * 2)
            head, nonce, sealed = content[:_HEAD], content[_HEAD : _HEAD + 12], content[_HEAD + 12 :]
            if head[: len(_MAGIC)] != _MAGIC or int.from_bytes(head[len(_MAGIC) :], "big") <= self._now_ms():
                return None
            plain = AESGCM(self._key).decrypt(nonce, sealed, head + name.encode("ascii"))
            length = int.from_bytes(plain[:4], "big")
            told = json.loads(plain[4 : 4 + length])
            return Exchanged(told["status"], plain[4 + length :], told["headers"])
        except (OSError, ValueError, KeyError, TypeError, InvalidTag):
            return None

    def _write(self, name: str, answer: Exchanged, seconds: float) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - as above

        self.purge(len(answer.content))
        told = {
            "status": answer.status,
            "headers": {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers},
        }
        header = json.dumps(told).encode()
        head = _MAGIC + (self._now_ms() + int(seconds * 1_000)).to_bytes(8, "big")
        nonce = secrets.token_bytes(12)
        plain = len(header).to_bytes(4, "big") + header + answer.content
        sealed = AESGCM(self._key).encrypt(nonce, plain, head + name.encode("ascii"))
        draft = self._folder / f"{name}.{secrets.token_hex(4)}{_DRAFT}"
        # A full disk is no reason to go without the answer itself.
        with suppress(OSError):
            try:
                with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(head + nonce + sealed)
                draft.replace(self._folder / f"{name}{_SUFFIX}")
            finally:
                draft.unlink(missing_ok=True)

    @contextmanager
    def _alone(self, name: str, deadline: Deadline) -> Iterator[bool]:
        """Be the only one on this machine that asks a question; the kernel lets go of what a dead process held.

        So many lock files serve all questions, so that nothing grows. Without a folder nobody is alone.
        """
        path = self._folder / f"{int(name[:8], 16) % _STRIPES:02}.lock"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            yield False
            return
        try:
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if deadline.passed:
                        raise Unreachable(
                            "another process asks the same question and is not answered yet",
                            remedy="try again later",
                            again=False,
                            late=True,
                        ) from None
                    time.sleep(min(_PAUSE_S, max(deadline.left_s, 0.001)))
            yield True
        finally:
            os.close(handle)

    def _now_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1_000)
