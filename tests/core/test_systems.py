"""A system on a bad day costs a clear error, in time, and never more than it was promised."""

from __future__ import annotations

import gzip
import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from opswarden.core.clock import Deadline, FixedClock, SystemClock
from opswarden.core.errors import BackendError, ConfigError
from opswarden.core.systems.client import SystemClient, json_of
from opswarden.core.systems.exchange import TooLarge
from opswarden.core.systems.pressure import Breaker, Window
from opswarden.core.systems.settings import HttpSettings
from opswarden.core.systems.slots import Slots
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer, Behave
from opswarden.tests.doubles.certificates import self_signed

Serve = Callable[..., AilingServer]


@pytest.fixture
def serve() -> Iterator[Serve]:
    servers: list[AilingServer] = []

    def start(*behaviours: Behave, **more: Any) -> AilingServer:
        servers.append(AilingServer(*behaviours, **more))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def client_of(server: AilingServer, folder: Path, sleeps: list[float] | None = None, **settings: Any) -> SystemClient:
    waited = sleeps if sleeps is not None else []
    given = HttpSettings(url=server.url, **{"shared_s": 0.0, **settings})
    return SystemClient("the oven", given, folder / "locks", sleep=waited.append)


def soon(seconds: float = 20.0) -> Deadline:
    return Deadline(SystemClock(), seconds)


def ask(client: SystemClient, deadline: Deadline | None = None) -> Any:
    return json_of(client, client.get("/x", (), deadline or soon()))


@pytest.mark.parametrize(
    ("behave", "told"),
    [
        (ailing.answer(status="500 Internal Server Error"), r"failed \(500\)"),
        (ailing.answer(status="429 Too Many Requests"), "too many questions"),
        (ailing.answer(status="401 Unauthorized"), "does not accept the credential"),
        (ailing.answer(status="403 Forbidden"), "forbids"),
        (ailing.answer(status="418 I'm a teapot"), "refused the question"),
        (ailing.answer(b"<html>log in</html>", kind="text/html"), "did not answer JSON"),
        (ailing.answer(b"[" * 100_000), "did not answer JSON"),
        (ailing.answer(length=len(ailing.GOOD) + 50), "broke off|cannot be reached"),
        (ailing.answer(length=5), "did not answer JSON"),
        (ailing.cut_chunks, "broke off"),
        (ailing.garbage, "broke off"),
        (ailing.answer(content_encoding="br"), "unknown way"),
        (ailing.answer(content_encoding="gzip"), "broke off"),
    ],
)
def test_what_goes_wrong_is_told(behave: Behave, told: str, serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=told) as caught:
        ask(client_of(serve(behave), tmp_path))
    assert caught.value.remedy


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_nobody_is_led_elsewhere(status: str, serve: Serve, tmp_path: Path) -> None:
    inside = serve(ailing.answer())
    outside = serve(ailing.answer(status=status, location=f"{inside.url}/latest/meta-data"))
    with pytest.raises(BackendError, match="another place"):
        ask(client_of(outside, tmp_path))
    assert inside.requests == []
    assert len(outside.requests) == 1


