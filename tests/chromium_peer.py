"""A real Chromium for tests, driven over a pipe in its own protocol (Chrome DevTools Protocol)."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)


def why_missing() -> str:
    """Why there is no browser to be had here; empty if there is."""
    if shutil.which("chromium") is None:
        return "Chromium is not installed: the test of the web view in a browser is left out"
    return ""


class ChromiumPeer:
    """One browser with one page. Use it in a `with` block.

    `problems` holds what the page's console said at the level of a warning or an error, broken content security
    policies among it.
    """

    def __enter__(self) -> ChromiumPeer:
        self._folder = Path(tempfile.mkdtemp(prefix="opswarden-chromium-"))
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()
        # The browser reads from its descriptor 3 and writes to its descriptor 4.
        line = f"exec chromium {' '.join(_FLAGS)} --user-data-dir={self._folder} --remote-debugging-pipe about:blank"
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", f"{line} 3<&{to_read} 4>&{to_write}"],
            pass_fds=(to_read, to_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self._number, self._rest, self._session = 0, b"", ""
        self.problems: list[str] = []
        self._loaded = 0
        (target,) = [each for each in self.send("Target.getTargets")["targetInfos"] if each["type"] == "page"]
        attached = self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(20)
        os.close(self._to)
        os.close(self._from)
        shutil.rmtree(self._folder, ignore_errors=True)

    def send(self, method: str, **params: Any) -> Any:
        """Send a command; what was answered."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            said = self._next(60.0)
            if said.get("id") == self._number:
                assert "error" not in said, said
                return said["result"]
            self._hear(said)

    def open(self, url: str) -> None:
        """Go to an address and wait until it has loaded."""
        loaded = self._loaded
        self.send("Page.navigate", url=url)
        self.wait_for_load(loaded)

    def wait_for_load(self, since: int | None = None) -> None:
        """Until another page has loaded than those that had at `since`."""
        wanted = (self._loaded if since is None else since) + 1
        while self._loaded < wanted:
            self._hear(self._next(60.0))

    @property
    def loaded(self) -> int:
        """How many pages have loaded so far."""
        return self._loaded

    def value(self, expression: str) -> Any:
        """What an expression is in the page; the page's own policy does not bind this."""
        said = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        self.send("Input.insertText", text=text)

    def press(self, key: str) -> None:
        """Press a key: `Tab` or `Enter`."""
        code = {"Tab": 9, "Enter": 13}[key]
        about = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        text = {"text": "\r"} if key == "Enter" else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", **about, **text)
        self.send("Input.dispatchKeyEvent", type="keyUp", **about)

    def size(self, width: int, height: int, *, dark: bool = False) -> None:
        """The size of the window in CSS pixels, and the colours that the reader prefers."""
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self, path: Path, *, whole: bool = True) -> None:
        """Save the page as a PNG; or what the window shows of it."""
        said = self.send("Page.captureScreenshot", captureBeyondViewport=whole, format="png")
        path.write_bytes(base64.b64decode(said["data"]))

    def _hear(self, said: dict[str, Any]) -> None:
        method, params = said.get("method", ""), said.get("params", {})
        if method == "Page.loadEventFired":
            self._loaded += 1
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("warning", "error"):
            self.problems.append(params["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.problems.append(json.dumps(params["args"]))

    def _next(self, timeout_s: float) -> dict[str, Any]:
        end = time.monotonic() + timeout_s
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], max(0.0, end - time.monotonic()))
            piece = os.read(self._from, 1 << 20) if ready else b""
            if not piece:
                raise RuntimeError("the browser says nothing")
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(line)
        return found
