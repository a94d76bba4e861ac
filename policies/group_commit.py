"""Group commit: steps that threads of one process write at the same time share a transaction, a head and a sync.

Whoever comes first commits alone; who comes meanwhile queues, and the first of the queue takes all of it into the next
transaction. If a step of it fails, the transaction is made anew with a savepoint for each, so that it takes no other
with it.

Threads that were let go together mostly come back together. If the first of them left at once, it would commit alone
while the others queue, and every second transaction would hold one step. So it gives the company of the last group a
moment to gather: a quarter of what that transaction took, and nothing if the last group was one step.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from ..core.database import STATEMENT_ERRORS, Connection, Database, StatementFailed
from ..core.errors import LedgerError
from .ledger.types import Ledger, Sealing

T = TypeVar("T")

GROUP_LIMIT = 64
"""Steps in one transaction at most: a long queue must not keep other processes from writing for long."""

_WAIT_SHARE, _WAIT_LIMIT_S = 0.25, 0.01

_REMEDY = "check the free space and the rights of the state directory"


class _Ticket(Generic[T]):
    """A step that waits its turn, and how it ended."""

    def __init__(self, step: Callable[[Connection], T]) -> None:
        self.step = step
        self.called = threading.Event()  # it has ended, or it is its thread's turn to lead
        self.has_ended = False
        self._results: list[T] = []
        self._error: Exception | None = None

    def end(self, *results: T, error: Exception | None = None) -> None:
        self._results.extend(results)
        self._error = error
        self.has_ended = True
        self.called.set()

    def outcome(self) -> T:
        if self._error is not None:
            raise self._error
        return self._results[0]


class GroupCommit:
    """Writes steps of one database and its ledger; one for all the threads that shall share commits.

    A step runs in the thread of whoever leads its group, inside a transaction; it must not wait for another thread,
    and it may be called again after an attempt that left nothing behind.
    """

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger
        self._lock = threading.Lock()
        self._waiting: list[_Ticket[Any]] = []
        self._has_company = threading.Condition(self._lock)
        self._is_led = False
        self._company, self._took_s = 1, 0.0  # the last group's steps, and what its transaction took

    def run(self, step: Callable[[Connection], T]) -> T:
        """Do a step; when this returns, all of it is durable. Inside a transaction of this thread it joins that.

        Raises:
            LedgerError: the database or the ledger failed, and with it every step of the group; nothing was written.
            Exception: whatever the step raised; nothing of it was written.
        """
        connection = self._database.connection()
        if connection.in_transaction:
            return step(connection)
        ticket = _Ticket(step)
        with self._lock:
            self._waiting.append(ticket)
            if len(self._waiting) == self._company:
                self._has_company.notify()
            leads, self._is_led = not self._is_led, True
        if not leads:
            self._wait(ticket)
        while not ticket.has_ended:
            self._lead(ticket)
            if not ticket.has_ended:  # another leads its group
                self._wait(ticket)
        return ticket.outcome()

    def _wait(self, ticket: _Ticket[Any]) -> None:
        try:
            ticket.called.wait()
        except BaseException:  # Ctrl-C in the main thread
            self._withdraw(ticket)
            raise

    def _withdraw(self, ticket: _Ticket[Any]) -> None:
        """Take a step back that has not begun; one that is under way is waited for."""
        with self._lock:
            was_waiting = ticket in self._waiting
            if was_waiting:
                self._waiting.remove(ticket)
            was_to_lead = was_waiting and ticket.called.is_set()
        if was_to_lead:
            self._hand_over()
        elif not was_waiting:
            ticket.called.wait()

    def _lead(self, own: _Ticket[Any]) -> None:
        group = [own]
        try:
            group = self._gathered()
            if len(group) > 1 and threading.current_thread() is threading.main_thread():
                self._let_another_lead(own, group)
                return
            started = time.monotonic()
            self._serve(group)
            self._company, self._took_s = len(group), time.monotonic() - started
        except BaseException:
            # This thread is told to end. Nothing was committed, so the others' steps go back to the queue.
            with self._lock:
                waiting = [ticket for ticket in self._waiting if ticket is not own]
                self._waiting[:] = [one for one in group if one is not own and not one.has_ended] + waiting
            raise
        finally:
            self._hand_over()

    def _let_another_lead(self, own: _Ticket[Any], group: Sequence[_Ticket[Any]]) -> None:
        """Put the group back with `own` last, for the others to lead.

        Ctrl-C is raised in the main thread alone, and there mostly as soon as a commit returns: nobody could tell then
        whether the others' steps are done.
        """
        with self._lock:
            own.called.clear()
            self._waiting[:0] = [*(one for one in group if one is not own), own]

    def _gathered(self) -> list[_Ticket[Any]]:
        """The next group, once the company of the last has come back or its moment is over."""
        with self._lock:
            company = min(self._company, GROUP_LIMIT)
            if len(self._waiting) < company:
                self._has_company.wait_for(
                    lambda: len(self._waiting) >= company, min(_WAIT_SHARE * self._took_s, _WAIT_LIMIT_S)
                )
            group = self._waiting[:GROUP_LIMIT]
            del self._waiting[:GROUP_LIMIT]
            return group

    def _hand_over(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting[0].called.set()
            else:
                self._is_led = False

    def _serve(self, group: Sequence[_Ticket[Any]]) -> None:
        try:
            try:
                ended = self._commit(group, with_savepoints=False)
            except _StepFailed as failed:
                # Nothing was committed. To let the others through, each now gets a savepoint; most groups need none.
                ended = [_Ended(error=failed.error)] if len(group) == 1 else self._commit(group, with_savepoints=True)
        except Exception as error:  # noqa: BLE001 - it belongs to those who wait for it, and they raise it
            for ticket in group:
                ticket.end(error=_own_copy(error) if len(group) > 1 else error)
        else:
            for ticket, one in zip(group, ended, strict=True):
                ticket.end(*one.results, error=one.error)

    def _commit(self, group: Sequence[_Ticket[Any]], *, with_savepoints: bool) -> list[_Ended]:
        with self._database.transaction() as connection, self._ledger.sealing(connection) as sealing:
            if with_savepoints:
                ended = [_attempt(connection, sealing, ticket.step) for ticket in group]
            else:
                sealing.gather()
                ended = [_Ended(_only(connection, ticket.step)) for ticket in group]
                _only(connection, lambda _connection: sealing.flush())
        sealing.committed()
        return ended


class _Ended:
    def __init__(self, *results: Any, error: Exception | None = None) -> None:
        self.results = results
        self.error = error


class _StepFailed(Exception):
    """A step raised, before anything was committed; no error of the database's."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


