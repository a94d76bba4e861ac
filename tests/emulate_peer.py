"""Slack as the independent npm package `emulate` has it: a second opinion beside our own double.

`make emulate` installs it, with hashes and without scripts, and a Node of its own where it needs one. It has no Socket
Mode, interactions, streams, rates or event subscriptions; those stay with our double.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2

from opswarden.tests.doubles.slack_server import APP_ID, BOT_ID, BOT_USER, TOKEN

HOME = Path(__file__).parents[1] / ".venv" / "emulate" / "node_modules"
WORKSPACE = "T000000001"
_NEWEST_THAT_FAILS = (22, 14)
_READY_S = 60.0


def _node() -> Path | None:
    """A Node that can run it: of its own, or the one on the path if that is new enough."""
    own = next(HOME.glob("node-linux-*/bin/node"), None)
    if own is not None:
        return own
    found = shutil.which("node")
    if found is None:
        return None
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    number = tuple(int(part) for part in said.strip().lstrip("v").split(".")[:2])
    return Path(found) if number > _NEWEST_THAT_FAILS else None


def why_missing() -> str:
    """Why there is no second opinion; empty if there is."""
    if not (HOME / "emulate").exists() or _node() is None:
        return "the npm package emulate is not installed (`make emulate`): Slack has one double only"
    return ""


class EmulatePeer:
    """One server, with people and one channel; `url` is the base address of the API.

    Args:
        folder: for its settings.
        people: names.
        scopes: that the app's token has; every method is held to them.
    """

    def __init__(self, folder: Path, people: tuple[str, ...], scopes: tuple[str, ...]) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/api"
        app = {
            "app_id": APP_ID, "client_id": "1.2", "client_secret": "x", "name": "opswarden", "redirect_uris": [],
            "scopes": list(scopes), "bot_id": BOT_ID, "bot_user_id": BOT_USER, "bot_name": "opswarden",
        }  # fmt: skip
        bot = {"token": TOKEN, "type": "bot", "user_id": BOT_USER, "app_id": APP_ID, "bot_id": BOT_ID}
        own = [{"token": f"xoxp-{name}", "type": "user", "user": name} for name in people]
        seed = {
            "users": [{"name": name} for name in people],
            "channels": [{"name": "incidents"}],
            "oauth_apps": [app],
            "tokens": [{**bot, "scopes": list(scopes)}, *own],
            "strict_scopes": True,
        }
        file = folder / "emulate.json"
        file.write_text(json.dumps({"slack": seed}))
        command = [str(_node()), str(HOME / "emulate" / "dist" / "index.js")]
        command += ["start", "--service", "slack", "--port", str(port), "--seed", str(file)]
        command += ["--base-url", self.url.removesuffix("/api")]
        with (folder / "emulate.log").open("wb") as log:
            plain = {"PATH": os.environ["PATH"], "HOME": str(folder), "NO_COLOR": "1"}
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=plain)
        try:
            self._wait(folder / "emulate.log")
            self.users = {each["name"]: str(each["id"]) for each in self.ask("users.list")["members"]}
            channels = self.ask("conversations.list", token=f"xoxp-{people[0]}")["channels"]
            self.channel = next(str(each["id"]) for each in channels if each["name"] == "incidents")
        except BaseException:
            self.close()
            raise

    def ask(self, method: str, args: Mapping[str, Any] | None = None, token: str = TOKEN) -> dict[str, Any]:
        """Call a method as anybody would."""
        headers = {"Authorization": f"Bearer {token}"}
        found: dict[str, Any] = httpx2.post(f"{self.url}/{method}", json=args or {}, headers=headers, timeout=30).json()
        return found

    def thread(self, ts: str) -> list[dict[str, Any]]:
        """The messages below one, as a member of the channel reads them."""
        args = {"channel": self.channel, "ts": ts, "include_all_metadata": True}
        found = self.ask("conversations.replies", args, token=self._member)["messages"]
        return [each for each in found if each["ts"] != ts]

    @property
    def _member(self) -> str:
        return f"xoxp-{next(name for name in self.users if name not in ('admin', 'opswarden'))}"

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def _wait(self, log: Path) -> None:
        end = time.monotonic() + _READY_S
        while time.monotonic() < end:
            try:
                if self.ask("auth.test")["ok"]:
                    return
            except httpx2.TransportError:
                if self._process.poll() is not None:
                    break
            time.sleep(0.1)
        raise RuntimeError(f"emulate did not start: {log.read_text()[-2000:]}")
