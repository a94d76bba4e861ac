from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from opswarden.core.clock import FixedClock
from opswarden.core.database import Database
from opswarden.core.keys import FileKeys
from opswarden.policies.ledger.postgres import open_ledger
from opswarden.policies.ledger.sqlite import SqliteLedger


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    return FileKeys(tmp_path / "keys.json")


@pytest.fixture
def ledger(database: Database, keys: FileKeys, clock: FixedClock) -> SqliteLedger:
    return open_ledger(database, keys, clock)
