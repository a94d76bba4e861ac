"""The report of a day in words: one line where all is well, one line for each fault where it is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from ...agents.platform.types import DailyReport
from ...core.errors import BackendError
from ...policies.cautions import visible
from ...policies.types import Audience, Notice
from ..people.senders import write_whole
from ..reports.markdown import code, prose

DailyStyle = Literal["terminal", "markdown", "json"]


def headline(report: DailyReport) -> str:
    """What a day comes to in one line, with what it did not look at."""
    checks = f"{len(report.checks)} check{'' if len(report.checks) == 1 else 's'}"
    unknown = len(report.unknown)
    wrong = f"{len(report.faults)} wrong" if report.faults else "nothing wrong"
    # What was not seen is no health, so a check that said nothing takes that word away.
    said = wrong if report.faults or not unknown else "nothing found"
    parts = [f"{checks}, {said}", *([f"{unknown} could not be made"] if unknown else [])]
    rest = f"; not covered: {', '.join(report.not_covered)}" if report.not_covered else ""
    return ", ".join(parts) + rest


def daily_lines(report: DailyReport) -> list[str]:
    """Lines for a terminal, in which nothing that others wrote is obeyed."""
    lines = [headline(report)]
    lines += [f"wrong: {each.check}: {each.fault}: {each.cause} ({each.reach})" for each in report.faults]
    lines += [f"could not be made: {each.name}: {each.why}" for each in report.unknown]
    lines += [f"only in part: {each.name}: {each.why}" for each in report.checks if each.state == "wrong" and each.why]
    return [visible(line) for line in lines]


def daily_markdown(report: DailyReport) -> str:
    """Markdown in which nothing that outsiders wrote is a link, a mention or HTML."""
    parts = [f"# Daily check at {report.at[:16].replace('T', ' ')} UTC", f"{_plain(headline(report))}."]
    unsure = [each for each in report.checks if each.why]
    well = [each for each in report.checks if each.state == "well"]
    wrong = [
        f"- {code(visible(each.fault))} in {code(visible(each.check))}: {_plain(each.cause)}. "
        f"Reach: {_plain(each.reach)}."
        for each in report.faults
    ]
    for name, lines in (
        ("Wrong", wrong),
        ("Not seen", [f"- {code(visible(each.name))}: {_plain(each.why)}." for each in unsure]),
        ("Well", [f"- {code(visible(each.name))}: {_plain(each.looked_at)}." for each in well]),
    ):
        if lines:
            parts += [f"## {name} ({len(lines)})", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def _plain(text: str) -> str:
    return prose(visible(text))


class DailySender:
    """Renders the report of a day and writes it to the terminal or to a file; implements `Sender`.

    Args:
        style: the format.
        write: takes the text, for the terminal.
        out: the file; `None` means the terminal.
    """

    def __init__(self, style: DailyStyle, write: Callable[[str], None], out: Path | None = None) -> None:
        self._style = style
        self._write = write
        self._out = out
        self.repeats_safely: Literal[True] = True

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        """Deliver.

        Raises:
            BackendError: the notice is of another form, or the file cannot be written.
        """
        try:
            report = DailyReport.model_validate(notice.body)
        except ValidationError as error:
            raise BackendError("a report lost its form on its way through redaction") from error
        if self._style == "json":
            text = report.model_dump_json(indent=2) + "\n"
        elif self._style == "markdown":
            text = daily_markdown(report)
        else:
            text = "\n".join(daily_lines(report)) + "\n"
        if self._out is None:
            self._write(text)
            return "shown"
        write_whole(self._out, text)
        return str(self._out)
