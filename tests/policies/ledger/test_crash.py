"""kill -9 while a process appends: what was told as recorded is there, and the ledger verifies."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies.ledger.verify import verify

KILLS = 8
WRITER = """
import sys
from itertools import count
from pathlib import Path
from opswarden.core.clock import SystemClock
import pytest

from opswarden.core.sqlite import SqliteDatabase
from opswarden.core.keys import FileKeys
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.ledger.types import LedgerEntry

folder, life = Path(sys.argv[1]), int(sys.argv[2])
ledger = SqliteLedger(SqliteDatabase(folder / "ledger.sqlite"), FileKeys(folder / "keys.json"), SystemClock())
for number in count():
    batch = [LedgerEntry("call.decided", "run", {"life": life, "n": number, "pad": "x" * 300})] * (number % 4 + 1)
    for seq in ledger.append(batch):
        print(seq, life, number, flush=True)
"""


def test_every_append_that_returned_survives_kill_9(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, KILLS)


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_every_append_that_returned_survives_five_hundred_kills(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, 500)


def kill_again_and_again(tmp_path: Path, kills: int) -> None:
    keys = FileKeys(tmp_path / "keys.json")
    dice = random.Random(7)
    told: dict[int, tuple[int, int]] = {}
    for life in range(kills):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), str(life)], stdout=subprocess.PIPE, text=True
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

        database = SqliteDatabase(tmp_path / "ledger.sqlite")
        found = verify(database, keys.public_key())
        assert found.ok, found.problem
        rows = database.connection().execute("SELECT seq, body ->> '$.body.life', body ->> '$.body.n' FROM entry")
        stored = {row[0]: (row[1], row[2]) for row in rows}
        database.close()
        assert {seq: stored.get(seq) for seq in told} == told
        # A batch is there whole or not at all.
        sizes: dict[tuple[int, int], int] = {}
        for batch in stored.values():
            sizes[batch] = sizes.get(batch, 0) + 1
        assert all(size == number % 4 + 1 for (_, number), size in sizes.items())
    assert len(told) > kills