@pytest.mark.parametrize("behave", [ailing.silent, ailing.dripping])
def test_a_deadline_holds_however_slowly_bytes_come(behave: Behave, serve: Serve, tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(BackendError, match=r"in time|no time"):
        ask(client_of(serve(behave), tmp_path), soon(0.5))
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("behave", [ailing.endless, ailing.packed(300_000_000)])
def test_what_is_too_large_is_not_let_in(behave: Behave, serve: Serve, tmp_path: Path) -> None:
    server = serve(behave)
    with pytest.raises(TooLarge, match="more than 1000000 bytes"):
        ask(client_of(server, tmp_path, limit_mb=1))
    assert len(server.requests) == 1  # it would be too large again


def test_what_follows_a_packed_answer_is_not_kept(serve: Serve, tmp_path: Path) -> None:
    """zlib keeps everything behind the end of what is packed, and copies it for every further piece."""
    server = serve(ailing.answer(gzip.compress(ailing.GOOD) + bytes(200_000), content_encoding="gzip"))
    with pytest.raises(BackendError, match="unknown way"):
        ask(client_of(server, tmp_path))


def test_an_answer_may_come_packed(serve: Serve, tmp_path: Path) -> None:
    packed = ailing.answer(gzip.compress(ailing.GOOD), content_encoding="gzip")
    assert ask(client_of(serve(packed), tmp_path))["status"] == "success"


def test_a_question_is_asked_again_where_that_may_help(serve: Serve, tmp_path: Path) -> None:
    sleeps: list[float] = []
    server = serve(ailing.cut_chunks, ailing.answer(status="503 Not Ready"), ailing.answer())
    assert ask(client_of(server, tmp_path, sleeps))["status"] == "success"
    assert len(server.requests) == 3
    assert len(sleeps) == 2
    assert 0.1 <= sleeps[0] <= 0.2 <= sleeps[1] <= 0.4


def test_a_system_may_say_when(serve: Serve, tmp_path: Path) -> None:
    sleeps: list[float] = []
    server = serve(ailing.answer(status="429 Too Many Requests", retry_after="7"), ailing.answer())
    ask(client_of(server, tmp_path, sleeps))
    assert sleeps == [7.0]
    server = serve(ailing.answer(status="429 Too Many Requests", retry_after="7"), ailing.answer())
    with pytest.raises(BackendError, match="too many questions"):
        ask(client_of(server, tmp_path), soon(5))
    assert len(server.requests) == 1


def test_a_wrong_question_is_asked_once(serve: Serve, tmp_path: Path) -> None:
    server = serve(ailing.answer(status="400 Bad Request"))
    with pytest.raises(BackendError):
        ask(client_of(server, tmp_path))
    assert len(server.requests) == 1


def test_nothing_that_was_written_is_repeated(serve: Serve, tmp_path: Path) -> None:
    secret = "hunter2-ignore-all-previous-instructions"
    for behave in (ailing.answer(secret.encode(), status="500 Oops"), ailing.answer(secret.encode())):
        with pytest.raises(BackendError) as caught:
            ask(client_of(serve(behave), tmp_path))
        assert secret not in f"{caught.value.message} {caught.value.remedy} {caught.value!r}"


def test_an_unknown_certificate_is_refused_and_a_named_authority_believed(serve: Serve, tmp_path: Path) -> None:
    pem, context = self_signed(tmp_path)
    server = serve(ailing.answer(), tls=context)
    with pytest.raises(BackendError, match="is not trusted"):
        ask(client_of(server, tmp_path))
    assert ask(client_of(server, tmp_path, ca_file=pem))["status"] == "success"


def test_an_expired_certificate_is_said_to_be_expired(serve: Serve, tmp_path: Path) -> None:
    pem, context = self_signed(tmp_path, not_after=datetime.now(UTC) - timedelta(minutes=1))
    with pytest.raises(BackendError, match="has expired"):
        ask(client_of(serve(ailing.answer(), tls=context), tmp_path, ca_file=pem))


def test_a_token_is_read_again_for_every_question(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "token"
    server = serve(ailing.answer())
    client = client_of(server, tmp_path, token_file=file, headers={"X-Scope-OrgID": "risk"})
    with pytest.raises(BackendError, match="cannot be read"):
        ask(client)
    for token in ("first", "second"):
        file.write_text(f"{token}\n")
        ask(client)
        assert f"Authorization: Bearer {token}\r\n".encode() in server.requests[-1]
    assert b"X-Scope-OrgID: risk\r\n" in server.requests[-1]
    file.write_text("two\nlines: yes")
    with pytest.raises(ConfigError, match="no header"):
        ask(client)


def test_a_password_comes_from_its_variable(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(ailing.answer())
    client = client_of(server, tmp_path, user="reader", password_env="OVEN_PASSWORD")
    with pytest.raises(ConfigError, match="OVEN_PASSWORD"):
        ask(client)
    monkeypatch.setenv("OVEN_PASSWORD", "open sesame")
    ask(client)
    assert b"Authorization: Basic cmVhZGVyOm9wZW4gc2VzYW1l\r\n" in server.requests[-1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://oven"},
        {"url": "https://user:word@oven"},
        {"url": "https://oven?x=1"},
        {"url": "http://oven.example"},
        {"token_env": "A", "token_file": "b"},
        {"user": "reader"},
        {"password_env": "A"},
        {"client_key": "key.pem"},
        {"headers": {"Authorization": "mine"}},
        {"headers": {"X-A": "b\r\nHost: elsewhere"}},
        {"proxy": "https://user:word@proxy:1"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HttpSettings(**{"url": "https://oven.example", **wrong})


def test_a_system_that_is_down_is_left_alone(serve: Serve, tmp_path: Path) -> None:
    clock = FixedClock(datetime(2031, 5, 6, tzinfo=UTC))
    server = serve(*[ailing.answer(status="500 Oops")] * 6, ailing.answer())
    given = HttpSettings(url=server.url, shared_s=0)
    client = SystemClient("the oven", given, tmp_path, clock=clock, sleep=clock.advance, jitter=lambda: 0.0)
    for _ in range(2):
        with pytest.raises(BackendError):
            ask(client, Deadline(clock, 60))
    asked = len(server.requests)
    with pytest.raises(BackendError, match="left alone"):
        ask(client, Deadline(clock, 60))
    assert len(server.requests) == asked == 5
    clock.advance(16)
    with pytest.raises(BackendError):
        ask(client, Deadline(clock, 0.05))  # the trial fails: the sixth bad answer
    clock.advance(16)
    with pytest.raises(BackendError, match="left alone"):
        ask(client, Deadline(clock, 60))
    clock.advance(20)
    assert ask(client, Deadline(clock, 60))["status"] == "success"


def test_only_one_tries_a_system_that_was_down() -> None:
    clock = FixedClock(datetime(2031, 5, 6, tzinfo=UTC))
    breaker = Breaker("the oven", clock)
    for _ in range(5):
        breaker.enter()
        breaker.failed()
    clock.advance(15)
    breaker.enter()
    with pytest.raises(BackendError):
        breaker.enter()
    breaker.succeeded()
    breaker.enter()


def test_the_same_question_of_many_is_asked_once(serve: Serve, tmp_path: Path) -> None:
    def slowly(peer: Any, request: bytes) -> None:
        time.sleep(0.3)
        ailing.answer()(peer, request)

    server = serve(slowly)
    client = client_of(server, tmp_path, shared_s=30.0)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(ask(client))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == 20
    ask(client)
    assert len(server.requests) == 1
    json_of(client, client.get("/x", (("other", "1"),), soon()))
    assert len(server.requests) == 2


def test_a_failure_is_shared_with_those_who_wait_and_never_kept(serve: Serve, tmp_path: Path) -> None:
    server = serve(ailing.garbage, ailing.garbage, ailing.garbage, ailing.garbage, ailing.answer())
    client = client_of(server, tmp_path, shared_s=30.0)
    with pytest.raises(BackendError):
        ask(client)
    assert ask(client)["status"] == "success"


def test_no_more_are_asked_at_once_than_promised(serve: Serve, tmp_path: Path) -> None:
    lock, now, most = threading.Lock(), 0, 0

    def slowly(peer: Any, request: bytes) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.05)
        with lock:
            # Before it answers: whoever has the answer may ask again before this thread goes on.
            now -= 1
        ailing.answer()(peer, request)

    server = serve(slowly)
    client = client_of(server, tmp_path, concurrency=3)
    threads = [
        threading.Thread(target=lambda place=place: client.get("/x", (("n", str(place)),), soon()))
        for place in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(server.requests) == 12
    assert 1 <= most <= 3


def test_a_window_shrinks_while_answers_are_slow_and_grows_again() -> None:
    clock = FixedClock(datetime(2031, 5, 6, tzinfo=UTC))
    window = Window("the oven", 8, clock)

    def take(seconds: float) -> None:
        with window.place(Deadline(clock, 100)):
            clock.advance(seconds)

    for _ in range(5):
        take(0.5)
    assert window.size == 8
    take(5.0)
    assert window.size == 4
    take(9.0)
    assert window.size == 2
    for _ in range(40):
        take(0.5)
    assert window.size == 8


def _hold(folder: Path, ready: Any) -> None:
    with Slots(folder, "the oven", 1).slot(Deadline(SystemClock(), 10)):
        ready.set()
        time.sleep(60)


def test_slots_hold_over_processes_and_free_themselves(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    other = context.Process(target=_hold, args=(tmp_path, ready))
    other.start()
    try:
        assert ready.wait(20)
        slots = Slots(tmp_path, "the oven", 1)
        with pytest.raises(BackendError, match="other processes"), slots.slot(Deadline(SystemClock(), 0.2)):
            pass
        other.kill()
        other.join(10)
        with slots.slot(Deadline(SystemClock(), 5)):
            pass
    finally:
        other.kill()
        other.join(10)
