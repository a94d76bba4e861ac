"""Answers that processes share: asked once, told to nobody else, and gone in time."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError
from opswarden.core.http_exchange import Exchanged
from opswarden.core.systems.client import SystemClient
from opswarden.core.systems.kept_answers import AnswerFolder
from opswarden.core.systems.settings import HttpSettings
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer

KEY = bytes(range(32))
SECRET = b"what the system said"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2031, 5, 6, 12, tzinfo=UTC))


def said(content: bytes = SECRET, status: int = 200) -> Callable[[], Exchanged]:
    return lambda: Exchanged(status, content, {"content-type": "application/json", "set-cookie": "x"})


def never() -> Exchanged:
    raise AssertionError("it was asked again")


def test_an_answer_serves_every_process_for_a_while(tmp_path: Path, clock: FixedClock) -> None:
    deadline = Deadline(clock, 60)
    AnswerFolder(tmp_path / "a", KEY, clock).get(b"q", 15, said(), deadline)
    other = AnswerFolder(tmp_path / "a", KEY, clock)
    found = other.get(b"q", 15, never, deadline)
    assert (found.status, found.content, found.content_type) == (200, SECRET, "application/json")
    assert "set-cookie" not in found.headers
    for path in (tmp_path / "a").iterdir():
        assert path.stat().st_mode & 0o077 == 0
        assert SECRET not in path.read_bytes()
        assert path.name.encode() != b"q"
    assert other.get(b"another", 15, said(b"else"), deadline).content == b"else"
    clock.advance(16)
    assert other.get(b"q", 15, said(b"newer"), deadline).content == b"newer"
    clock.advance(16)
    assert other.purge() == 1
    assert not list((tmp_path / "a").glob("*.answer"))


def test_a_file_that_was_changed_renamed_or_of_another_key_serves_nobody(tmp_path: Path, clock: FixedClock) -> None:
    folder, deadline = AnswerFolder(tmp_path / "a", KEY, clock), Deadline(clock, 60)
    folder.get(b"q", 15, said(), deadline)
    folder.get(b"r", 15, said(b"r"), deadline)
    one, two = sorted((tmp_path / "a").glob("*.answer"))
    first, second = one.read_bytes(), two.read_bytes()
    later = first[:4] + (int.from_bytes(first[4:12], "big") + 9_000_000).to_bytes(8, "big") + first[12:]
    for content, other in (
        (second, first),
        (first[:-1], second),
        (b"", second),
        (later, second),
        (b"OWS1" * 99, second),
    ):
        one.write_bytes(content)
        two.write_bytes(other)
        asked: list[bytes] = []
        for question in (b"q", b"r"):

            def ask(question: bytes = question, asked: list[bytes] = asked) -> Exchanged:
                asked.append(question)
                return Exchanged(200, question)

            folder.get(question, 15, ask, deadline)
        assert asked, content[:20]
        one.write_bytes(first)
        two.write_bytes(second)
    assert AnswerFolder(tmp_path / "a", bytes(32), clock).get(b"q", 15, said(b"own"), deadline).content == b"own"


def test_what_failed_or_is_too_large_is_not_kept(tmp_path: Path, clock: FixedClock) -> None:
    folder, deadline = AnswerFolder(tmp_path / "a", KEY, clock, answer_limit_bytes=100), Deadline(clock, 60)

    def broken() -> Exchanged:
        raise BackendError("it is down")

    with pytest.raises(BackendError):
        folder.get(b"q", 15, broken, deadline)
    for answer in (said(status=500), said(b"x" * 101), said()):
        assert folder.get(b"q", 15, answer, deadline) == answer()
    assert folder.get(b"q", 15, never, deadline).content == SECRET


def test_the_folder_stays_within_its_limit(tmp_path: Path, clock: FixedClock) -> None:
    folder, deadline = AnswerFolder(tmp_path / "a", KEY, clock, limit_bytes=5_000), Deadline(clock, 60)
    for number in range(20):
        folder.get(f"q{number}".encode(), 15 + number, said(b"x" * 1_000), deadline)
        assert sum(path.stat().st_size for path in (tmp_path / "a").glob("*.answer")) <= 5_500
    assert folder.get(b"q19", 15, never, deadline).content == b"x" * 1_000


def test_where_nothing_can_be_written_everybody_asks(tmp_path: Path, clock: FixedClock) -> None:
    (tmp_path / "a").write_text("a file in its place")
    folder, deadline = AnswerFolder(tmp_path / "a", KEY, clock), Deadline(clock, 60)
    for content in (b"one", b"two"):
        assert folder.get(b"q", 15, said(content), deadline).content == content


def test_two_hundred_of_one_storm_ask_once(tmp_path: Path) -> None:
    """Each with a client of its own, as processes have, from eight threads."""
    server = AilingServer(ailing.answer(b'{"status":"success"}'))
    settings = HttpSettings(url=server.url, concurrency=8)
    folder = AnswerFolder(tmp_path / "a", KEY, clock := FixedClock(datetime(2031, 5, 6, 12, tzinfo=UTC)))
    errors: list[BaseException] = []

    def storm() -> None:
        try:
            for _ in range(25):
                client = SystemClient("m", settings, tmp_path / "locks", clock=clock, answers=folder)
                for path in ("/a", "/b", "/c"):
                    assert client.get(path, [], Deadline(clock, 60)).status == 200
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)

    threads = [threading.Thread(target=storm) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.close()
    assert not errors
    assert len(server.requests) == 3


def test_another_credential_or_another_setting_shares_nothing(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = AilingServer(ailing.answer())
    folder = AnswerFolder(tmp_path / "a", KEY, clock)
    monkeypatch.setenv("M_TOKEN", "ann")
    settings = HttpSettings(url=server.url, token_env="M_TOKEN")

    def ask(given: HttpSettings, name: str = "m") -> None:
        SystemClient(name, given, tmp_path / "locks", clock=clock, answers=folder).get("/a", [], Deadline(clock, 60))

    ask(settings)
    ask(settings)
    assert len(server.requests) == 1
    monkeypatch.setenv("M_TOKEN", "bob")
    ask(settings)
    ask(settings.model_copy(update={"headers": {"X-Scope-OrgID": "2"}}))
    ask(settings, "another")
    ask(settings.model_copy(update={"shared_s": 0.0}))
    ask(settings.model_copy(update={"shared_s": 0.0}))
    server.close()
    assert len(server.requests) == 6


_HOLD = """
import sys, time
from pathlib import Path
from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.http_exchange import Exchanged
from opswarden.core.systems.kept_answers import AnswerFolder

def ask():
    print("asking", flush=True)
    sys.stdin.readline()
    return Exchanged(200, b"theirs")

AnswerFolder(Path(sys.argv[1]), bytes(range(32)), SystemClock()).get(b"q", 60, ask, Deadline(SystemClock(), 60))
"""


def test_another_process_that_asks_is_waited_for(tmp_path: Path) -> None:
    from opswarden.core.clock import SystemClock

    command = [sys.executable, "-c", _HOLD, str(tmp_path / "a")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "asking\n"
        folder = AnswerFolder(tmp_path / "a", KEY, SystemClock())
        with pytest.raises(BackendError, match="another process"):
            folder.get(b"q", 60, never, Deadline(SystemClock(), 0.05))
        process.stdin.write("go on\n")
        process.stdin.flush()
        assert folder.get(b"q", 60, never, Deadline(SystemClock(), 60)).content == b"theirs"
