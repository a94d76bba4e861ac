"""The agent process: `python -m …agent_process SOCKET [PATH…]`; the handle comes on standard input.

It runs the triage graph or the agent of a package. It holds a connection to the gate of one run, and nothing else.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Mapping
from typing import Any

from ...core.clock import SystemClock
from ...core.errors import InputError, OpswardenError
from ...policies.apart.frames import BadFrame, Frames
from ...policies.apart.messages import error_body
from ...policies.apart.remote_gate import RemoteGate
from ...policies.types import Audience


def main(argv: list[str]) -> int:
    """Enter, do the work that the runner names, say how it ended."""
    path, more = argv[0], argv[1:]
    sys.path[:0] = more
    handle = sys.stdin.readline().strip()
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(path)
    gate = RemoteGate.enter(Frames(connection), handle)
    try:
        ended = _work(gate, gate.facts)
    except BadFrame:
        return 1
    except OpswardenError as error:
        gate.ask("failed", error_body(error))
        return 0
    except Exception as error:  # noqa: BLE001 - anybody's code; its text could hold anything
        told = f"internal error in the agent process: {_where(error)}"
        gate.ask("failed", {"kind": "OpswardenError", "message": told})
        return 0
    gate.ask("ended", ended)
    gate.close()
    return 0


def _work(gate: RemoteGate, facts: Mapping[str, Any]) -> dict[str, Any]:
    if facts["work"]["kind"] == "agent":
        return _agent(gate, facts["work"])
    return _triage(gate, facts)


def _triage(gate: RemoteGate, facts: Mapping[str, Any]) -> dict[str, Any]:
    from ...agents.triage.parts import TriageParts  # noqa: PLC0415 - after the runner has let us in
    from ...agents.triage.prompt_files import Prompt, PromptBook  # noqa: PLC0415 - the same
    from ...agents.triage.run import Question, Waiting, ask_triage, run_triage  # noqa: PLC0415 - the same
    from ...agents.triage.types import Answer  # noqa: PLC0415 - the same
    from .mirrored import MirroredSaver  # noqa: PLC0415 - the same

    chat = None
    if facts["endpoint_names"]:
        from ...agents.model.chat import GatedChatModel  # noqa: PLC0415 - only with a model

        chat = GatedChatModel(gate=gate, endpoint_names=tuple(facts["endpoint_names"]))
    parts = TriageParts(
        gate=gate,
        clock=SystemClock(),
        audience=Audience(**facts["audience"]),
        nonce=facts["nonce"],
        chat=chat,
        known_names=tuple(facts["known_names"]),
        prompts=PromptBook({one["name"]: Prompt(**one) for one in facts["prompts"]}),
        reliability=_Reliability(gate) if facts["has_reliability"] else None,
    )
    saver, asked = MirroredSaver(gate.run.id, gate.ask, facts["position"]), facts["work"]["question"]

    def on_node(node: str) -> None:
        gate.ask("step", {"node": node})

    if asked is not None:
        lists = {name: tuple(asked[name]) for name in ("entities", "evidence")}
        result = ask_triage(parts, saver, Question(**{**asked, **lists}), on_node=on_node)
    else:
        result = run_triage(parts, saver, resume=facts["work"]["resume"], on_node=on_node)
    if isinstance(result, Waiting):
        return {"kind": "waiting", "approval_ids": list(result.approval_ids)}
    if isinstance(result, Answer):
        return {"kind": "answer"}
    return {"kind": "report", "report": result.model_dump(mode="json")}


class _Reliability:
    """What the runner knows of a score."""

    def __init__(self, gate: RemoteGate) -> None:
        self._gate = gate

    def such_scores(self, score: float) -> tuple[int, int, float, float] | None:
        """See `agents.triage.parts.Reliability`."""
        right, count, low, high = self._gate.ask("such_scores", {"score": float(score)}) or (0, 0, 0.0, 0.0)
        return (right, count, low, high) if count else None


def _agent(gate: RemoteGate, work: Mapping[str, Any]) -> dict[str, Any]:
    from ...agents.tracing import without_outside_tracing  # noqa: PLC0415 - as above
    from ..agents import no_such_agent  # noqa: PLC0415 - as above
    from ..packages import load_packages  # noqa: PLC0415 - as above

    agents = load_packages(work["packages"]).agents
    factory = agents.get(work["name"])
    if factory is None:
        raise no_such_agent(work["name"], agents)
    with without_outside_tracing():
        state = factory(gate).invoke(dict(work["input"]), {"configurable": {"thread_id": gate.run.id}})
    if not isinstance(state, dict):
        raise InputError("the agent ended without a state", remedy="mend the package that adds it")
    interrupts = state.pop("__interrupt__", ())
    waits = [dict(item.value) if isinstance(item.value, Mapping) else {} for item in interrupts]
    plain = json.loads(json.dumps({"state": state, "waits": waits}, default=str))
    return {"kind": "state", **plain}


def _where(error: BaseException) -> str:
    """The type of an error and the line it came from, without its text."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = frame.tb_frame.f_code.co_filename if frame is not None else ""
    return f"{type(error).__name__} at {os.path.basename(place)}:{frame.tb_lineno if frame else 0}"  # noqa: PTH119 - a text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
