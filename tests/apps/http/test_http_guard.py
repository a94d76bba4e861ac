"""What stands in front of our HTTP servers, asked without a socket; and the server itself over TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from opswarden.apps.http import server as http_server
from opswarden.apps.http.guard import CALLER, Guard
from opswarden.apps.http.server import HttpServer, address
from opswarden.core.errors import BackendError, ConfigError
from opswarden.tests.doubles.certificates import self_signed

TOKEN = "t" * 32


async def _echo(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"{scope.get(CALLER)} {len(body)}".encode()})


def _known(token: str) -> str | None:
    if token == "f" * 32:
        raise BackendError("the issuer does not answer")
    return "ana" if token == TOKEN else None


def asked(headers: dict[str, str], *pieces: bytes | None, path: str = "/x", **more: Any) -> tuple[int, bytes]:
    """Status and body; a piece that is `None` never comes."""
    guard = Guard(_echo, _known, most_bytes=100, body_s=0.05, open_paths=("/open",), **more)
    waiting = list(pieces) or [b""]
    said: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        piece = waiting.pop(0) if waiting else None
        if piece is None:
            await asyncio.sleep(60)
        return {"type": "http.request", "body": piece, "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        said.append(message)

    listed = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "headers": listed}
    asyncio.run(guard(scope, receive, send))
    return said[0]["status"], b"".join(message.get("body", b"") for message in said)


HOST = {"Host": "127.0.0.1:80"}
ANA = {**HOST, "Authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    ("headers", "pieces", "more", "status"),
    [
        (ANA, (b"abc", b"de"), {}, 200),
        ({**ANA, "Host": "[::1]"}, (), {}, 200),
        ({**ANA, "Host": "LOCALHOST:9"}, (), {}, 200),
        ({**ANA, "Host": "ops.example"}, (), {"hosts": ("ops.example",)}, 200),
        ({**ANA, "Host": "ops.example.evil"}, (), {"hosts": ("ops.example",)}, 421),
        ({**ANA, "Host": "ops.example:x"}, (), {"hosts": ("ops.example",)}, 421),
        ({"Authorization": f"Bearer {TOKEN}"}, (), {}, 421),
        ({**ANA, "Origin": "https://ops.example"}, (), {"origins": ("https://ops.example",)}, 200),
        ({**ANA, "Origin": "null"}, (), {}, 403),
        ({**ANA, "Origin": "https://ops.example.evil"}, (), {"origins": ("https://ops.example",)}, 403),
        (HOST, (), {}, 401),
        ({**HOST, "Authorization": "Bearer"}, (), {}, 401),
        ({**HOST, "Authorization": f"Bearer {'f' * 32}"}, (), {}, 401),
        ({**ANA, "Content-Length": "101"}, (), {}, 413),
        ({**ANA, "Content-Length": "-1"}, (), {}, 413),
        (ANA, (b"x" * 60, b"x" * 60), {}, 413),
        (ANA, (b"x", None), {}, 408),
    ],
)
def test_only_known_callers_under_known_names_are_answered(
    headers: dict[str, str], pieces: tuple[bytes | None, ...], more: dict[str, Any], status: int
) -> None:
    found, body = asked(headers, *pieces, **more)
    assert found == status
    if status == 200:
        assert body.startswith(b"ana ")


def test_what_is_open_is_open_and_only_that() -> None:
    assert asked(HOST, path="/open") == (200, b"None 0")
    assert asked(HOST, path="/open/more")[0] == 401


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nX-Slow: "])
def test_whoever_connects_and_does_not_ask_is_left(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(http_server, "HEADERS_S", 0.1)
    with (
        HttpServer(_echo, "127.0.0.1", 0) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as waiting,
    ):
        waiting.sendall(sent)
        assert waiting.recv(10) == b""


def test_whoever_has_connected_is_still_answered_while_the_server_goes() -> None:
    server = HttpServer(_echo, "127.0.0.1", 0)
    server.start()
    going = threading.Thread(target=server.close)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as waiting:
        time.sleep(0.3)  # it is accepted
        going.start()
        time.sleep(0.5)  # every connection was told that the server goes
        waiting.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        assert waiting.recv(1_000).startswith(b"HTTP/1.1 200")
    going.join(30)


def test_whoever_does_not_read_the_answer_is_left() -> None:
    ended = threading.Event()

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await _echo(scope, receive, send)
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while True:
                await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
        finally:
            ended.set()

    guard = Guard(endless, _known, most_bytes=100, taken_s=0.2)
    with (
        HttpServer(guard, "127.0.0.1", 0) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as waiting,
    ):
        waiting.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode())
        assert ended.wait(10)


def test_whoever_has_asked_once_does_not_keep_the_next_request_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "HEADERS_S", 3.0)
    asked = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
    with (
        HttpServer(_echo, "127.0.0.1", 0) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as waiting,
    ):
        for _ in range(3):  # what is asked whole is answered
            waiting.sendall(asked)
            assert waiting.recv(1_000).startswith(b"HTTP/1.1 200")
        waiting.sendall(asked[:10])
        assert waiting.recv(10) == b""


def test_a_server_speaks_tls_and_says_what_is_wrong_with_its_address(tmp_path: Path) -> None:
    certificate, _ = self_signed(tmp_path)
    key, trusted = tmp_path / "server.key", ssl.create_default_context(cafile=str(certificate))
    with HttpServer(_echo, "127.0.0.1", 0, certificate=certificate, key=key) as server:
        answer = httpx2.post(f"https://127.0.0.1:{server.port}/", content=b"abc", verify=trusted)
        assert answer.text == "None 3"
        with pytest.raises(ConfigError, match="nothing can listen"):
            HttpServer(_echo, "127.0.0.1", server.port)
    with pytest.raises(ConfigError, match="certificate cannot be used"):
        HttpServer(_echo, "127.0.0.1", 0, certificate=tmp_path / "none.pem")
    assert address("[::1]:80") == ("::1", 80)
    with pytest.raises(ConfigError):
        address("localhost")
