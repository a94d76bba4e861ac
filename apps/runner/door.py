"""The socket of one run: it lets one process in, once, and notes whoever else tries.

Source: unix(7), Linux: `SO_PEERCRED` gives process, user and group of the other end as they were when it connected.
"""

from __future__ import annotations

import hmac
import os
import secrets
import shutil
import socket
import struct
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from ...core.clock import Clock
from ...core.errors import BackendError, ConfigError
from ...policies.apart.frames import VERSION, BadFrame, Frames
from .refusals import Refusals

_PEER = struct.Struct("3i")
_POLL_S = 0.2
_HELLO_BYTES = 4_096
_HELLO_S = 10.0


class Door:
    """Listens in a folder of its own; `with` removes it.

    Args:
        uid: whose process may come in.
        refusals: gets whoever may not.
    """

    def __init__(self, uid: int, refusals: Refusals, clock: Clock) -> None:
        self.handle = secrets.token_hex(32)
        """Let in once; told to the process that is meant over a pipe, so that no other can see it."""
        self.folder = Path(tempfile.mkdtemp(prefix="opswarden-"))
        self._uid = uid
        self._refusals = refusals
        self._clock = clock
        self._is_open = True
        self._watch: threading.Thread | None = None
        try:
            self.view.mkdir(mode=0o700)
            self._socket = self._listen()
            self.folder.chmod(0o711)  # only now: before, nobody else could reach the socket
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    @property
    def path(self) -> Path:
        """The socket."""
        return self.folder / "gate"

    @property
    def view(self) -> Path:
        """An empty folder, over which the agent process mounts its own view of files."""
        return self.folder / "view"

    def __enter__(self) -> Door:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        if self._watch is not None:
            self._watch.join()
        self._socket.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def admit(self, pid: int, is_alive: Callable[[], bool], timeout_s: float = 60.0) -> Frames:
        """Wait for the process with this id and the handle; nobody else gets in, neither before nor after.

        Raises:
            BackendError: it has ended, or does not come in time.
        """
        end = self._clock.monotonic() + timeout_s
        while is_alive() and self._clock.monotonic() < end:
            frames = self._next(pid)
            if frames is not None:
                self._watch = threading.Thread(target=self._refuse_more, name="runner-door", daemon=True)
                self._watch.start()
                return frames
        raise BackendError(
            "the agent process ended before it had begun, or did not begin in time",
            remedy="see what holds here with `opswarden runner check`",
        )

    def _listen(self) -> socket.socket:
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listening.bind(str(self.path))
            self.path.chmod(0o600)
            if self._uid != os.getuid():
                os.chown(self.path, self._uid, -1)
            listening.listen(8)
            listening.settimeout(_POLL_S)
        except OSError as error:
            listening.close()
            raise ConfigError(
                f"the runner's socket cannot be made: {error.strerror}",
                remedy="point TMPDIR to a folder with a short path",
            ) from error
        return listening

    def _next(self, pid: int) -> Frames | None:
        connection = self._accepted()
        if connection is None:
            return None
        wrong = self._wrong(connection, pid)
        if wrong:
            self._refuse(connection, wrong)
            return None
        return Frames(connection)

    def _wrong(self, connection: socket.socket, pid: int) -> str:
        """Why somebody may not come in; empty if they may."""
        peer_pid, peer_uid, _ = _PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size))
        if peer_uid != self._uid:
            return "wrong-user"
        if peer_pid != pid:
            return "wrong-process"
        try:
            said = Frames(connection, stall_s=_HELLO_S, most_bytes=_HELLO_BYTES).receive(_HELLO_S) or {}
        except BadFrame as error:
            return error.code
        if said.get("version") != VERSION:
            return "wrong-version"
        is_right = hmac.compare_digest(str(said.get("handle")).encode("utf-8", "replace"), self.handle.encode())
        return "" if is_right else "wrong-handle"

    def _accepted(self) -> socket.socket | None:
        try:
            return self._socket.accept()[0]
        except OSError:  # nobody has come yet
            return None

    def _refuse(self, connection: socket.socket, what: str) -> None:
        connection.close()
        self._refusals.add(what)

    def _refuse_more(self) -> None:
        while self._is_open:
            connection = self._accepted()
            if connection is not None:
                self._refuse(connection, "second-connection")
