"""A piece of work in an agent process: its gate is opened here, its graph runs there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from ...agents.triage.prompt_files import PLACEHOLDERS
from ...agents.triage.run import Ended, Question, Waiting
from ...agents.triage.types import Answer, TriageReport
from ...core.canonical import JsonValue
from ...core.errors import BackendError, CallDenied, OpswardenError
from ...policies.apart.frames import BadFrame
from ...policies.apart.messages import Said, error_of, run_body
from ...policies.apart.serving import Beside, Serving, parsed
from ...policies.gate import RunGate
from ...policies.types import Audience, Notice, TellResult
from .door import Door
from .positions import Positions
from .process import AgentProcess, agent_user
from .refusals import Refusals
from .shared_positions import SharedPositions

if TYPE_CHECKING:
    from ...agents.triage.parts import Reliability, TriageParts
    from ..installation import Installation

_LAST_S = 10.0


class _Step(Said):
    node: str = Field(max_length=64)


class _Score(Said):
    score: float


class _Done(Said):
    kind: str = Field(max_length=32)
    approval_ids: list[str] = Field(default_factory=list, max_length=1_000)
    report: dict[str, Any] = Field(default_factory=dict)
    state: dict[str, Any] = Field(default_factory=dict)
    waits: list[dict[str, Any]] = Field(default_factory=list, max_length=1_000)


@dataclass
class _Heard:
    """What came of a connection."""

    done: _Done | None = None
    error: OpswardenError | None = None
    told: dict[str, Mapping[str, JsonValue]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


def triage_apart(
    installation: Installation,
    parts: TriageParts,
    gate: RunGate,
    work: Mapping[str, Any],
    endpoint_names: tuple[str, ...],
    on_node: Callable[[str], None],
) -> Ended:
    """Run the triage graph in an agent process.

    What it says of the report is not taken from it: the report is what the gate told people.

    Args:
        installation: whose positions are kept.
        parts: as for a triage here; a chat model in them is not used.
        gate: that of the parts.
        work: see `triage_work`.
        endpoint_names: the models that take part, in order.
        on_node: called as nodes end.

    Raises:
        BackendError: the process ended before its work was done, or could not be started.
        OpswardenError: as the graph raises.
    """
    facts = {
        "work": dict(work),
        "nonce": parts.nonce,
        "audience": dict(vars(parts.audience)),
        "known_names": list(parts.known_names),
        "endpoint_names": list(endpoint_names),
        "prompts": [dict(vars(parts.prompts[name])) for name in PLACEHOLDERS],
        "has_reliability": parts.reliability is not None,
    }
    run_id = gate.run.id
    with closing(_positions(installation, run_id)) as positions:
        beside: dict[str, Beside] = {
            "position.put": positions.put,
            "position.write": positions.write,
            "such_scores": lambda body: _such_scores(parts.reliability, body),
            "step": lambda body: on_node(parsed(_Step, body, "step").node),
        }
        heard = _serve(installation, gate, {**facts, "position": positions.latest()}, beside)
    done = _finished(heard, run_id)
    if done.kind == "waiting":
        return Waiting(run_id, _own_approvals(installation, run_id, done.approval_ids))
    what, model = ("triage.answer", Answer) if done.kind == "answer" else ("triage.report", TriageReport)
    body = heard.told.get(what) or gate.told("tell.report") or _told_now(gate, parts.audience, done.report)
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise BackendError("what the agent process told is no report of ours", remedy=_again(run_id)) from error


def _positions(installation: Installation, run_id: str) -> Positions | SharedPositions:
    if installation.database.dialect == "sqlite":
        return Positions(installation.state.checkpoints, run_id)
    return SharedPositions(installation.database, run_id)


def _told_now(gate: RunGate, audience: Audience, report: Mapping[str, Any]) -> Mapping[str, JsonValue]:
    """A report of which it is not known whether it arrived; the gate knows it again, or tells it as any other."""
    told = gate.tell(audience, Notice("triage.report", report), call_id="tell.report")
    if told.status == "denied":
        raise CallDenied(f"the report may not be told: {told.message}", code=told.code, remedy=_again(gate.run.id))
    return told.body


def triage_work(*, resume: bool = False, question: Question | None = None) -> dict[str, Any]:
    """What a triage graph is to do: begin, go on, or answer."""
    asked = (
        {**vars(question), "entities": list(question.entities), "evidence": list(question.evidence)}
        if question
        else None
    )
    return {"kind": "triage", "resume": resume, "question": asked}


@dataclass(frozen=True)
class AgentEnd:
    """How the graph of a package's agent ended.

    Args:
        state: its end state, as it says.
        waits: what it was interrupted with.
    """

    state: Mapping[str, Any]
    waits: tuple[Mapping[str, Any], ...]


def agent_apart(installation: Installation, gate: RunGate, name: str, graph_input: Mapping[str, Any]) -> AgentEnd:
    """Run a package's agent in an agent process; its package is imported there and, if it adds agents only, not here.

    Raises:
        InputError: no listed package adds such an agent.
        BackendError: as for `triage_apart`.
    """
    settings = installation.settings
    packages = [*settings.packages, *settings.runner.agent_packages]
    work = {"kind": "agent", "name": name, "input": dict(graph_input), "packages": packages}
    heard = _serve(installation, gate, {"work": work}, {})
    done = _finished(heard, gate.run.id)
    return AgentEnd(done.state, tuple(done.waits))


def _serve(installation: Installation, gate: RunGate, facts: Mapping[str, Any], beside: Mapping[str, Beside]) -> _Heard:
    heard, settings, run_id = _Heard(), installation.settings.runner, gate.run.id
    refusals = Refusals(installation.ledger, run_id)

    def on_told(notice: Notice, result: TellResult) -> None:
        if result.status in ("sent", "unknown"):  # what perhaps arrived is shown as what did
            with heard.lock:
                heard.told[notice.kind] = result.body

    def ended(body: Mapping[str, Any]) -> None:
        heard.done = parsed(_Done, body, "ended")

    def failed(body: Mapping[str, Any]) -> None:
        heard.error = error_of(body)

    with Door(agent_user(settings)[0], refusals, installation.clock) as door:
        process = AgentProcess(settings, installation.state.root, door.path, door.view, door.handle)
        last_s = 0.0
        try:
            frames = door.admit(process.pid, process.is_alive)
            frames.send({**facts, "run": run_body(gate.run)})
            Serving(gate, frames, beside={**beside, "ended": ended, "failed": failed}, on_told=on_told).run()
            last_s = _LAST_S
        except BadFrame as error:
            refusals.add(error.code)
            raise BackendError(error.message, remedy=_again(run_id)) from error
        except OSError as error:
            raise BackendError("the agent process has gone", remedy=_again(run_id)) from error
        finally:
            code = process.end(last_s)
    if heard.done is None and heard.error is None:
        how = f"by signal {-code}" if code < 0 else f"with code {code}"
        raise BackendError(f"the agent process ended {how} before its work was done", remedy=_again(run_id))
    return heard


def _finished(heard: _Heard, run_id: str) -> _Done:
    if heard.error is not None:
        raise heard.error
    if heard.done is None:
        raise BackendError("the agent process did not say how it ended", remedy=_again(run_id))
    return heard.done


def _own_approvals(installation: Installation, run_id: str, approval_ids: list[str]) -> tuple[str, ...]:
    """Those that the run really waits for."""
    return tuple(one for one in approval_ids if installation.approvals.get(one).run_id == run_id)


def _such_scores(reliability: Reliability | None, body: Mapping[str, Any]) -> Any:
    score = parsed(_Score, body, "score").score
    return list(reliability.such_scores(score) or ()) if reliability is not None else []


def _again(run_id: str) -> str:
    return f"`opswarden resume {run_id}` goes on where it stopped"
