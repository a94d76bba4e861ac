"""What can be told of a system before anybody depends on it: findings with what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal, Protocol

from ..clock import Clock, Deadline
from ..errors import OpswardenError
from ..http_exchange import Exchanged
from .client import SystemClient, refusal

CheckState = Literal["ok", "warning", "failed"]
Aspect = Literal["reach", "version", "rights", "clock", "freshness", "labels", "size", "conformance"]

_SKEW_S = 10.0
_LARGE_SKEW_S = 120.0
_VERSION = re.compile(r"v?(\d{1,4}\.\d{1,4}(?:\.\d{1,4})?)(?:[-+~][0-9A-Za-z.+~-]{1,40})?")


@dataclass(frozen=True)
class Checked:
    """One thing that was looked at.

    Args:
        aspect: what.
        state: `warning`: it works, and should be mended; `failed`: evidence will be missing or wrong.
        text: what was found, in our words.
        remedy: what to do, unless it is well.
    """

    aspect: Aspect
    state: CheckState
    text: str
    remedy: str = ""


class SystemCheck(Protocol):
    """What a kind of system can be asked about itself. Everything here reads, and nothing more."""

    def look(self, deadline: Deadline) -> Sequence[Checked]:
        """Reachability first, and nothing else where that fails."""
        ...

    def conformance(self, deadline: Deadline) -> Sequence[Checked]:
        """Whether the system answers as its documentation says, where the analysis depends on it.

        Every finding has the aspect `conformance`, and `failed` means that it does not. Nothing at all where a kind has
        no such questions.
        """
        ...

    @property
    def version(self) -> str:
        """The version that the system told when it was looked at; empty if it tells none."""
        ...


Look = Callable[[Deadline], Iterable[Checked]]
"""Looks at one thing of a system."""

Step = tuple[Aspect, Callable[[], Iterable[Checked]]]


def looked_at(steps: Sequence[Step]) -> tuple[Checked, ...]:
    """The findings of some steps, each for itself; if the first one fails there is nothing else to look at."""
    found: list[Checked] = []
    for place, (aspect, look) in enumerate(steps):
        try:
            found += look()
        except OpswardenError as error:
            found.append(Checked(aspect, "failed", error.message, error.remedy))
            if place == 0:
                break
    return tuple(found)


def plain_version(text: object) -> str:
    """A version if it looks like one; empty otherwise, because a system can write anything there."""
    found = _VERSION.fullmatch(text) if isinstance(text, str) else None
    return found[1] if found else ""


def is_older(version: str, least: str) -> bool:
    """Whether a plain version is lower than another one."""
    ours, theirs = ([int(part) for part in text.split(".")] for text in (version, least))
    return ours < theirs


def version_found(version: str, least: str = "") -> Checked:
    """What a plain version means; `least` is the first one that answers what we ask."""
    if not version:
        return Checked("version", "ok", "it does not tell its version")
    if least and is_older(version, least):
        return Checked("version", "warning", f"version {version} is older than {least}", "upgrade it")
    return Checked("version", "ok", f"version {version}")


def conforms(text: str) -> Checked:
    """It answers as its documentation says."""
    return Checked("conformance", "ok", text)


def deviates(text: str) -> Checked:
    """It does not, and the analysis depends on it."""
    return Checked(
        "conformance", "failed", text, "do not rely on its evidence; check its version and what stands before it"
    )


def version_told(
    client: SystemClient, path: str, keys: Sequence[str], clock: Clock, deadline: Deadline
) -> tuple[str, tuple[Checked, ...]]:
    """The version that a document tells, and the clock; no version of a system that keeps it to itself.

    Args:
        client: asks the system.
        path: of the document.
        keys: lead to the version in it.
        clock: ours.
        deadline: by when.

    Raises:
        BackendError: it did not answer, or does not take the credential.
    """
    answer = client.get(path, [], deadline)
    if answer.status in (401, 403) or answer.status >= 500:
        raise refusal(client.name, answer.status)
    found = None
    if answer.status < 300:
        with suppress(ValueError, RecursionError):
            found = json.loads(answer.content)
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return plain_version(found), (clock_of(answer, clock),)


def clock_of(answer: Exchanged, clock: Clock) -> Checked:
    """How far the system's clock is from ours, by the `Date` of an answer that has just come."""
    try:
        told = parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, TypeError, OverflowError, IndexError):
        return Checked("clock", "ok", "it does not tell its time")
    told = told if told.tzinfo else told.replace(tzinfo=UTC)
    ahead_s = (told - clock.now()).total_seconds()
    return skew(ahead_s)


def skew(ahead_s: float) -> Checked:
    """What a difference of clocks means; a `Date` has whole seconds."""
    if abs(ahead_s) < _SKEW_S:
        return Checked("clock", "ok", "its clock and ours agree")
    text = f"its clock is {ago(abs(ahead_s))} {'ahead of' if ahead_s > 0 else 'behind'} ours"
    state: CheckState = "failed" if abs(ahead_s) > _LARGE_SKEW_S else "warning"
    return Checked("clock", state, text, "synchronise both clocks: windows are asked for by ours")


def fresh(newest: datetime | None, clock: Clock, limit_s: float, what: str) -> Checked:
    """Whether data still arrive.

    Args:
        newest: moment of the newest one; `None` if there is none.
        clock: ours.
        limit_s: older than that is a warning; ten times as old is a failure.
        what: is told, such as `sample`.
    """
    if newest is None:
        return Checked("freshness", "failed", f"there is no {what}", "check that data arrive, and `scope`")
    age_s = (clock.now() - newest).total_seconds()
    if age_s <= limit_s:
        return Checked("freshness", "ok", f"the newest {what} is {ago(max(age_s, 0.0))} old")
    state: CheckState = "failed" if age_s > 10 * limit_s else "warning"
    return Checked("freshness", state, f"the newest {what} is {ago(age_s)} old", "check what delivers them")


def share_without_entity(without: int, of: int, what: str, remedy: str) -> Checked:
    """How much cannot be counted for or against anybody; the remedy names the setting that mends it."""
    if not of:
        return Checked("labels", "ok", f"there are no {what} to look at")
    share = without / of
    text = f"{without} of {of} {what} name no entity ({share:.0%})"
    if share <= 0.05:
        return Checked("labels", "ok", text)
    state: CheckState = "failed" if share > 0.95 else "warning"
    return Checked("labels", state, text, remedy)


def ago(seconds: float) -> str:
    """A length of time for people."""
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
