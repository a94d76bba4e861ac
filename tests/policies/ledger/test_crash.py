"""kill -9 while a process appends: what was told as recorded is there, and the ledger verifies."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from opswarden.core.database import Database
from opswarden.core.keys import FileKeys
from opswarden.core.postgres import PostgresDatabase
from opswarden.policies.ledger.verify import verify
from opswarden.tests.postgres_peer import on_both

KILLS = 8
WRITER = """
import sys
from itertools import count
from pathlib import Path
from pydantic import SecretStr
from opswarden.core.clock import SystemClock
from opswarden.core.keys import FileKeys
from opswarden.core.postgres import PostgresDatabase
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies.ledger.postgres import open_ledger
from opswarden.policies.ledger.types import LedgerEntry

folder, life, url = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
database = PostgresDatabase(SecretStr(url)) if url else SqliteDatabase(folder / "ledger.sqlite")
ledger = open_ledger(database, FileKeys(folder / "keys.json"), SystemClock())
for number in count():
    batch = [LedgerEntry("call.decided", "run", {"life": life, "n": number, "pad": "x" * 300})] * (number % 4 + 1)
    for seq in ledger.append(batch):
        print(seq, life, number, flush=True)
"""


@on_both
def test_every_append_that_returned_survives_kill_9(tmp_path: Path, database: Database) -> None:
    kill_again_and_again(tmp_path, database, KILLS)


@pytest.mark.soak
@pytest.mark.timeout(1_800)
@on_both
def test_every_append_that_returned_survives_five_hundred_kills(tmp_path: Path, database: Database) -> None:
    kill_again_and_again(tmp_path, database, 500)


def kill_again_and_again(tmp_path: Path, database: Database, kills: int) -> None:
    url = database._url.get_secret_value() if isinstance(database, PostgresDatabase) else ""
    keys = FileKeys(tmp_path / "keys.json")
    dice = random.Random(7)
    told: dict[int, tuple[int, int]] = {}
    for life in range(kills):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(life), url], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(dice.uniform(0.0, 0.06))
        writer.kill()
        # A torn last line was printed by nobody: only whole lines count as told.
        lines = [line for line in [first, *writer.stdout.read().splitlines(keepends=True)] if line.endswith("\n")]
        writer.stdout.close()
        writer.wait()
        for line in lines:
            seq, *rest = map(int, line.split())
            assert seq not in told
            told[seq] = (rest[0], rest[1])

        found = verify(database, keys.public_key())
        assert found.ok, found.problem
        rows = [
            (row["seq"], json.loads(row["body"])["body"])
            for row in database.connection().execute("SELECT seq, body FROM entry")
        ]
        stored = {seq: (body["life"], body["n"]) for seq, body in rows}
        database.close()
        assert {seq: stored.get(seq) for seq in told} == told
        # A batch is there whole or not at all.
        sizes: dict[tuple[int, int], int] = {}
        for batch in stored.values():
            sizes[batch] = sizes.get(batch, 0) + 1
        assert all(size == number % 4 + 1 for (_, number), size in sizes.items())
    assert len(told) > kills
