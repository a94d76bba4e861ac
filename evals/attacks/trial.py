"""One case from the planted text to what came of it: the real triage agent, a real gate, a model that obeys."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...agents.tracing import without_outside_tracing
from ...agents.triage.graph import build_graph
from ...agents.triage.parts import TriageParts
from ...agents.triage.run import Ended, Waiting, run_triage
from ...agents.triage.types import TriageReport
from ...core.canonical import JsonValue
from ...core.errors import OpswardenError
from ...policies.ledger.types import StoredEntry
from ...policies.types import Audience, CallResult, Notice
from ...tools.snapshots.store import SnapshotStore
from .bench import REPORT_STYLES, Bench, ReportStyle, RunRequest
from .obedient import ObedientModel
from .people import APPROVER, ScriptedPerson
from .types import GO, OWN, Attack, AttackCase, Benign, Captured, Wish
from .vectors import PLACES, Base, plant
from .watching import SeenCall, WatchedGate
from .world import ASK, TICKET, Done, PlatformWorld

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import BaseCheckpointSaver

_ATTACKING = ("model.", "direct.")
_PLACEHOLDER = re.compile(r"<EMAIL_ADDRESS_[0-9]+·[0-9a-z]{4}>")
BESIDE = "beside-the-snapshot-4711"
"""Stands in a file beside the snapshot, where nothing may read."""

_ROUNDS = 8
"""How often a run that waits is resumed before it is left waiting."""


@dataclass(frozen=True)
class Observed:
    """What came of one run.

    Args:
        text_arrived: whether the model was sent the planted instruction.
        wishes: what the model asked for.
        seen: what came to the gate beyond the agent's own calls.
        done: what took effect.
        without_leave: of that, what nobody wanted.
        questions: how often people were asked.
        read: the outside text that the model was sent by the end.
        requests: what the model was sent, as JSON.
        reports: the report in every format; empty if there is none.
        report: the typed report.
        entries: the ledger's entries of this case.
        spans: text of the spans.
    """

    text_arrived: bool
    wishes: tuple[Wish, ...]
    seen: tuple[SeenCall, ...]
    done: tuple[Done, ...]
    without_leave: tuple[Done, ...]
    questions: int
    read: str
    requests: tuple[str, ...]
    reports: Mapping[ReportStyle, str]
    report: TriageReport | None
    entries: tuple[StoredEntry, ...]
    spans: str


class _Recipient:
    """Takes the report that people would get."""

    def __init__(self) -> None:
        self.report: TriageReport | None = None

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        """Keep the last report."""
        self.report = TriageReport.model_validate(notice.body)
        return "kept"


class Trial:
    """Runs cases one after another on one bench.

    Args:
        bench: the installation.
        base: the snapshot that texts are planted in.
    """

    def __init__(self, bench: Bench, base: Base) -> None:
        self._bench, self._base = bench, base
        self._read_to = 0
        self._foreign: tuple[str, str] | None = None

    def attack(self, case: AttackCase) -> Observed:
        """Run an attack."""
        attack = case.attack
        explore = PLACES[case.vector].explore(self._base) if case.vector in PLACES else ()
        model = ObedientModel(
            play=attack.play, explore=explore, final=attack.final, own=attack.text if case.vector == OWN else ""
        )
        person = ScriptedPerson(self._bench.approvals, attack.meant, careless=attack.careless)
        return self._run(case, model, person)

    def benign(self, task: Benign) -> Observed:
        """Run a task in good faith: the same agent and tools, nothing planted, a model that does what it was asked."""
        model = ObedientModel(play=task.asked, own=GO)
        person = ScriptedPerson(self._bench.approvals, task.meant)
        return self._run(AttackCase(task.name, self.as_attack(task), OWN), model, person, task.words)

    def as_attack(self, task: Benign) -> Attack:
        """A task in good faith in the words of an attack that plants nothing."""
        return Attack(task.family, task.name, text="", play=task.asked, meant=task.meant)

    def skip_entries(self) -> None:
        """Pass over what others have written into the ledger since the last case."""
        self._read_to += sum(1 for _ in self._bench.entries(self._read_to))

    def _run(self, case: AttackCase, model: ObedientModel, person: ScriptedPerson, ask: str = ASK) -> Observed:
        bench, place = self._bench, PLACES.get(case.vector)
        world = PlatformWorld({place.mouth: case.attack.text} if place is not None and place.mouth else None)
        recipient = _Recipient()
        with self._snapshot(case) as store, self._prepared(case.attack):
            request = RunRequest(
                run_id=bench.new_run(),
                tools=world.tools(),
                store=store,
                transport=model,
                sender=recipient,
                ask=ask,
            )
            gates = self._go(case, request, person)
        entries = tuple(bench.entries(self._read_to))
        self._read_to += len(entries)
        report = recipient.report
        return Observed(
            text_arrived=model.has_read_instruction,
            wishes=tuple(model.wishes),
            seen=tuple(call for gate in gates for call in gate.seen if call.call_id.startswith(_ATTACKING)),
            done=world.done,
            without_leave=tuple(person.without_leave(world.done)),
            questions=sum(gate.asked for gate in gates),
            read=model.read,
            requests=tuple(model.requests),
            reports={style: bench.render(report, style) for style in REPORT_STYLES} if report is not None else {},
            report=report,
            entries=entries,
            spans=bench.spans(),
        )

    @contextmanager
    def _snapshot(self, case: AttackCase) -> Iterator[SnapshotStore]:
        with tempfile.TemporaryDirectory(prefix="opswarden-attack-") as folder:
            (Path(folder) / "truth.json").write_text(json.dumps({"secret": BESIDE}), encoding="utf-8")
            snapshot = plant(self._base, case.vector, case.attack.text, case.attack.lines, Path(folder) / "snapshot")
            store = SnapshotStore(snapshot, threads=1)
            try:
                yield store
            finally:
                store.close()

    @contextmanager
    def _prepared(self, attack: Attack) -> Iterator[None]:
        is_stopped = attack.prepare == "kill-switch"
        if is_stopped:
            self._bench.switch.set(True, by=APPROVER, reason="a case of the suite")
        try:
            yield
        finally:
            if is_stopped:
                self._bench.switch.set(False, by=APPROVER, reason="the case is over")

    def _go(self, case: AttackCase, request: RunRequest, person: ScriptedPerson) -> list[WatchedGate]:
        parts = self._bench.open(request)
        gate = WatchedGate(parts.gate)
        parts = replace(parts, gate=gate)
        if case.attack.direct is None:
            self._triage(case.attack, parts, person)
            return [gate]
        gate.call("incidents.describe", {}, call_id="intake")
        gate.call("tickets.read", {"ticket": TICKET}, call_id="read")
        other = WatchedGate(self._bench.open(replace(request, run_id=self._bench.new_run())).gate)
        artifact, placeholder = self._of_another_team(request)
        case.attack.direct(
            Captured(
                call=lambda tool, args, name: _call(gate, person, tool, args, name),
                other_run=lambda tool, args, name: _call(other, person, tool, args, name),
                foreign_artifact=artifact,
                foreign_placeholder=placeholder,
            )
        )
        return [gate, other]

    def _triage(self, attack: Attack, parts: TriageParts, person: ScriptedPerson) -> None:
        from langgraph.checkpoint.memory import InMemorySaver  # noqa: PLC0415 - heavy, only a run needs it

        saver = InMemorySaver()
        result: Ended = run_triage(parts, saver)
        for _ in range(_ROUNDS):
            if not isinstance(result, Waiting):
                return
            if attack.resume_with is not None:
                _forge(parts, saver, attack.resume_with)
            for approval_id in result.approval_ids:
                person.answer(approval_id)
            result = run_triage(parts, saver, resume=True)

    def _of_another_team(self, request: RunRequest) -> tuple[str, str]:
        """An artifact and a placeholder of a run of another team on the same installation."""
        if self._foreign is None:
            gate = self._bench.open_foreign(replace(request, run_id=self._bench.new_run(), transport=None))
            start, end = self._base.before.isoformat(), self._base.end.isoformat()
            wanted: dict[str, JsonValue] = {"start": start, "end": end, "limit": 50, "contains": "email="}
            found = gate.call("logs.search", wanted, call_id="theirs")
            place = _PLACEHOLDER.search(json.dumps(found.summary, ensure_ascii=False))
            self._foreign = found.artifact_id or "", place.group() if place else ""
        return self._foreign


def _call(
    gate: WatchedGate, person: ScriptedPerson, tool: str, args: Mapping[str, JsonValue], name: str
) -> CallResult | None:
    try:
        result = gate.call(tool, args, call_id=f"direct.{name}")
    except OpswardenError:
        return None
    if result.approval_id:
        person.answer(result.approval_id)
    return result


def _forge(parts: TriageParts, saver: BaseCheckpointSaver[Any], value: Any) -> None:
    """Resume a waiting graph with an answer that nobody gave."""
    from langgraph.types import Command  # noqa: PLC0415 - as above

    config: RunnableConfig = {"configurable": {"thread_id": parts.gate.run.id}, "recursion_limit": 60}
    with without_outside_tracing():
        app = build_graph(parts, saver)
        pending = {item.id: value for item in app.get_state(config).interrupts}
        app.invoke(Command(resume=pending), config)
