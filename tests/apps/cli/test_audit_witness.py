"""`opswarden audit anchor --to http…` and `audit verify --cosigned`: the ledger's side of a witness."""

from __future__ import annotations

import base64
import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from opswarden.apps.cli.audit_heads import keys_in
from opswarden.apps.http.witness import WitnessServer
from opswarden.core.clock import SystemClock
from opswarden.core.keys import FileKeys
from opswarden.policies.ledger.checkpoint import key_id
from opswarden.policies.ledger.witness import Witness
from opswarden.policies.ledger.witness_state import WitnessState
from opswarden.tests.apps.answers import Answer
from opswarden.tests.apps.conftest import Cli, Triaged

NAME = "audit.example.com/w1"


@dataclass
class Anchored:
    """A witness, and a command line that anchors there."""

    cli: Cli
    url: str
    key: Path
    file: Path

    def anchor(self) -> Answer:
        return self.cli("audit", "anchor", "--to", self.url, "--witness-key", self.key, "--cosigned", self.file)

    def verify(self, *more: object) -> Answer:
        return self.cli("audit", "verify", "--witness-key", self.key, "--cosigned", self.file, *more)


@pytest.fixture
def witnessed(cli: Cli, triaged: Triaged, tmp_path: Path) -> Iterator[Anchored]:
    folder = tmp_path / "witness"
    folder.mkdir()
    assert cli("audit", "prove", "--save-key", folder / "ledger.key").code == 0
    origin, key = keys_in(folder / "ledger.key")
    witness = Witness(
        WitnessState.create(folder / "state.json", NAME), FileKeys(folder / "key.json"), {origin: [key]}, SystemClock()
    )
    (folder / "witness.key").write_text(witness.verifier_key + "\n")
    with WitnessServer(witness, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield Anchored(
            cli, f"http://127.0.0.1:{server.port}", folder / "witness.key", tmp_path / "outside" / "cosigned.txt"
        )
        server.shutdown()


def grow(cli: Cli) -> None:
    assert cli("approvals", "stop-writes", "--reason", "a drill").code == 0


def sql(state: Path, *statements: str) -> None:
    with closing(sqlite3.connect(state / "opswarden.sqlite")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_a_cosigned_head_makes_verify_say_ok(witnessed: Anchored, cli: Cli) -> None:
    entries = cli("audit", "verify", "--format", "json").json["entries"]
    said = witnessed.anchor()
    assert said.code == 0, said.err
    assert f"head over {entries} entries, cosigned by {NAME} at " in said.out
    said = witnessed.verify()
    assert said.code == 0
    assert said.out.startswith(f"OK: {entries} entries, all covered by a trusted head")
    assert f"cosigned by {NAME}" in said.out
    found = witnessed.verify("--format", "json").json
    assert (found["anchored"], [one["witness"] for one in found["cosigned"]]) == (True, [NAME])


def test_a_ledger_that_grew_is_anchored_again_with_a_proof(witnessed: Anchored, cli: Cli) -> None:
    assert witnessed.anchor().code == 0
    grow(cli)
    assert witnessed.verify().out.startswith("UNANCHORED")
    assert witnessed.anchor().code == 0
    assert witnessed.verify().out.startswith("OK")
    # Whoever has lost the file is told the size by the witness.
    witnessed.file.unlink()
    grow(cli)
    assert witnessed.anchor().code == 0
    assert witnessed.verify().out.startswith("OK")


def test_the_same_head_can_be_cosigned_again(witnessed: Anchored) -> None:
    assert [witnessed.anchor().code, witnessed.anchor().code] == [0, 0]
    assert witnessed.file.read_text().count(f"— {NAME} ") == 1


def test_a_file_that_is_damaged_is_replaced_and_said(witnessed: Anchored) -> None:
    assert witnessed.anchor().code == 0
    witnessed.file.write_text(witnessed.file.read_text()[:-9] + "\n")
    said = witnessed.anchor()
    assert said.code == 0
    assert "it is replaced" in said.err
    assert witnessed.verify().code == 0


class TestTampered:
    def test_a_ledger_that_was_cut_gets_no_cosignature(self, witnessed: Anchored, triaged: Triaged) -> None:
        assert witnessed.anchor().code == 0
        kept = witnessed.file.read_text()
        sql(
            triaged.state,
            "DELETE FROM entry WHERE seq > 6",
            "DELETE FROM payload WHERE seq > 6",
            "DELETE FROM checkpoint WHERE size > 7",
            "DELETE FROM frontier",
        )
        said = witnessed.anchor()
        assert said.code == 1
        assert said.out.startswith("REFUSED: the witness has seen")
        assert "the end was cut off" in said.out
        assert witnessed.file.read_text() == kept
        said = witnessed.verify()
        assert said.code == 1
        assert "the end was cut off" in said.out

    def test_a_ledger_that_was_rewritten_with_its_own_key(
        self, witnessed: Anchored, cli: Cli, triaged: Triaged
    ) -> None:
        assert witnessed.anchor().code == 0
        tables = ("entry", "payload", "checkpoint", "frontier")
        sql(triaged.state, *(f"DELETE FROM {table}" for table in tables))
        for _ in range(96):  # more than the witness has seen
            grow(cli)
        said = witnessed.anchor()
        assert said.code == 1
        assert "it was rewritten" in said.out
        said = witnessed.verify()
        assert said.code == 1
        assert "rewritten with the ledger's own key" in said.out

    def test_leaves_that_do_not_lead_to_the_head_are_not_handed_out(
        self, witnessed: Anchored, triaged: Triaged
    ) -> None:
        sql(triaged.state, "UPDATE entry SET leaf = zeroblob(32) WHERE seq = 3")
        said = witnessed.anchor()
        assert said.code == 1
        assert "they were changed" in said.out

    @pytest.mark.parametrize("line", ["cosignature", "ledger"])
    def test_a_head_without_a_good_signature_counts_for_nothing(self, witnessed: Anchored, line: str) -> None:
        assert witnessed.anchor().code == 0
        lines = witnessed.file.read_text().splitlines(keepends=True)
        mark = f"— {NAME} " if line == "cosignature" else "— opswarden/ledger "
        kept = [each for each in lines if not each.startswith(mark)]
        assert len(kept) == len(lines) - 1
        witnessed.file.write_text("".join(kept))
        said = witnessed.verify()
        assert said.code == 2
        assert said.out == ""

    def test_a_cosignature_over_another_text_counts_for_nothing(self, witnessed: Anchored, cli: Cli) -> None:
        assert witnessed.anchor().code == 0
        old = [line for line in witnessed.file.read_text().splitlines() if line.startswith(f"— {NAME} ")]
        grow(cli)
        cli("audit", "verify", "--save-head", witnessed.file)
        with witnessed.file.open("a") as file:
            file.write(old[0] + "\n")
        said = witnessed.verify()
        assert said.code == 2
        assert "is wrong" in said.err

    def test_another_witness_of_the_same_name(self, witnessed: Anchored, tmp_path: Path) -> None:
        from opswarden.policies.ledger.checkpoint import COSIGNER, verifier_key

        assert witnessed.anchor().code == 0
        other = FileKeys(tmp_path / "other.json").public_key()
        witnessed.key.write_text(verifier_key(NAME, other, COSIGNER))
        said = witnessed.verify()
        assert said.code == 2
        assert "none of the witnesses" in said.err
        said = witnessed.anchor()
        assert said.code == 3
        assert "another key than the one that was handed in" in said.err


class TestMistakes:
    def test_options_that_go_together(self, witnessed: Anchored, cli: Cli) -> None:
        assert cli("audit", "anchor", "--to", witnessed.url).code == 2
        assert cli("audit", "anchor", "--to", "heads.txt", "--witness-key", witnessed.key).code == 2
        assert cli("audit", "verify", "--witness-key", witnessed.key).code == 2

    def test_the_key_of_the_ledger_is_none_of_a_witness(self, witnessed: Anchored) -> None:
        witnessed.key.write_text((witnessed.key.parent / "ledger.key").read_text())
        said = witnessed.anchor()
        assert said.code == 2
        assert "no public key of a witness" in said.err

    def test_a_witness_needs_new_to_begin_and_not_to_go_on(self, witnessed: Anchored, cli: Cli, tmp_path: Path) -> None:
        files = ("--state", tmp_path / "s", "--key", tmp_path / "k", "--log-key", witnessed.key.parent / "ledger.key")
        said = cli("audit", "witness", *files)
        assert said.code == 2
        assert "--new NAME begins a witness" in said.err
        FileKeys(tmp_path / "k")
        assert "is not there" in cli("audit", "witness", *files).err
        assert "a new witness has a new key" in cli("audit", "witness", *files, "--new", NAME).err


REPLIES: dict[str, tuple[int, bytes, str]] = {
    "garbage": (200, b"\xff\xfe", "text/plain"),
    "an empty answer": (200, b"", "text/plain"),
    "a page": (200, b"<html>", "text/html"),
    "a conflict without a size": (409, b"", "text/x.tlog.size"),
    "a conflict of another type": (409, b"3\n", "text/plain"),
    "a size that is no number": (409, b"-3\n", "text/x.tlog.size"),
    "an unknown ledger": (404, b"", "text/plain"),
    "a key it does not know": (403, b"", "text/plain"),
    "its own trouble": (500, b"", "text/plain"),
    "far too much": (200, b"x" * 300_000, "text/plain"),
}


@contextmanager
def answering(answer: Callable[[bytes], tuple[int, bytes, str]]) -> Iterator[str]:
    """A server that answers every POST as it is told; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, body, kind = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Quiet(HTTPServer):
        handle_error: Callable[..., None] = lambda *_: None

    with Quiet(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES)
def test_a_witness_that_answers_nothing_of_use(
    witnessed: Anchored, reply: tuple[int, bytes, str], tmp_path: Path
) -> None:
    with answering(lambda _content: reply) as witnessed.url:
        said = witnessed.anchor()
    assert said.code == 3
    assert not witnessed.file.exists()


def test_a_witness_that_is_not_there(witnessed: Anchored) -> None:
    witnessed.url = "http://127.0.0.1:9"
    said = witnessed.anchor()
    assert said.code == 3
    assert "cannot be reached" in said.err


class TestALyingWitness:
    @pytest.fixture
    def lying(self, witnessed: Anchored) -> Callable[[bytes], bytes]:
        """What the true witness says to a request."""
        seen: list[bytes] = []
        origin, key = keys_in(witnessed.key.parent / "ledger.key")
        folder = witnessed.key.parent
        true = Witness(
            WitnessState(folder / "state.json"), FileKeys(folder / "key.json"), {origin: [key]}, SystemClock()
        )

        def say(content: bytes) -> bytes:
            seen.append(true.add_checkpoint(content).body.encode())
            return seen[0]  # always the first that it ever said

        return say

    def test_a_line_in_the_name_of_the_ledger_takes_no_place_of_its_own(
        self, witnessed: Anchored, lying: Callable[[bytes], bytes], cli: Cli
    ) -> None:
        origin, key = keys_in(witnessed.key.parent / "ledger.key")
        forged = base64.b64encode(key_id(origin, key.current) + bytes(64)).decode()
        others = "".join(f"— other{number} {forged}\n" for number in range(200))
        lines = f"— {origin} {forged}\n{others}".encode()
        with answering(lambda content: (200, lying(content) + lines, "text/plain")) as witnessed.url:
            assert witnessed.anchor().code == 0
        assert "other" not in witnessed.file.read_text()
        assert "OK" in witnessed.verify().out
        assert cli("audit", "verify", "--trusted-head", witnessed.file).code == 0

    def test_an_old_cosignature_does_not_count_for_a_newer_head(
        self, witnessed: Anchored, lying: Callable[[bytes], bytes], cli: Cli
    ) -> None:
        with answering(lambda content: (200, lying(content), "text/plain")) as witnessed.url:
            assert witnessed.anchor().code == 0
            before = witnessed.file.read_bytes()
            grow(cli)
            assert witnessed.anchor().code == 3
        assert witnessed.file.read_bytes() == before

    def test_sizes_that_never_agree_end(self, witnessed: Anchored) -> None:
        sizes = itertools.cycle((b"1\n", b"2\n"))
        with answering(lambda _content: (409, next(sizes), "text/x.tlog.size")) as witnessed.url:
            said = witnessed.anchor()
        assert said.code == 3
        assert "all the time" in said.err
