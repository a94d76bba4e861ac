"""A witness over real sockets: what it cosigns, what it refuses, and what a kill leaves it with."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from opswarden.apps.http.witness import WitnessServer
from opswarden.core.clock import FixedClock
from opswarden.core.errors import ConfigError
from opswarden.core.keys import FileKeys
from opswarden.policies.ledger.checkpoint import sign_checkpoint, verifier_key
from opswarden.policies.ledger.cosignature import cosigned_by
from opswarden.policies.ledger.tree import consistency_proof, leaf_hash, root_of
from opswarden.policies.ledger.witness import MAX_REQUEST_BYTES, Witness
from opswarden.policies.ledger.witness_state import WitnessState

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LOG = "opswarden/ledger"
NAME = "audit.example.com/w1"


@dataclass
class Log:
    """A ledger as a witness sees it: leaves, a key, heads. A fork shares the key and the first leaves."""

    keys: FileKeys
    leaves: list[bytes]

    def head(self, size: int) -> str:
        return sign_checkpoint(LOG, size, root_of(self.leaves[:size]), self.keys).note

    def request(self, old: int, size: int) -> bytes:
        hashes = consistency_proof(self.leaves[:size], old) if 0 < old < size else []
        lines = "".join(base64.b64encode(one).decode() + "\n" for one in hashes)
        return f"old {old}\n{lines}\n{self.head(size)}".encode()

    def fork(self, shared: int) -> Log:
        other = [leaf_hash(b"other %d" % number) for number in range(shared, len(self.leaves))]
        return Log(self.keys, self.leaves[:shared] + other)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(FileKeys(tmp_path / "log.json"), [leaf_hash(b"%d" % number) for number in range(40)])


@dataclass
class Served:
    port: int
    key: tuple[str, bytes]
    state: Path

    def post(self, body: bytes, path: str = "/add-checkpoint") -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", path, body)
            reply = connection.getresponse()
            return reply.status, reply.read().decode(), reply.headers["Content-Type"]
        finally:
            connection.close()

    def kept(self) -> int:
        return int(json.loads(self.state.read_text())["logs"].get(LOG, {"size": 0})["size"])


Serve = Callable[..., Served]


@pytest.fixture
def serve(tmp_path: Path, log: Log) -> Iterator[Serve]:
    servers: list[WitnessServer] = []

    def start(*, is_new: bool = True, longest_s: float = 20.0) -> Served:
        path = tmp_path / "witness.json"
        state = WitnessState.create(path, NAME) if is_new else WitnessState(path)
        keys = FileKeys(tmp_path / "witness-keys.json")
        witness = Witness(state, keys, {LOG: [log.keys.public_key()]}, FixedClock(NOW))
        server = WitnessServer(witness, "127.0.0.1", 0, longest_s=longest_s)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return Served(server.port, (NAME, keys.public_key()), path)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_it_cosigns_heads_that_continue_each_other(serve: Serve, log: Log) -> None:
    served = serve()
    for old, size in [(0, 3), (3, 4), (4, 4), (4, 32), (32, 40)]:
        status, body, _ = served.post(log.request(old, size))
        assert status == 200
        (found,) = cosigned_by(log.head(size) + body, dict([served.key]))
        assert (found.witness, found.at) == (NAME, NOW)
        assert served.kept() == size


def test_the_line_is_the_one_of_the_format(serve: Serve, log: Log) -> None:
    served = serve()
    _, body, _ = served.post(log.request(0, 3))
    mark, name, encoded = body.removesuffix("\n").split(" ")
    packed = base64.b64decode(encoded)
    assert (mark, name, len(packed)) == ("—", NAME, 4 + 8 + 64)
    assert int.from_bytes(packed[4:12], "big") == int(NOW.timestamp())
    public_key = served.key[1]
    assert packed[:4] == hashlib.sha256(NAME.encode() + b"\n\x04" + public_key).digest()[:4]
    text = log.head(3).partition("\n\n")[0] + "\n"
    message = f"cosignature/v1\ntime {int(NOW.timestamp())}\n{text}".encode()
    Ed25519PublicKey.from_public_bytes(public_key).verify(packed[12:], message)


class TestConflicts:
    @pytest.fixture
    def served(self, serve: Serve, log: Log) -> Served:
        served = serve()
        assert served.post(log.request(0, 20))[0] == 200
        return served

    def test_a_client_that_knows_nothing_is_told_the_size(self, served: Served, log: Log) -> None:
        assert served.post(log.request(0, 40)) == (409, "20\n", "text/x.tlog.size")

    def test_a_ledger_that_was_cut(self, served: Served, log: Log) -> None:
        assert served.post(log.request(10, 12)) == (409, "20\n", "text/x.tlog.size")
        # Its old size is larger than the head: no proof can lead there.
        assert served.post(b"old 20\n\n" + log.head(12).encode())[0] == 400
        assert served.kept() == 20

    def test_a_fork_of_the_same_size(self, served: Served, log: Log) -> None:
        assert served.post(log.fork(5).request(20, 20)) == (409, "20\n", "text/x.tlog.size")

    def test_a_fork_that_grows(self, served: Served, log: Log) -> None:
        assert served.post(log.fork(5).request(20, 30))[0] == 422
        assert served.post(log.fork(25).request(20, 30))[0] == 200, "what differs later is nobody's fork yet"
        assert served.post(log.request(30, 40))[0] == 422

    def test_a_proof_where_none_belongs(self, served: Served, log: Log) -> None:
        hashes = base64.b64encode(bytes(32)) + b"\n"
        assert served.post(b"old 20\n" + hashes + b"\n" + log.head(20).encode())[0] == 422


class TestStrangers:
    @pytest.fixture
    def served(self, serve: Serve) -> Served:
        return serve()

    def test_an_unknown_ledger(self, served: Served, tmp_path: Path) -> None:
        note = sign_checkpoint("someone/else", 1, bytes(32), FileKeys(tmp_path / "other.json")).note
        assert served.post(b"old 0\n\n" + note.encode())[0] == 404

    def test_another_key_in_the_name_of_a_known_one(self, served: Served, tmp_path: Path) -> None:
        note = sign_checkpoint(LOG, 1, bytes(32), FileKeys(tmp_path / "other.json")).note
        assert served.post(b"old 0\n\n" + note.encode())[0] == 403

    def test_a_text_that_was_changed_after_it_was_signed(self, served: Served, log: Log) -> None:
        assert served.post(log.request(0, 3).replace(b"\n3\n", b"\n2\n"))[0] == 403
        assert served.kept() == 0

    @pytest.mark.parametrize(
        "change",
        [
            lambda whole: b"",
            lambda whole: b"\xff" + whole,
            lambda whole: whole.replace(b"old 0", b"old 00"),
            lambda whole: whole.replace(b"old 0", b"old -1"),
            lambda whole: whole.replace(b"old 0", b"OLD 0"),
            lambda whole: whole.replace(b"old 0\n", b"old 0\nAAAA\n"),
            lambda whole: whole.replace(b"old 0\n", b"old 0\n" + (base64.b64encode(bytes(32)) + b"\n") * 64),
            lambda whole: whole[:-1],
            lambda whole: whole[: len(whole) // 2],
            lambda whole: whole.replace(b"\n\n", b"\n"),
            lambda whole: whole.replace("—".encode(), b"-"),
        ],
        ids=["empty", "no text", "zeroes", "minus", "case", "hash", "hashes", "end", "half", "gap", "dash"],
    )
    def test_what_is_no_request(self, served: Served, log: Log, change: Callable[[bytes], bytes]) -> None:
        assert served.post(change(log.request(0, 3)))[0] == 400
        assert served.kept() == 0

    def test_too_much_is_not_read(self, served: Served) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        connection.putrequest("POST", "/add-checkpoint")
        connection.putheader("Content-Length", str(MAX_REQUEST_BYTES + 1))
        connection.endheaders()
        assert connection.getresponse().status == 413
        connection.close()

    def test_other_paths_and_verbs(self, served: Served, log: Log) -> None:
        assert served.post(log.request(0, 3), path="/")[0] == 404
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
        connection.request("GET", "/add-checkpoint")
        assert connection.getresponse().status == 404
        connection.close()

    def test_random_bytes_leave_it_serving(self, served: Served, log: Log) -> None:
        chance = random.Random(7)
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", served.port), timeout=10) as raw:
                raw.sendall(chance.randbytes(300))
        assert served.post(log.request(0, 3))[0] == 200


def test_a_client_that_drips_is_cut_off(serve: Serve) -> None:
    served = serve(longest_s=0.3)
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as raw:
        raw.sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 500\r\n\r\nold")
        assert raw.recv(100) == b""


def test_of_two_forks_at_once_one_is_cosigned(serve: Serve, log: Log) -> None:
    served = serve()
    assert served.post(log.request(0, 10))[0] == 200
    for size in range(11, 21):
        other = log.fork(size - 1)
        found: list[int] = []
        start = threading.Barrier(2)

        def send(body: bytes, found: list[int] = found, start: threading.Barrier = start) -> None:
            start.wait()
            found.append(served.post(body)[0])

        sides = [side.request(size - 1, size) for side in (log, other)]
        threads = [threading.Thread(target=send, args=(body,)) for body in sides]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == [200, 409]
        if json.loads(served.state.read_text())["logs"][LOG]["note"] == other.head(size):
            log = other  # the side that was seen first is the ledger from now on


def test_after_a_restart_it_remembers(serve: Serve, log: Log) -> None:
    assert serve().post(log.request(0, 20))[0] == 200
    again = serve(is_new=False)
    assert again.post(log.request(0, 10)) == (409, "20\n", "text/x.tlog.size")
    assert again.post(log.request(20, 21))[0] == 200


def test_a_state_that_is_gone_or_damaged_cosigns_nothing(serve: Serve, log: Log) -> None:
    served = serve()
    assert served.post(log.request(0, 20))[0] == 200
    whole = served.state.read_bytes()
    for content in (b"", whole[:-20], whole.replace(b'"size": 20', b'"size": -1')):
        served.state.write_bytes(content)
        assert served.post(log.request(20, 21))[0] == 500
        with pytest.raises(ConfigError, match="damaged"):
            WitnessState(served.state)
    served.state.unlink()
    assert served.post(log.request(0, 21))[0] == 500
    with pytest.raises(ConfigError, match="is not there"):
        WitnessState(served.state)


@contextmanager
def process(folder: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], Served]]:
    """The real command in a process of its own."""
    files = ("--state", folder / "state.json", "--key", folder / "key.json", "--log-key", folder / "log.key")
    script = "import sys; from opswarden.apps.cli.main import main; sys.exit(main(sys.argv[1:]))"
    line = [sys.executable, "-c", script, "audit", "witness", "--listen", "127.0.0.1:0", *more]
    running = subprocess.Popen(
        [*line, *map(str, files)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder
    )
    assert running.stderr is not None
    assert running.stdout is not None
    try:
        told = running.stderr.readline()
        assert " port " in told, told + running.stderr.read()
        port = int(told.split(" port ")[1].split(";")[0])
        yield running, Served(port, (NAME, b""), folder / "state.json")
    finally:
        running.kill()
        running.wait()
        running.stdout.close()
        running.stderr.close()


def test_killed_at_any_moment_it_never_forgets_what_it_answered(tmp_path: Path, log: Log) -> None:
    (tmp_path / "log.key").write_text(verifier_key(LOG, log.keys.public_key()))
    chance = random.Random(11)
    answered = 0
    for turn in range(4):
        with process(tmp_path, *(("--new", NAME) if turn == 0 else ())) as (running, served):
            size = served.kept()
            assert size in (answered, answered + 1), "what was answered before the kill is there after it"
            timer = threading.Timer(chance.uniform(0.005, 0.05), running.send_signal, (signal.SIGKILL,))
            timer.start()
            try:
                while size < 40:
                    assert served.post(log.request(size, size + 1))[0] == 200
                    size = answered = size + 1
            except (OSError, http.client.HTTPException):
                pass  # killed
            timer.join()
    assert answered


def test_it_ends_in_order_when_it_is_asked_to(tmp_path: Path, log: Log) -> None:
    (tmp_path / "log.key").write_text(verifier_key(LOG, log.keys.public_key()))
    with process(tmp_path, "--new", NAME) as (running, served):
        assert served.post(log.request(0, 1))[0] == 200
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0
        assert running.stderr is not None
        assert running.stderr.read().endswith("stopped\n")
