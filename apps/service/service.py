"""A worker: takes what came in, has it triaged, tells what happens, and mends what others left behind."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

from ...core.clock import from_iso, to_iso
from ...core.database import STATEMENT_ERRORS
from ...core.errors import InputError, LedgerError, OpswardenError
from ..installation import Installation
from ..stopping import Stop
from .announcing import Announcer
from .arrivals import Arrivals
from .confirming import confirm
from .driving import Driver
from .folding import FoldingRules
from .incident_records import Incident
from .incidents import Incidents
from .intake import Intake, is_ours
from .neighbours import CallGraphs
from .performing import Performers
from .queue import RunQueue
from .schedules import Schedules
from .slots import Slots, turn
from .tasks import TASKS
from .tellings import Tellings
from .webhooks import priority_of

_ROUND_S = 0.25
_SWEEP_S = 2.0
_RESOLVE_S = 60.0
_UNDER_WAY = ("settling", "queued", "waiting")
_TRIES = 5
_ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "")
_log = logging.getLogger("opswarden.service")


class Worker:
    """One process at work; several share one state directory.

    Args:
        installation: whose work is done.
        stop: somebody wants the process to end.
        performers: who works off arrivals that are no alerts.

    Raises:
        ConfigError: the queue or a telling cannot be used.
    """

    def __init__(self, installation: Installation, stop: Stop, performers: Performers) -> None:
        self._installation = installation
        self._stop = stop
        self._performers = performers
        settings = installation.settings.service
        self.incidents = Incidents(installation.database, installation.clock, installation.ids)
        self.arrivals = Arrivals(installation.database, installation.keys, installation.clock, installation.ids)
        tellings = Tellings(installation)
        tellings.of(settings.tell)
        self._graphs = CallGraphs(installation)
        self._intake = Intake(
            installation.database,
            self.arrivals,
            self.incidents,
            installation.redaction.scrub,
            telling=settings.tell,
            neighbours=lambda environment: partial(self._graphs.neighbours, environment),
            rules=FoldingRules(settings.within_s, settings.settle_s, settings.reopen_s, settings.anew_s),
        )
        self._announcer = Announcer(installation, self.incidents, tellings.of)
        driver = Driver(installation, self.incidents, tellings.of, stop, leg_s=settings.leg_s)
        self._driver = driver
        self._slots = Slots(installation.state.locks)
        self._schedules = Schedules(installation.database, installation.clock, installation.settings.schedules, TASKS)
        self._queue = RunQueue(installation, self._slots.take(), self._drive, self._perform, self._do_due)
        self._swept_at = float("-inf")
        self._failed_at = ""
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to work, on threads of its own."""
        self._thread("opswarden-intake", self._round)
        self._thread("opswarden-telling", self._tell_round)
        self._thread("opswarden-graphs", self._graph_round)
        self._thread("opswarden-resolving", self._resolve_round)

    def why_not_ready(self) -> str:
        """Why nothing is worked off, in one line; empty if it is."""
        if not all(thread.is_alive() for thread in self._threads):
            return "a worker has died"
        return self._failed_at

    def close(self) -> None:
        """Stop within `service.stop_s`: what runs is handed back between two steps, or left to be found."""
        self._stop.want()
        for thread in self._threads:
            thread.join(5.0)
        self._queue.close(self._installation.settings.service.stop_s)
        self._slots.leave()

    def work_once(self) -> None:
        """One round of what is done all the time: take what came in, put what is due into the queue, mend."""
        self._take()
        for incident in self.incidents.in_run_state("settling"):
            if incident.due_at > self._installation.clock.now():
                break
            self._put(incident)
            self.incidents.queue(incident)
        if self._installation.clock.monotonic() - self._swept_at >= _SWEEP_S:
            self._swept_at = self._installation.clock.monotonic()
            self.sweep()

    def sweep(self) -> None:
        """Find what others left behind, what lost its place in the queue, and what people have answered."""
        with self._slots.left_behind() as dead:
            self._queue.take_over(dead)
        for incident in self.incidents.in_run_state("queued"):
            if self._queue.state_of(incident.id, incident.leg) in _ENDED:
                self._put(self.incidents.next_leg(incident))
        for name, moment in self._schedules.due():
            self._queue.put_due(name, to_iso(moment))
            self._schedules.queued(name, moment)
        for incident in self.incidents.in_run_state("waiting"):
            if self._is_answered(incident):
                self._put(self.incidents.next_leg(incident))

    def _put(self, incident: Incident) -> None:
        service = f"{incident.environment}/{incident.entity}" if incident.entity else ""
        self._queue.put(incident.id, incident.leg, priority=priority_of(incident.severity), service=service)

    def _take(self) -> None:
        self._intake.take_waiting()
        for arrival_id in self.arrivals.waiting():
            with suppress(InputError):
                arrival = self.arrivals.read(arrival_id)
                if not is_ours(arrival):
                    self._queue.put_arrival(arrival_id, priority=arrival.priority)

    def _is_answered(self, incident: Incident) -> bool:
        """Whether nothing of its run waits for people any more, by an answer or because the time for one is over."""
        records = self._installation.approvals.records(run_id=incident.run_id, state="pending")
        now = self._installation.clock.now()
        return all(each.has_expired(now) for each in records)

    def _drive(self, incident_id: str, leg: int) -> str:
        """Drive a leg; a database that has gone is waited for."""
        began = self._installation.clock.monotonic()
        while True:
            try:
                ended = self._driver.drive(incident_id, leg)
                seconds = round(self._installation.clock.monotonic() - began, 3)
                facts = {"incident": incident_id, "leg": leg, "ended": ended, "seconds": seconds}
                _log.info("leg %d of %s: %s", leg, incident_id, ended, extra=facts)
                return ended
            except (LedgerError, *STATEMENT_ERRORS):
                if self._stop.wait(5.0):
                    return "handed-back"

    def _do_due(self, name: str, moment: str) -> None:
        result = self._schedules.do(self._installation, name, from_iso(moment))
        _log.info("schedule %s: %s", name, result, extra={"schedule": name})

    def _perform(self, arrival_id: str) -> None:
        """Work off an arrival, a few times if need be; one that is left while we stop stays what it is."""
        for tries in range(_TRIES):
            try:
                arrival = self.arrivals.read(arrival_id)
            except InputError:
                return  # it is worked off
            perform = self._performers.of(arrival)
            if perform is None:
                self.arrivals.settle(arrival_id, "failed", "nobody works this off")
                return
            try:
                perform(self._installation, arrival)
            except Exception as error:  # noqa: BLE001 - a performer is anybody's code; the arrival is tried again
                _log.warning("an arrival could not be worked off (%s)", type(error).__name__)
                if self._stop.wait(2.0**tries):
                    return
                continue
            self.arrivals.settle(arrival_id, "done")
            return
        self.arrivals.settle(arrival_id, "failed", f"given up after {_TRIES} tries")

    def _round(self) -> None:
        self.work_once()
        self._stop.wait(_ROUND_S)

    def _tell_round(self) -> None:
        # Two who tell the same would each take the other's message for told.
        with turn(self._installation.state.locks / "telling.lock") as is_ours_now:
            if is_ours_now:
                self._announcer.announce()
        self._stop.wait(_ROUND_S)

    def _resolve_round(self) -> None:
        with turn(self._installation.state.locks / "resolving.lock") as is_ours_now:
            if is_ours_now:
                self.resolve_cleared()
        self._stop.wait(_RESOLVE_S)

    def resolve_cleared(self) -> None:
        """Resolve what has been clear for long enough, where the alerting systems confirm that it is over."""
        after_s = self._installation.settings.service.resolve_after_s
        if after_s is None:
            return
        before = self._installation.clock.now() - timedelta(seconds=after_s)
        for incident in self.incidents.listed(limit=1_000):
            alerts = self.incidents.alerts(incident.id)
            if incident.run_state in _UNDER_WAY or not alerts or any(each.status != "resolved" for each in alerts):
                continue
            cleared = [each.at for each in self.incidents.timeline(incident.id) if each.what == "cleared"]
            if not cleared or cleared[-1] > before:
                continue
            found = confirm(self._installation.of_team(incident.team), incident, alerts, "system:service")
            if found.answer == "over":
                with suppress(InputError):  # somebody was faster
                    self.incidents.resolve(incident.id, "system:service", found.line)

    def _graph_round(self) -> None:
        settings = self._installation.settings
        self._graphs.refresh({system.environment for system in settings.systems.values()})
        self._stop.wait(30.0)

    def _thread(self, name: str, round_: Callable[[], None]) -> None:
        thread = threading.Thread(target=self._go_on, args=(name, round_), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _go_on(self, name: str, round_: Callable[[], None]) -> None:
        """Round after round until the end; a round that fails is made again."""
        while not self._stop.is_wanted:
            try:
                round_()
                if self._failed_at.startswith(name):
                    self._failed_at = ""
            except Exception as error:  # noqa: BLE001 - a thread that dies would be a service that lives and does nothing
                why = error.message if isinstance(error, OpswardenError) else type(error).__name__
                self._failed_at = f"{name} fails: {why}"
                _log.warning("%s fails (%s)", name, type(error).__name__)
                self._stop.wait(1.0)
