"""How every command speaks: results on stdout, progress and notes on stderr, JSON alone when a machine asks."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

import click

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from ...policies.types import CallResult


def out() -> Console:
    """The console of results."""
    # Where nobody looks at a terminal, tables keep their columns instead of wrapping them.
    return _console(width=None if sys.stdout.isatty() else 160)


def err() -> Console:
    """The console of progress and notes."""
    return _console(stderr=True)


def _console(**settings: Any) -> Console:
    """A console on which a text is nothing but text: no markup, no emoji, and no character that a terminal obeys.

    What is shown comes from systems as it is, such as the name of a workload.
    """
    from rich.console import Console, ConsoleOptions, RenderableType  # noqa: PLC0415 - 70 ms, not for `--help`
    from rich.segment import Segment  # noqa: PLC0415 - the same

    class Inert(Console):
        def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
            for segment in super().render(renderable, options):
                yield segment if segment.control else segment._replace(text=_inert(segment.text))

    stream = sys.stderr if settings.get("stderr") else sys.stdout
    if isinstance(stream, _Inert):
        settings["file"] = stream.terminal  # what this console says is inert, and its colours are ours
    return Inert(highlight=False, markup=False, emoji=False, **settings)


class _Inert:
    """Stands for the stream of a terminal: whatever is written, by whichever way, steers nothing."""

    def __init__(self, terminal: TextIO) -> None:
        self.terminal = terminal

    def __getattr__(self, name: str) -> Any:
        return getattr(self.terminal, name)

    def write(self, text: str) -> int:
        return self.terminal.write(_inert(text))

    def writelines(self, lines: Iterable[str]) -> None:
        self.terminal.writelines(map(_inert, lines))


def guard_terminals() -> None:
    """From now on nothing that a command prints steers a terminal. Files and pipes get every byte as it is."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and stream.isatty():
            setattr(sys, name, _Inert(stream))


# A terminal would obey or hide them; legal in JSON as they are, but for the first.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
)


def emit_json(document: Any) -> None:
    """One JSON document on stdout and nothing else; what a terminal would obey is written as an escape."""
    text = json.dumps(document, ensure_ascii=False, indent=2, default=str)
    click.echo(_inert(text))


def note(text: str) -> None:
    """A line on stderr."""
    click.echo(_inert(text), err=True)


def _inert(text: str) -> str:
    return text if text.isprintable() else _UNSEEN.sub(lambda found: json.dumps(found.group())[1:-1], text)


def asked_to_merge(made: Mapping[str, Any]) -> str:
    """What is left to do with a branch: nothing but looking, where a pull request asks for it."""
    if made.get("pull_request"):
        return f"pull request: {made['pull_request']}"
    return "nothing is pushed: push the branch and open the pull request yourself"


def waits_for_person(found: CallResult, trouble: str, look: str) -> bool:
    """Whether a call of a command waits for a person, who is then named the next step.

    Args:
        found: what the gate made of it.
        trouble: told of a failure that has no words of its own.
        look: the remedy for a failure.

    Raises:
        CallDenied: a policy or a person said no.
        BackendError: it did not come about.
    """
    from ...core.errors import BackendError, CallDenied  # noqa: PLC0415 - keeps `--help` light

    if found.approval_id:
        note(f"waiting for a person: opswarden approvals show {found.approval_id}")
        note("then run the same command again")
        return True
    if found.status == "denied":
        raise CallDenied(found.message or "a policy says no", code=found.code)
    if found.status != "ok" or not isinstance(found.summary, dict):
        raise BackendError(found.message or trouble, remedy=look)
    return False


def note_in_thread(approval_id: str, triage: str) -> None:
    """Show a question in the thread of a triage; it waits all the same where that cannot be done."""
    from ...core.errors import OpswardenError  # noqa: PLC0415 - keeps `--help` light
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..slack.asking import show_in_thread  # noqa: PLC0415 - the same

    try:
        with open_installation() as installation:
            is_shown = show_in_thread(installation, approval_id, triage)
    except OpswardenError as error:
        note(f"not shown in the thread: {error.message}")
        return
    note("shown in the thread of its incident" if is_shown else "that triage is told in no channel of Slack")


def since_moment(text: str) -> datetime:
    """What was given with `--since`.

    Raises:
        InputError: it is no moment with a time zone.
    """
    from ...core.clock import from_iso  # noqa: PLC0415 - keeps `--help` light
    from ...core.errors import InputError  # noqa: PLC0415 - the same

    try:
        return from_iso(text)
    except ValueError:
        raise InputError("--since is no moment", remedy="write it like 2026-01-31T08:00:00Z") from None


@contextmanager
def steps(title: str, *, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Live progress for work of unknown length: call the result with what is being done now.

    A terminal sees one line that changes; elsewhere every step is a line of its own, once, so that a log shows it too.
    """
    if quiet:
        yield lambda _text: None
        return
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        seen: set[str] = set()

        def write(text: str) -> None:
            if text not in seen:
                seen.add(text)
                note(f"{title}: {text}")

        yield write
        return
    from rich.text import Text  # noqa: PLC0415 - as above

    with err().status(Text(f"{title} …")) as status:
        yield lambda text: status.update(Text(f"{title}: {text} …"))


@contextmanager
def counted(title: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Live progress for work of known length: call the result with (done, total)."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.progress import (  # noqa: PLC0415 - as above
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err(), transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
