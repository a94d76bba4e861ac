"""Arguments and results of `issues.open`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from ..marks import Kind
from ..spec import Args, KeptText, Result


class OpenIssueArgs(Args):
    subject: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$"), Kind("issue")] = Field(
        description="what it is about; there is one open issue of a subject"
    )
    title: str = Field(min_length=1, max_length=200, pattern=r"^[^\r\n]+$")
    text: str = Field(min_length=1, max_length=20_000, description="shown as it is, whatever it holds")


class OpenedIssue(Result):
    """The one open issue of a subject."""

    number: KeptText = Field(description="as people name it: `12`, `OPS-12`")
    url: KeptText
    is_new: bool = Field(description="whether it was opened now; otherwise the text is a comment of it")
