"""Key versions, in a plain file and in one that a key service wraps: one suite, and whatever can break a rotation."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from opswarden.core.errors import BackendError, ConfigError, InputError
from opswarden.core.key_envelope import Envelope
from opswarden.core.keys import FileKeys, StoredKeys, back_up
from opswarden.core.wrapped_keys import WrappedKeys, rewrap, wrap_file_keys
from opswarden.tests.core.key_service_peers import PEERS, SECRETS, Server

Open: TypeAlias = Callable[[], StoredKeys]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


@pytest.fixture(params=["file", *PEERS])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def open_keys(kind: str, path: Path) -> Iterator[Open]:
    """The same keys as a new process would open them."""
    if kind == "file":
        yield lambda: FileKeys(path)
        return
    with PEERS[kind].server() as server:
        yield lambda: WrappedKeys(path, Envelope(PEERS[kind].connect(server.url, 5.0), "eu"))


class TestVersions:
    def test_keys_begin_with_one_version_and_stay_the_same(self, open_keys: Open, path: Path) -> None:
        first, again = open_keys(), open_keys()
        assert path.stat().st_mode & 0o777 == 0o600
        assert first.ring("vault") == again.ring("vault")
        assert (first.newest, list(first.ring("vault").keys)) == (1, [1])
        assert first.public_key() == again.public_key()
        assert first.secret("a") == again.secret("a")

    def test_the_key_of_the_ledger_is_relieved_and_all_else_stays(self, open_keys: Open, path: Path) -> None:
        keys, other = open_keys(), open_keys()
        before, secret, ring = keys.public_key(), keys.secret("hmac"), keys.ring("vault")
        asked: list[bytes] = []

        def name(new: bytes) -> str:
            asked.append(new)
            return "a note"

        line = keys.relieve(7, name)
        assert asked == [line.current]
        assert line.current == keys.public_key() != before
        assert [(key.public_key, key.last, key.note) for key in line.relieved] == [(before, 7, "a note")]
        assert [line.of_size(size) for size in (1, 7, 8)] == [before, before, line.current]
        assert other.ledger_keys() == open_keys().ledger_keys() == line
        assert other.sign(b"x") == keys.sign(b"x")
        assert (other.secret("hmac"), other.ring("vault")) == (secret, ring)
        assert other.rotate() == 2
        assert keys.ledger_keys() == line
        assert other.relieve(9, name).relieved[0] == line.relieved[0]

    def test_keys_that_only_look_like_the_next_ones_are_those_of_somebody_else(
        self, open_keys: Open, path: Path
    ) -> None:
        keys = open_keys()
        kept = path.read_bytes()
        keys.relieve(3, lambda _: "one")
        mine = path.read_bytes()
        path.write_bytes(kept)
        open_keys().relieve(3, lambda _: "two")
        with pytest.raises(ConfigError, match="another installation"):
            keys.ledger_keys()
        path.write_bytes(mine)
        assert keys.ledger_keys().relieved[0].note == "one"

    def test_a_new_version_seals_and_the_old_one_stays(self, open_keys: Open) -> None:
        keys = open_keys()
        before, secret, identity = keys.ring("vault"), keys.secret("hmac"), keys.public_key()
        assert keys.rotate() == 2
        after = keys.ring("vault")
        assert (after.newest, sorted(after.keys)) == (2, [1, 2])
        assert after.keys[1] == before.keys[1]
        assert after.keys[2] not in (before.keys[1], keys.secret("vault"))
        assert (keys.secret("hmac"), keys.public_key()) == (secret, identity)
        assert open_keys().ring("vault") == after

    def test_purposes_do_not_share_keys(self, open_keys: Open) -> None:
        keys = open_keys()
        keys.rotate()
        found = [*keys.ring("vault").keys.values(), *keys.ring("vault-lookup").keys.values(), keys.secret("vault")]
        assert len({len(key) for key in found}) == 1
        assert len(set(found)) == 5

    def test_a_process_that_runs_sees_what_another_rotated(self, open_keys: Open) -> None:
        running, other = open_keys(), open_keys()
        assert running.ring("vault").newest == 1
        other.rotate()
        assert running.ring("vault") == other.ring("vault")
        assert running.rotate() == 3

    def test_an_old_version_can_be_retired_and_the_newest_not(self, open_keys: Open) -> None:
        keys = open_keys()
        keys.rotate()
        with pytest.raises(InputError, match="in use"):
            keys.retire(2)
        keys.retire(1)
        assert sorted(open_keys().ring("vault").keys) == [2]
        with pytest.raises(InputError, match="no key version 1"):
            keys.retire(1)
        assert keys.rotate() == 3  # a number is never given twice

    def test_a_file_that_went_missing_does_not_stop_who_has_read_it(self, open_keys: Open, path: Path) -> None:
        keys = open_keys()
        ring = keys.ring("vault")
        path.unlink()
        assert keys.ring("vault") == ring

    def test_a_backup_opens_the_same(self, open_keys: Open, path: Path, tmp_path: Path) -> None:
        ring = open_keys().ring("vault")
        back_up(path, tmp_path / "copy.json")
        path.unlink()
        (tmp_path / "copy.json").rename(path)
        assert open_keys().ring("vault") == ring


class TestFirstForm:
    """Key files from before keys had versions."""

    MASTER = "bWFzdGVyIG9mIGEgdGVzdCwgMzIgYnl0ZXMgbG9uZyE="
    SEED = "AAAA" * 10 + "AAA="

    def test_they_open_and_can_rotate(self, path: Path) -> None:
        path.write_text(json.dumps({"version": 1, "master": self.MASTER, "ledger_seed": self.SEED}))
        path.chmod(0o600)
        keys = FileKeys(path)
        # What `secret("vault")` sealed then, version 1 of the ring opens now.
        assert keys.ring("vault").keys == {1: keys.secret("vault")}
        secret = keys.secret("hmac")
        assert keys.rotate() == 2
        again = FileKeys(path)
        assert again.ring("vault").keys[1] == again.secret("vault")
        assert again.secret("hmac") == secret


SPOILT: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
    ("a version without its key", lambda body: body["sealing"].pop("1")),
    ("a newest that is not there", lambda body: body.update(newest=2)),
    ("a key that is too short", lambda body: body.update(root="AAAA")),
    ("a key that is no base64", lambda body: body.update(root="!" * 44)),
    ("a version that is no number", lambda body: body["sealing"].update(x=body["sealing"]["1"])),
    ("a version below one", lambda body: body["sealing"].update({"0": body["sealing"]["1"]})),
    ("another form", lambda body: body.update(version=3)),
    ("a list where keys should be", lambda body: body.update(sealing=[1])),
]


@pytest.mark.parametrize("spoil", [row[1] for row in SPOILT], ids=[row[0] for row in SPOILT])
def test_a_key_file_that_does_not_fit_is_refused(path: Path, spoil: Callable[[dict[str, Any]], object]) -> None:
    FileKeys(path)
    body = json.loads(path.read_bytes())
    root = body["root"]
    spoil(body)
    path.write_text(json.dumps(body))
    with pytest.raises(ConfigError, match="cannot be read") as caught:
        FileKeys(path)
    assert root not in repr(caught.value)
    assert caught.value.__cause__ is None or root not in repr(caught.value.__cause__)


def test_keys_that_were_exchanged_under_a_running_process_are_refused(path: Path, tmp_path: Path) -> None:
    keys = FileKeys(path)
    FileKeys(tmp_path / "other.json")
    (tmp_path / "other.json").replace(path)
    for ask in (lambda: keys.ring("vault"), keys.rotate):
        with pytest.raises(ConfigError, match="another installation"):
            ask()


def test_a_key_set_is_never_printed(path: Path) -> None:
    keys = FileKeys(path)
    for key in json.loads(path.read_bytes())["sealing"].values():
        assert key not in repr(vars(keys))
    assert repr(vars(keys)["_set"]) == "KeySet(versions=[1], newest=1)"


class TestWrapped:
    @pytest.fixture(params=PEERS)
    def name(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    @pytest.fixture
    def server(self, name: str) -> Iterator[Server]:
        with PEERS[name].server() as running:
            yield running

    @pytest.fixture
    def envelope(self, name: str, server: Server) -> Envelope:
        return Envelope(PEERS[name].connect(server.url, 2.0), "eu")

    def test_nothing_secret_lies_on_disk(self, path: Path, envelope: Envelope) -> None:
        keys = WrappedKeys(path, envelope)
        body = json.loads(path.read_bytes())
        assert set(body) == {"version", "service", "installation", "data_key", "sealed"}
        for found in (keys.secret("vault"), *keys.ring("vault").keys.values()):
            assert found.hex() not in path.read_text()
        assert not any(secret in path.read_text() for secret in SECRETS)

    def test_the_service_is_asked_at_start_and_never_again(
        self, path: Path, server: Server, envelope: Envelope
    ) -> None:
        WrappedKeys(path, envelope)
        server.asked.clear()
        keys = WrappedKeys(path, envelope)
        assert len(server.asked) == 1
        server.fault = "500"
        for _ in range(3):
            keys.ring("vault")
            keys.sign(b"x")
        assert len(server.asked) == 1

    def test_a_service_that_is_down_at_start_is_named(self, path: Path, server: Server, envelope: Envelope) -> None:
        server.fault = "500"
        with pytest.raises(BackendError, match="failed"):
            WrappedKeys(path, envelope)
        assert not path.exists()
        server.fault = ""
        WrappedKeys(path, envelope)
        server.fault = "500"
        with pytest.raises(BackendError, match="failed"):
            WrappedKeys(path, envelope)

    def test_a_service_that_fails_during_a_rotation_changes_nothing(
        self, path: Path, server: Server, envelope: Envelope
    ) -> None:
        keys = WrappedKeys(path, envelope)
        content = path.read_bytes()
        server.fault = "500"
        with pytest.raises(BackendError):
            keys.rotate()
        assert path.read_bytes() == content
        assert keys.ring("vault").newest == 1
        server.fault = ""
        assert keys.rotate() == 2

    @pytest.mark.parametrize("part", ["data_key", "sealed", "installation", "service", "version"])
    def test_a_file_that_was_altered_is_refused(self, path: Path, envelope: Envelope, part: str) -> None:
        WrappedKeys(path, envelope)
        body = json.loads(path.read_bytes())
        text = str(body[part])
        body[part] = text[:-6] + ("B" if text[-6:-5] != "B" else "C") + text[-5:] if len(text) > 6 else "x"
        path.write_text(json.dumps(body))
        content = path.read_bytes()
        with pytest.raises(ConfigError):
            WrappedKeys(path, envelope)
        assert path.read_bytes() == content

    def test_neither_another_installation_nor_another_key_opens_it(
        self, name: str, path: Path, server: Server, envelope: Envelope
    ) -> None:
        WrappedKeys(path, envelope)
        with pytest.raises(ConfigError, match="another key service or installation"):
            WrappedKeys(path, Envelope(PEERS[name].connect(server.url, 2.0), "us"))
        with PEERS[name].server() as elsewhere, pytest.raises(ConfigError, match="cannot unwrap"):
            WrappedKeys(path, Envelope(PEERS[name].connect(elsewhere.url, 2.0), "eu"))
        # Whoever edits the name in the file as well still fails: the service checks the context.
        path.write_text(path.read_text().replace('"eu"', '"us"'))
        with pytest.raises(ConfigError, match="cannot unwrap"):
            WrappedKeys(path, Envelope(PEERS[name].connect(server.url, 2.0), "us"))

    def test_rewrapping_leaves_the_keys_and_changes_their_wrapping(
        self, path: Path, server: Server, envelope: Envelope
    ) -> None:
        keys = WrappedKeys(path, envelope)
        keys.rotate()
        before = json.loads(path.read_bytes())
        server.rotate()
        rewrap(path, envelope)
        after = json.loads(path.read_bytes())
        assert [server.version_of(body["data_key"]) for body in (before, after)] == [0, 1]
        assert before["sealed"] == after["sealed"]
        assert keys.ring("vault") == WrappedKeys(path, envelope).ring("vault")

    def test_a_rotation_wraps_with_the_newest_key_of_the_service(
        self, path: Path, server: Server, envelope: Envelope
    ) -> None:
        keys = WrappedKeys(path, envelope)
        server.rotate()
        keys.rotate()
        assert server.version_of(json.loads(path.read_bytes())["data_key"]) == 1

    def test_file_keys_are_taken_over(self, path: Path, tmp_path: Path, envelope: Envelope) -> None:
        plain = FileKeys(path)
        plain.rotate()
        ring, secret, identity = plain.ring("vault"), plain.secret("hmac"), plain.public_key()
        wrapped = tmp_path / "keys.wrapped.json"
        wrap_file_keys(path, wrapped, envelope)
        assert not path.exists()
        keys = WrappedKeys(wrapped, envelope)
        assert (keys.ring("vault"), keys.secret("hmac"), keys.public_key()) == (ring, secret, identity)
        FileKeys(path)
        with pytest.raises(ConfigError, match="exists already"):
            wrap_file_keys(path, wrapped, envelope)

    def test_a_service_that_fails_leaves_the_file_keys(
        self, path: Path, tmp_path: Path, server: Server, envelope: Envelope
    ) -> None:
        ring = FileKeys(path).ring("vault")
        server.fault = "500"
        with pytest.raises(BackendError):
            wrap_file_keys(path, tmp_path / "keys.wrapped.json", envelope)
        assert not (tmp_path / "keys.wrapped.json").exists()
        assert FileKeys(path).ring("vault") == ring


def test_keys_that_could_not_be_unwrapped_again_are_not_made(path: Path) -> None:
    """A policy may allow GenerateDataKey and forget Decrypt: better told at the first run than at the second."""
    with PEERS["aws-kms"].server() as server:
        server.denied = frozenset({"Decrypt"})
        with pytest.raises(ConfigError, match="access is denied"):
            WrappedKeys(path, Envelope(PEERS["aws-kms"].connect(server.url, 2.0), "eu"))
    assert not path.exists()


_ROTATE = """
import sys
from pathlib import Path
from opswarden.core.keys import FileKeys
keys = FileKeys(Path(sys.argv[1]))
print("ready", flush=True)
for _ in range(int(sys.argv[2])):
    keys.rotate()
