"""A browser as far as our pages can tell: cookies, forms and the origin that they come from; no socket."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from opswarden.apps.http.guard import App

HOST = "127.0.0.1:8470"


@dataclass
class Page:
    status: int
    headers: list[tuple[str, str]]
    body: str

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    @property
    def text(self) -> str:
        """What stands on the page, without its tags."""
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.body)).split())

    @property
    def key(self) -> str:
        found = re.search(r'name="key" value="([0-9a-f]+)"', self.body)
        return found[1] if found else ""


@dataclass
class Browser:
    app: App
    base: str = ""
    address: str = "127.0.0.1"
    cookies: dict[str, str] = field(default_factory=dict)
    key: str = ""

    def get(self, path: str, **headers: str) -> Page:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Page:
        fields = {"key": self.key, **(form or {})}
        given = {"origin": f"http://{HOST}", "content-type": "application/x-www-form-urlencoded", **headers}
        return self.ask("POST", path, urlencode(fields).encode(), given)

    def ask(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Page:
        given = {"host": HOST, "content-length": str(len(body)), **(headers or {})}
        if self.cookies:
            given["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        page = asyncio.run(self._ask(method, path, body, {name: value for name, value in given.items() if value}))
        for line in [value for name, value in page.headers if name == "set-cookie"]:
            name, _, value = line.partition(";")[0].partition("=")
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        self.key = page.key or self.key
        return page

    async def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Page:
        parts = urlsplit(path)
        scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": self.base + parts.path,
            "raw_path": (self.base + parts.path).encode(),
            "root_path": self.base,
            "query_string": parts.query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": (self.address, 5000),
            "server": ("127.0.0.1", 8470),
        }
        said: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        await self.app(scope, receive, send)
        listed = [(name.decode(), value.decode()) for name, value in said[0]["headers"]]
        content = b"".join(message.get("body", b"") for message in said[1:])
        return Page(said[0]["status"], listed, content.decode())

    def sign_in(self, token: str) -> Page:
        page = self.post("/sign-in", {"token": token})
        if page.status == 303:
            self.get("/runs")
        return page
