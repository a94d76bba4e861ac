"""Several systems of one domain asked side by side; every one that failed is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from ..core.errors import BackendError

S = TypeVar("S")
T = TypeVar("T")


def asked_together(systems: Sequence[S], ask: Callable[[S], T]) -> list[T]:
    """What each system answers, in their order. Side by side, so that a slow one takes no time from the others.

    Raises:
        BackendError: one of them failed, or several; it names them all.
    """
    found, failed = asked_each(systems, ask)
    if failed:
        raise failure_of(failed)
    return found


def asked_each(systems: Sequence[S], ask: Callable[[S], T]) -> tuple[list[T], list[BackendError]]:
    """What those answer that do, in their order, and how the others failed."""

    def answered(system: S) -> T | BackendError:
        try:
            return ask(system)
        except BackendError as error:
            return error

    if len(systems) < 2:
        answers = [answered(system) for system in systems]
    else:
        with ThreadPoolExecutor(len(systems), "systems") as pool:
            answers = list(pool.map(answered, systems))
    failed = [answer for answer in answers if isinstance(answer, BackendError)]
    return [answer for answer in answers if not isinstance(answer, BackendError)], failed


def failure_of(failed: Sequence[BackendError]) -> BackendError:
    """One error for all of them, at least one."""
    if len(failed) == 1:
        return failed[0]
    messages = "; ".join(dict.fromkeys(error.message for error in failed))
    return BackendError(messages, remedy="; ".join(dict.fromkeys(error.remedy for error in failed if error.remedy)))
