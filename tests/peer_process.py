"""What every peer that is a server of its own shares: a port, a folder, a log, and an end."""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

_START_S = 60


class PeerProcess:
    """One server on a port of its own.

    Args:
        name: of the product, for its folder.
    """

    def __init__(self, name: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix=f"opswarden-{name}-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _start(self, command: Sequence[str]) -> None:
        """Start it, and wait until it says that it is ready."""
        self._log = (self._folder / "log").open("w")
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        end = time.monotonic() + _START_S
        while time.monotonic() < end:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/-/ready")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass
            finally:
                connection.close()
            time.sleep(0.05)
        raise RuntimeError((self._folder / "log").read_text()[-2000:])

    def close(self) -> None:
        self._process.kill()
        self._process.wait(10)
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)
