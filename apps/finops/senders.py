"""How reports and answers of the cost agent reach people on this machine: the terminal, or a file."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from ...agents.finops.graph import ANSWER, REPORT
from ...agents.finops.types import CostAnswer, FinopsReport
from ...core.errors import BackendError
from ...policies.types import Audience, Notice
from ..people.senders import write_whole
from .page import render_page
from .requests import FinopsStyle
from .texts import answer_markdown, print_answer, print_report, render_markdown, rows_csv

_WIDTH = 160


class FinopsSender:
    """Renders a report or an answer and writes it to the terminal or to a file; implements `Sender`.

    Args:
        style: the format.
        write: takes the rendered text, for the terminal.
        out: the file; `None` means the terminal.
        width: columns of the terminal, `None` where nobody looks at one.
    """

    def __init__(
        self, style: FinopsStyle, write: Callable[[str], None], *, out: Path | None = None, width: int | None = None
    ) -> None:
        self._style: FinopsStyle = style
        self._write = write
        self._out = out
        self._width = width

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        """Deliver.

        Raises:
            BackendError: the notice is of another form, or the file cannot be written.
        """
        try:
            if notice.kind == REPORT:
                text = self.rendered(FinopsReport.model_validate(notice.body))
            elif notice.kind == ANSWER:
                text = self.answered(CostAnswer.model_validate(notice.body))
            else:
                raise BackendError("this is not told here")
        except ValidationError as error:
            raise BackendError("a report lost its form on its way through redaction") from error
        if self._out is None:
            self._write(text)
            return "shown"
        write_whole(self._out, text)
        return str(self._out)

    def rendered(self, report: FinopsReport) -> str:
        """The report in this sender's format."""
        if self._style == "html":
            return render_page(report)
        if self._style == "markdown":
            return render_markdown(report)
        if self._style == "json":
            return report.model_dump_json(indent=2) + "\n"
        if self._style == "csv":
            return rows_csv([(each, report.plan.states.get(each.id, "open")) for each in report.plan.offered])
        return self._printed(lambda console: print_report(report, console))

    def answered(self, answer: CostAnswer) -> str:
        """An answer; it has no table, so a format that is none for it is Markdown."""
        if self._style == "json":
            return answer.model_dump_json(indent=2) + "\n"
        if self._style == "terminal":
            return self._printed(lambda console: print_answer(answer, console))
        return answer_markdown(answer)

    def _printed(self, show: Callable[..., None]) -> str:
        from rich.console import Console  # noqa: PLC0415 - only a terminal needs it

        text = io.StringIO()
        is_seen = self._width is not None and self._out is None
        show(
            Console(
                file=text, width=self._width or _WIDTH, highlight=False, force_terminal=is_seen, soft_wrap=not is_seen
            )
        )
        return text.getvalue()