def _only(connection: Connection, step: Callable[[Connection], Any]) -> Any:
    try:
        return step(connection)
    except Exception as error:
        raise _StepFailed(_as_ledger_error(error) if isinstance(error, STATEMENT_ERRORS) else error) from error


def _attempt(connection: Connection, sealing: Sealing, step: Callable[[Connection], Any]) -> _Ended:
    """One step of several; an error from here that is not the step's own has cost the whole transaction."""
    mark = sealing.mark()
    connection.execute("SAVEPOINT step")
    try:
        result = step(connection)
    except Exception as error:  # noqa: BLE001 - it goes to whoever wanted the step
        connection.execute("ROLLBACK TO SAVEPOINT step")
        connection.execute("RELEASE SAVEPOINT step")
        sealing.back_to(mark)
        return _Ended(error=_as_ledger_error(error) if isinstance(error, STATEMENT_ERRORS) else error)
    connection.execute("RELEASE SAVEPOINT step")
    return _Ended(result)


def _as_ledger_error(error: Exception) -> LedgerError:
    found = LedgerError(
        f"the gate's records cannot be written: {error}",
        remedy=error.remedy if isinstance(error, StatementFailed) else _REMEDY,
    )
    found.__cause__ = error
    return found


def _own_copy(error: Exception) -> Exception:
    """For each thread an error of its own: raising one object in several threads would mix their tracebacks."""
    if not isinstance(error, LedgerError):
        return error
    found = LedgerError(error.message, remedy=error.remedy)
    found.__cause__ = error
    return found
