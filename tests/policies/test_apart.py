"""What does not keep to the protocol ends the connection; nothing of it reaches the gate."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from opswarden.core.errors import BackendError
from opswarden.policies.apart.frames import MOST_BYTES, BadFrame, Frames
from opswarden.policies.apart.messages import error_body, error_of, run_body
from opswarden.policies.apart.remote_gate import RemoteGate
from opswarden.policies.apart.serving import Serving

CALL = {"tool": "logs.search", "args": {"query": "why"}, "call_id": "c1"}


class Peer:
    """The end of a process that may say anything."""

    def __init__(self, gate: Any) -> None:
        ours, self.socket = socket.socketpair()
        self.socket.settimeout(10)
        self.code = ""
        self._serving = Serving(gate, Frames(ours, stall_s=0.5))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def say(self, content: bytes, size: int | None = None) -> None:
        self.socket.sendall(struct.pack(">I", len(content) if size is None else size) + content)

    def end(self) -> str:
        self._thread.join(20)
        assert not self._thread.is_alive()
        return self.code

    def _serve(self) -> None:
        try:
            self._serving.run()
        except BadFrame as error:
            self.code = error.code


@pytest.fixture
def peer(world: Any) -> Iterator[Peer]:
    peer = Peer(world.open())
    yield peer
    peer.socket.close()
    peer.end()


def said(verb: str, body: Any, **more: Any) -> bytes:
    return json.dumps({"id": 1, "verb": verb, "body": body, **more}).encode()


WRONG: dict[str, tuple[bytes, int | None, str]] = {
    "an empty frame": (b"", None, "frame-size"),
    "a frame beyond the limit": (b"", MOST_BYTES + 1, "frame-size"),
    "a frame that never ends": (b"{", 1000, "frame-late"),
    "no JSON": (b"\x80\x04\x95", None, "frame-json"),
    "a pickle": (b"cposix\nsystem\n(S'id'\ntR.", None, "frame-json"),
    "too deep": (b"[" * 200_000, None, "frame-json"),
    "no object": (b"[1]", None, "frame-shape"),
    "no id": (b'{"verb":"cards"}', None, "request"),
    "another run": (said("call", CALL, run_id="run_2"), None, "request"),
    "a run in the body": (said("call", {**CALL, "run_id": "run_2"}), None, "request-call"),
    "a principal": (said("call", {**CALL, "principal": {"role": "root"}}), None, "request-call"),
    "an approval": (said("call", {**CALL, "approval_id": "apr_1"}), None, "request-call"),
    "arguments that are none": (said("call", {**CALL, "args": []}), None, "request-call"),
    "an id without an end": (said("call", {**CALL, "call_id": "c" * 2000}), None, "request-call"),
    "a prompt without messages": (said("prompt", {"endpoint": "own", "call_id": "p"}), None, "request-prompt"),
    "to end the run": (said("end", {"outcome": "reported"}), None, "request-verb"),
    "to teach names": (said("learn_names", {"names": ["x"]}), None, "request-verb"),
    "to undo": (said("undo", {}), None, "request-verb"),
    "an attribute": (said("_desk", {}), None, "request-verb"),
}


@pytest.mark.parametrize(("content", "size", "code"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_request_ends_the_connection(
    peer: Peer, world: Any, content: bytes, size: int | None, code: str
) -> None:
    peer.say(content, size)
    assert peer.end() == code
    assert peer.socket.recv(1) == b""
    assert world.effects.all() == []
    assert world.records("call.decided") == []


STREAM = {"request": {"messages": [{"role": "user", "content": "hi"}]}, "endpoint": "own", "call_id": "s"}


@pytest.mark.parametrize(
    ("ids", "code"),
    [([7] * 3, "request-id"), (range(1, 200), "request-streams")],
    ids=["one id for several", "more than are worked on at once"],
)
def test_streams_that_nobody_reads_hold_nothing_once_their_reader_has_gone(
    world: Any, ids: Iterable[int], code: str
) -> None:
    peer = Peer(world.open())
    for number in ids:
        with contextlib.suppress(OSError):  # it has been cut off
            peer.say(json.dumps({"id": number, "verb": "prompt_stream", "body": STREAM}).encode())
    peer.socket.close()
    assert peer.end() == code


def test_a_call_that_has_begun_is_recorded_though_its_caller_breaks_the_protocol(peer: Peer, world: Any) -> None:
    began, goes_on = threading.Event(), threading.Event()

    def before(_name: str) -> None:
        began.set()
        assert goes_on.wait(10)

    world.shop.before = before
    peer.say(said("call", CALL))
    assert began.wait(10)
    peer.say(b"no json")
    goes_on.set()
    assert peer.end() == "frame-json"
    assert [entry.body["status"] for entry in world.records("call.outcome")] == ["ok"]


def test_who_loses_the_gate_is_told_and_does_not_wait_for_ever(world: Any) -> None:
    ours, theirs = socket.socketpair()
    gate = RemoteGate(Frames(theirs), {"run": run_body(world.open().run)})
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            gate.cards()
        except BackendError as error:
            failed.append(error)

    waiting = threading.Thread(target=ask)
    waiting.start()
    assert ours.recv(4)
    ours.close()
    waiting.join(10)
    assert len(failed) == 1
    with pytest.raises(BackendError, match="has ended"):
        gate.cards()
    gate.close()


def test_an_error_of_a_process_is_some_error_of_ours_in_two_lines() -> None:
    made = error_of({"kind": "SystemExit", "message": "a\nb" + "x" * 5000, "remedy": None})
    assert error_body(made)["kind"] == "OpswardenError"
    assert "\n" not in made.message
    assert len(made.message) == 2_000
