"""The pipelines of the world: what is told of them is what happened in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.evals.cases import Case
from opswarden.evals.worlds.spec import FaultName
from opswarden.tools.pipelines.backends.held_jobs import HeldJobs
from opswarden.tools.pipelines.place import PipelinePlace
from opswarden.tools.pipelines.tools import pipeline_tools
from opswarden.tools.pipelines.types import TROUBLE
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.spec import ToolContext


@pytest.mark.parametrize(
    ("fault", "troubled"),
    [("healthy", {}), ("card_testing", {}), ("upstream_batch_delay", {"feature-batch": "stuck"})],
)
def test_only_a_pipeline_that_hangs_is_in_trouble(
    world_case: Callable[[FaultName], Case], fault: FaultName, troubled: dict[str, str]
) -> None:
    store = SnapshotStore(world_case(fault).snapshot)
    end = store.manifest.window.end
    jobs = HeldJobs(store, "sandbox", "the world", end)
    clock = FixedClock(end)
    place = PipelinePlace("sandbox", lambda: jobs, now=lambda: end)
    tools = {each.name: each for each in pipeline_tools(place)}
    context = ToolContext("run", "team", clock, Deadline(clock, 60), artifacts=None)  # type: ignore[arg-type]  # not read
    late = tools["pipelines.late"].run(tools["pipelines.late"].args(), context).summary
    assert {each.pipeline: each.state for each in late.shown if each.state in TROUBLE} == troubled
    assert late.pipelines == 3
    # The report that failed one night was made by hand, so nothing failed of late; asked for, it says why.
    failed = next(each for each in jobs.runs("report-builder", 50, Deadline(clock, 60)) if each.state == "failed")
    why = tools["pipelines.why"]
    found = why.run(why.args(pipeline="report-builder", run=failed.id), context).summary
    assert (found.cause, found.task, found.consequences) == ("dependency", "collect", 2)
    store.close()
