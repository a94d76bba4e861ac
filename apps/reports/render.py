"""One report, four formats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError

from ...agents.triage.types import TriageReport
from .html import render_html
from .markdown import render_markdown
from .outline import outline
from .terminal import render_terminal

ReportFormat = Literal["terminal", "json", "markdown", "html"]

# Legal in JSON as they are, but a terminal that shows the JSON would obey them.
_UNSAFE_ON_A_TERMINAL = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def render(report: TriageReport, format: ReportFormat, *, width: int | None = None, colour: bool = False) -> str:
    """A report as text that ends in a line break.

    Args:
        report: what to show.
        format: `json` is the contract others build on; the rest are for people.
        width: columns of the terminal format; 100 unless given. The other formats do not wrap.
        colour: whether the terminal format carries colours (ANSI sequences of ours).
    """
    if format == "json":
        return render_json(report)
    page = outline(report)
    if format == "html":
        return render_html(page)
    if format == "markdown":
        return render_markdown(page)
    return render_terminal(page, width=width, colour=colour)


def render_json(report: BaseModel) -> str:
    """A report or an answer as indented JSON; control and bidi characters are escapes, so the value is the same."""
    try:
        text = report.model_dump_json(indent=2)
    except PydanticSerializationError:
        # Half a surrogate pair has no UTF-8 form; it can come from a summary that was JSON with such an escape.
        text = type(report).model_validate(_encodable(report.model_dump())).model_dump_json(indent=2)
    return _UNSAFE_ON_A_TERMINAL.sub(lambda found: f"\\u{ord(found.group()):04x}", text) + "\n"


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_encodable(name): _encodable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    return value
