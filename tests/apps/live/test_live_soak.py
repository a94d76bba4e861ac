"""Every fault of the sandbox has the same first suspect from live systems as from its snapshot, and when replayed."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from opswarden.evals.worlds.spec import FAULT_NAMES, FaultName
from opswarden.evals.worlds.world import write_case
from opswarden.tests import prometheus_peer
from opswarden.tests.live_platform import prometheus_of
from opswarden.tools.snapshots.store import SnapshotStore

from ..conftest import SPEC, Cli
from .both_ways import both_ways


@pytest.mark.soak
@pytest.mark.parametrize("fault", FAULT_NAMES)
def test_every_fault_has_the_same_suspect(fault: FaultName, cli: Cli, home: Path, tmp_path: Path) -> None:
    missing = prometheus_peer.why_missing()
    if missing:
        pytest.skip(missing)
    case = write_case(SPEC.model_copy(update={"fault": fault}), tmp_path / "case")
    with closing(SnapshotStore(case.snapshot)) as store:
        peer = prometheus_of(store)
        try:
            live, still, _ = both_ways(cli, home, store, peer.url)
        finally:
            peer.close()
    assert live["verdict"] == still["verdict"]
    assert live["ranking"][0]["entity"] == still["ranking"][0]["entity"]
    replay = json.loads(cli("triage", "seen", "--format", "json").out)
    assert [row["entity"] for row in replay["ranking"][:1]] == [row["entity"] for row in live["ranking"][:1]]
