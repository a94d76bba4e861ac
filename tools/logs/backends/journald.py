"""Lines of systemd's journal, as `journalctl --output=json` writes them.

Source: journalctl(1), systemd.journal-fields(7). What is asked is never part of the command line: only times are, and
cursors that look like some.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ....core.clock import Deadline
from ....core.errors import BackendError, ConfigError
from .rows import BODY_LIMIT, Row
from .settings import JournaldSettings
from .streamed import Allowance

_KEPT = ("PATH", "HOME", "TMPDIR")
_FIELDS = ("MESSAGE", "PRIORITY", "_SYSTEMD_UNIT", "SYSLOG_IDENTIFIER", "_HOSTNAME", "_PID", "TRACE_ID", "SPAN_ID")
_OPTIONS = ("--output=json", "--no-pager", "--quiet", "--utc", "--all", f"--output-fields={','.join(_FIELDS)}")
_LEVELS = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
_CURSOR = re.compile(r"s=[0-9a-f]{32};i=[0-9a-f]{1,16};b=[0-9a-f]{32}(?:;[a-z]=[0-9a-f]{1,16}){0,3}", re.ASCII)
_LINE_LIMIT = 1_048_576
_MOST_IDS = 20


class JournalLines:
    """Implements `LineSource`. The id of a line is its cursor, the entity its unit or its program.

    Args:
        name: what people call the source, for errors.
        settings: of the source.

    Raises:
        ConfigError: there is no journalctl here, or no such folder.
    """

    def __init__(self, name: str, settings: JournaldSettings) -> None:
        journalctl = shutil.which("journalctl")
        if journalctl is None:
            raise ConfigError("journalctl is not installed", remedy=f"take {name} out of the configuration")
        if settings.directory is not None and not settings.directory.is_dir():
            raise ConfigError(f"{settings.directory} is no folder", remedy=f"`directory` of {name} names a journal")
        self._command = [journalctl, *_OPTIONS]
        if settings.directory is not None:
            self._command.append(f"--directory={settings.directory.resolve()}")
        self._name = name
        self._settings = settings

    @property
    def environment(self) -> str:
        """Where the lines come from."""
        return self._settings.environment

    def lines(self, start_us: int, end_us: int, deadline: Deadline) -> Iterator[Row]:
        """The lines of a stretch of time, in order."""
        allowance = Allowance(self._name, self._settings.most_mb, deadline)
        times = (f"--since=@{start_us // 1_000_000}", f"--until=@{-(-end_us // 1_000_000)}")
        for row in self._run(times, allowance):
            if start_us <= row.ts_us < end_us:
                yield row

    def find(self, ids: Sequence[str], deadline: Deadline) -> Iterable[Row]:
        """The lines at these cursors; at most twenty."""
        allowance = Allowance(self._name, self._settings.most_mb, deadline)
        for cursor in [name for name in ids if _CURSOR.fullmatch(name)][:_MOST_IDS]:
            for row in self._run((f"--cursor={cursor}", "--lines=1"), allowance):
                if row.id == cursor:
                    yield row

    def _run(self, options: Sequence[str], allowance: Allowance) -> Iterator[Row]:
        allowance.spend(0)
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | {"LC_ALL": "C"}
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell; every word is ours, a number or a checked cursor
                [*self._command, *options],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise BackendError(f"{self._name} cannot be run: {error.strerror}", remedy="check journalctl") from error
        timer = threading.Timer(allowance.deadline.left_s, process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield from self._rows(process, allowance)
        finally:
            timer.cancel()
            process.kill()
            process.wait()

    def _rows(self, process: subprocess.Popen[bytes], allowance: Allowance) -> Iterator[Row]:
        if process.stdout is None:
            raise AssertionError("its output is a pipe")
        with process.stdout as output:
            while raw := output.readline(_LINE_LIMIT):
                allowance.spend(len(raw))
                row = _row(raw)
                if row is not None:
                    yield row
        if process.wait() != 0:
            allowance.spend(0)
            raise BackendError(
                f"{self._name} could not be read", remedy="check that its journal is there, and ours to read"
            )


def _row(raw: bytes) -> Row | None:
    """One line; `None` of what is none, or was longer than is let in."""
    try:
        found: Any = json.loads(raw)
        ts_us, cursor = int(found["__REALTIME_TIMESTAMP"]), str(found["__CURSOR"])
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    priority = found.get("PRIORITY")
    level = _LEVELS[int(priority)] if isinstance(priority, str) and priority in "01234567" and priority else None
    unit = _text(found.get("_SYSTEMD_UNIT")).removesuffix(".service")
    attributes = [(name, _text(found[name])) for name in ("_HOSTNAME", "_PID") if found.get(name)]
    traced = (_text(found.get(name)) or None for name in ("TRACE_ID", "SPAN_ID"))
    entity = unit or _text(found.get("SYSLOG_IDENTIFIER"))
    return Row(cursor, ts_us, entity, level, _text(found.get("MESSAGE"))[:BODY_LIMIT], attributes, *traced)


def _text(value: Any) -> str:
    """A field: text, bytes as numbers where they are no text, or several of either, of which the first counts."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(part, int) and 0 <= part < 256 for part in value):
        return bytes(value).decode("utf-8", "replace")
    return _text(value[0]) if isinstance(value, list) and value else ""
