"""The triage graph as LangGraph Studio opens it (`langgraph.json`): the same graph, behind the same gate.

Studio loads this file by its path, where a relative import has no package to start from; so the imports are absolute.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opswarden.apps.installation import Installation, current_person, open_installation
from opswarden.apps.models import chosen_models, transports_for
from opswarden.apps.wiring import TriageRequest, open_triage
from opswarden.core.errors import InputError
from opswarden.policies.types import Audience, Notice
from opswarden.tools.snapshots.manifest import MANIFEST_NAME
from opswarden.tools.snapshots.store import SnapshotStore

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig


class _Studio:
    """Studio shows the state itself, so a notice has nowhere else to go."""

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        """Take the notice; the report stands in the graph's state."""
        return "shown in the state"


async def triage_graph(config: RunnableConfig) -> Any:
    """Build the graph for one thread.

    `configurable.snapshot` names the snapshot; without it the newest one that `opswarden demo` made is opened. Studio
    brings its own checkpointer.

    Raises:
        InputError: no snapshot is named and there is none.
    """
    # Opening files blocks, and Studio's server has one thread for everybody.
    return await asyncio.to_thread(_build, config)


def _build(config: RunnableConfig) -> Any:
    from opswarden.agents.triage.graph import build_graph  # noqa: PLC0415 - heavy, only a thread needs it

    configurable = config.get("configurable", {})
    installation = open_installation()
    named = configurable.get("snapshot")
    snapshot = Path(named) if named else _newest_demo(installation)
    request = TriageRequest(
        run_id=f"studio_{configurable.get('thread_id') or installation.ids.new('thread')}",
        on_behalf_of=f"person:{current_person()}",
        trigger="studio",
        audience=Audience("terminal", "studio", installation.settings.team),
        senders={"terminal": _Studio()},
        transports=transports_for(
            installation.settings,
            chosen_models(installation.settings, None, none_wanted=False),
            installation.clock,
        ),
    )
    return build_graph(open_triage(installation, SnapshotStore(snapshot), request).parts)


def _newest_demo(installation: Installation) -> Path:
    found = sorted(
        (installation.state.root / "demo").glob(f"*/snapshot/{MANIFEST_NAME}"), key=lambda path: path.stat().st_mtime
    )
    if not found:
        raise InputError(
            "no snapshot is named and there is no demo", remedy="run `opswarden demo`, or set configurable.snapshot"
        )
    return found[-1].parent
