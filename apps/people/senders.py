"""How notices reach people on this machine: the terminal, or a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from ...agents.triage.types import Answer, TriageReport
from ...core.errors import BackendError
from ...core.whole_files import put_whole
from ...policies.types import Audience, Notice
from ..reports.answers import render_answer
from ..reports.render import render

ReportFormat = Literal["terminal", "json", "markdown", "html"]

FINAL = "triage.report"
STATISTICS = "triage.statistics"
ANSWER = "triage.answer"


class ReportSender:
    """Renders a triage report and writes it to the terminal or to a file; implements `Sender`.

    Args:
        style: the format.
        write: takes the rendered text, for the terminal.
        out: the file; `None` means the terminal.
        width: columns of the terminal, `None` if unknown.
        on_statistics: told the sentence of the statistical report while a model is still reading.
        is_colour: whether the terminal shows colours.
    """

    def __init__(
        self,
        style: ReportFormat,
        write: Callable[[str], None],
        *,
        out: Path | None = None,
        width: int | None = None,
        on_statistics: Callable[[str], None] = lambda _text: None,
        is_colour: bool = False,
    ) -> None:
        self._style: ReportFormat = style
        self._write = write
        self._out = out
        self._width = width
        self._on_statistics = on_statistics
        self._is_colour = is_colour

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        """Deliver the report; the statistical one is announced in one sentence where it would not be the last word.

        Raises:
            BackendError: the file cannot be written.
        """
        if notice.kind == ANSWER:
            self._write(self.answered(Answer.model_validate(notice.body)))
            return "shown"
        report = TriageReport.model_validate(notice.body)
        if notice.kind == STATISTICS:
            self._on_statistics(f"statistics say: {report.summary}")
            return "announced"
        text = self.rendered(report)
        if self._out is None:
            self._write(text)
            return "shown"
        write_whole(self._out, text)
        return str(self._out)

    def rendered(self, report: TriageReport) -> str:
        """The report in this sender's format."""
        return render(report, self._style, width=self._width, colour=self._is_colour)

    def answered(self, answer: Answer) -> str:
        """An answer; where a file was to hold the report, it is shown on the terminal all the same."""
        return render_answer(answer, self._style, width=self._width, colour=self._is_colour)


def write_whole(path: Path, text: str, *, is_new: bool = False, may: Callable[[], bool] = lambda: True) -> bool:
    """Write a file whole or not at all.

    Args:
        path: of it.
        text: all of it.
        is_new: whether nothing may be there yet.
        may: asked just before the file is replaced.

    Returns:
        Whether it was written: `False` if something was there, or `may` said no.

    Raises:
        BackendError: it cannot be written.
    """
    if path.exists() and not path.is_file():  # a device or a pipe would be gone afterwards
        raise BackendError(f"{path} is no ordinary file", remedy="choose another --out")
    try:
        return put_whole(path, text, is_new=is_new, may=may)
    except FileExistsError:
        if not is_new:
            raise BackendError(
                f"{path} cannot be written: a file is in its way", remedy="choose another --out"
            ) from None
        return False
    except OSError as error:
        raise BackendError(
            f"{path} cannot be written: {error.strerror or error}", remedy="make room, or choose another --out"
        ) from error