"""


def _rotating(path: Path, times: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _ROTATE, str(path), str(times)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


class TestBreakage:
    def test_processes_that_rotate_at_once_lose_nothing(self, path: Path) -> None:
        first = FileKeys(path).ring("vault").keys[1]
        running = [_rotating(path, 5) for _ in range(3)]
        assert [(process.communicate()[1], process.returncode) for process in running] == [(b"", 0)] * 3
        ring = FileKeys(path).ring("vault")
        assert (ring.newest, sorted(ring.keys)) == (16, list(range(1, 17)))
        assert ring.keys[1] == first
        assert len(set(ring.keys.values())) == 16

    def test_threads_that_rotate_at_once_lose_nothing(self, path: Path) -> None:
        keys = FileKeys(path)
        with ThreadPoolExecutor(4) as pool:
            given = list(pool.map(lambda _: keys.rotate(), range(12)))
        assert sorted(given) == list(range(2, 14))

    def test_a_kill_in_the_middle_leaves_whole_keys(self, path: Path) -> None:
        first = FileKeys(path).ring("vault").keys[1]
        chance = random.Random(7)
        newest = 1
        for _ in range(6):
            process = _rotating(path, 100_000)
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.1))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            ring = FileKeys(path).ring("vault")
            assert ring.newest >= newest
            assert sorted(ring.keys) == list(range(1, ring.newest + 1))
            assert ring.keys[1] == first
            newest = ring.newest
        assert newest > 1
        # What the dead left half written holds keys; the next change sweeps it away.
        (path.parent / ".keys.json.0123456789abcdef").write_text("half a key")
        FileKeys(path).rotate()
        assert sorted(each.name for each in path.parent.iterdir()) == [".keys.json-lock", "keys.json"]

    def test_a_full_disk_leaves_the_old_keys(self, path: Path) -> None:
        before = FileKeys(path).ring("vault")
        script = (
            "import resource, signal, sys\n"
            "from pathlib import Path\n"
            "from opswarden.core.errors import BackendError\n"
            "from opswarden.core.keys import FileKeys\n"
            "keys = FileKeys(Path(sys.argv[1]))\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
            "try:\n"
            "    keys.rotate()\n"
            "except BackendError as error:\n"
            "    print(error.message, error.remedy, keys.ring('vault').newest)\n"
        )
        done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
        assert "the old one is untouched" in done.stdout
        assert "free space" in done.stdout
        assert done.stdout.split()[-1] == "1"
        assert FileKeys(path).ring("vault") == before
        assert not list(path.parent.glob(".keys.json.*"))

    @pytest.mark.parametrize("step", ["open", "fsync", "replace"])
    def test_whatever_step_fails_the_old_keys_stand(
        self, path: Path, monkeypatch: pytest.MonkeyPatch, step: str
    ) -> None:
        keys = FileKeys(path)
        keys.rotate()
        before = path.read_bytes()
        real_open = os.open

        def fail(*_: object, **__: object) -> int:
            raise OSError(28, "No space left on device")

        def fail_on_drafts(name: Any, *rest: Any) -> int:
            return fail() if ".keys.json." in str(name) else real_open(name, *rest)

        with monkeypatch.context() as patch:
            if step == "open":
                patch.setattr(os, "open", fail_on_drafts)
            elif step == "fsync":
                patch.setattr(os, "fsync", fail)
            else:
                patch.setattr(Path, "replace", fail)
            with pytest.raises(BackendError, match="No space left"):
                keys.rotate()
        assert path.read_bytes() == before
        assert keys.ring("vault").newest == 2
        assert not list(path.parent.glob(".keys.json.*"))
        assert keys.rotate() == 3
