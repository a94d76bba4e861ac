"""The kill switch that needs no database: a file of what is stopped, looked at before every decision.

Each line is a kind and a pattern: `tool rollouts.*`, `team payments`, `model openai*`, `tell slack/#ops*`; ` # ` begins
a remark. An empty file stops everything, so that `touch` is enough; so does one that cannot be read or understood.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, get_args

from ..core.errors import BackendError, InputError
from .subjects import Subject
from .types import Audience, Deny, Endpoint, Run

StopKind = Literal["team", "tool", "model", "tell"]
"""`team`: whatever runs of the team want; `tool`: calls; `model`: requests, by the endpoint's or the model's name;
`tell`: messages, by `kind/name` of the audience."""

KINDS: tuple[StopKind, ...] = get_args(StopKind)
_BY_NAME: dict[str, StopKind] = {kind: kind for kind in KINDS}
_MOST_BYTES = 100_000
_REMARK = " # "
_REMEDY = "`opswarden stop --show` says what is stopped, and `opswarden go` lets it go on"
_WORDS = {"team": "the runs of this team", "tool": "this tool", "model": "this model", "tell": "telling this audience"}


@dataclass(frozen=True)
class Stop:
    """One line of the file."""

    kind: StopKind
    pattern: str
    remark: str = ""

    @property
    def text(self) -> str:
        """As it stands in the file."""
        return f"{self.kind} {self.pattern}{_REMARK + self.remark if self.remark else ''}"


@dataclass(frozen=True)
class Stops:
    """What a file says.

    Args:
        stops: its lines.
        stops_all: why everything is stopped; empty where only the lines count.
    """

    stops: tuple[Stop, ...] = ()
    stops_all: str = ""


class StopFile:
    """Reads the file when it has changed, and says whether something is stopped.

    Args:
        path: of the file; nothing is stopped while there is none.
        local_audiences: kinds of audience that a file which stops everything still lets be told.
    """

    def __init__(self, path: Path, local_audiences: frozenset[str] = frozenset({"terminal", "file"})) -> None:
        self._path = path
        self._local = local_audiences
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int, int] | None = None
        self._known = Stops()

    def standing(self) -> Stops:
        """What is stopped now; an error is an answer as well."""
        try:
            found = os.stat(self._path)  # noqa: PTH116 - one system call, before every decision
        except FileNotFoundError:
            return Stops() if self._path.parent.is_dir() else Stops(stops_all="the folder of the stop file is gone")
        except OSError as error:
            return Stops(stops_all=f"the stop file cannot be read ({error.strerror})")
        seen = (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
        with self._lock:
            if seen != self._seen:
                self._known = self._read()
                # What could not be read is tried again, whether it has changed or not.
                self._seen = None if self._known.stops_all else seen
            return self._known

    def why(self, run: Run, subject: Subject) -> Deny | None:
        """Why a call, a request or a message is stopped; `None` where it is not."""
        standing = self.standing()
        resource = subject.resource
        if standing.stops_all:
            is_local = isinstance(resource, Audience) and resource.kind in self._local
            return None if is_local else Deny("stop-all", standing.stops_all, _REMEDY)
        if not standing.stops:
            return None
        names: dict[StopKind, tuple[str, ...]] = {"team": (run.principal.team,)}
        if isinstance(resource, Audience):
            names["tell"] = (f"{resource.kind}/{resource.name}",)
            if resource.kind in self._local:
                del names["team"]  # whoever waits at the terminal is told that all was stopped
        elif isinstance(resource, Endpoint):
            names["model"] = (resource.name, resource.model)
        else:
            names["tool"] = (subject.action,)
        for stop in standing.stops:
            if any(fnmatchcase(name, stop.pattern) for name in names.get(stop.kind, ())):
                return Deny(f"stop-{stop.kind}", f"an operator has stopped {_WORDS[stop.kind]}", _REMEDY)
        return None

    def add(self, stops: Sequence[Stop]) -> None:
        """Stop more.

        Raises:
            InputError: a pattern is none.
            BackendError: the file cannot be written.
        """
        for stop in stops:
            _checked(stop)
        with self._changing() as standing:
            there = {(one.kind, one.pattern) for one in standing.stops}
            self._write([*standing.stops, *(one for one in stops if (one.kind, one.pattern) not in there)])

    def stop_all(self) -> None:
        """Stop everything: an empty file."""
        with self._changing(may_be_broken=True):
            self._write([])

    def remove(self, stops: Sequence[Stop]) -> tuple[Stop, ...]:
        """Let go on what these lines stopped; those that were there. Without any left, the file goes.

        Raises:
            BackendError: the file cannot be read or written.
        """
        wanted = {(one.kind, one.pattern) for one in stops}
        with self._changing() as standing:
            left = [one for one in standing.stops if (one.kind, one.pattern) not in wanted]
            gone = tuple(one for one in standing.stops if (one.kind, one.pattern) in wanted)
            if gone and left:
                self._write(left)
            elif gone:
                self._path.unlink(missing_ok=True)
        return gone

    def remove_all(self) -> None:
        """Let everything go on."""
        with self._changing(may_be_broken=True):
            self._path.unlink(missing_ok=True)

    def _read(self) -> Stops:
        try:
            with self._path.open("rb") as file:
                content = file.read(_MOST_BYTES + 1)
        except OSError as error:
            return Stops(stops_all=f"the stop file cannot be read ({error.strerror})")
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            return Stops(stops_all="the stop file is no text")
        lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
        if len(content) > _MOST_BYTES:
            return Stops(stops_all="the stop file is too large")
        if not lines:
            return Stops(stops_all="an operator has stopped everything")
        stops = []
        for line in lines:
            said, _, remark = line.partition(_REMARK)
            kind, _, pattern = said.strip().partition(" ")
            named = _BY_NAME.get(kind)
            if named is None or not pattern.strip() or any(char.isspace() for char in pattern.strip()):
                return Stops(stops_all="a line of the stop file cannot be understood")
            stops.append(Stop(named, pattern.strip(), remark.strip()))
        return Stops(tuple(stops))

    def _write(self, stops: Sequence[Stop]) -> None:
        draft = self._path.with_name(f"{self._path.name}.draft")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write("".join(f"{stop.text}\n" for stop in stops))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)

    @contextmanager
    def _changing(self, *, may_be_broken: bool = False) -> Iterator[Stops]:
        """One at a time changes the file."""
        try:
            handle = os.open(self._path.with_name(f"{self._path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                standing = self.standing()
                if standing.stops_all and not may_be_broken:
                    raise BackendError(
                        f"everything is stopped: {standing.stops_all}",
                        remedy="`opswarden go --all` begins anew; then stop what has to be stopped",
                    )
                yield standing
            finally:
                os.close(handle)
        except OSError as error:
            raise BackendError(
                f"the stop file cannot be changed ({error.strerror})", remedy="check the rights of its folder"
            ) from error


def _checked(stop: Stop) -> None:
    is_word = stop.pattern and not any(char.isspace() or not char.isprintable() for char in stop.pattern)
    if not is_word or len(stop.pattern) > 256 or not stop.remark.isprintable():
        raise InputError(
            f"what to stop of {stop.kind!r} is one word, in which * stands for anything",
            remedy="write it like `--tool 'rollouts.*'`",
        )
