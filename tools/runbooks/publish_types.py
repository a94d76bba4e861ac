"""Arguments and result of `runbooks.publish`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from ..documents.types import MOST_CHARACTERS
from ..spec import Args, KeptText, Result

PAGE_NAME = r"^([A-Za-z0-9_][A-Za-z0-9._-]*/){0,9}[A-Za-z0-9_][A-Za-z0-9._-]*\.md$"
PageName = Annotated[str, StringConstraints(pattern=PAGE_NAME, max_length=240)]
"""Below the folder of the runbooks; no part begins with a dot or a dash, and it ends with `.md`."""


class PublishArgs(Args):
    name: PageName = Field(description="of the page, below the folder of the runbooks")
    text: str = Field(min_length=1, max_length=MOST_CHARACTERS, description="the whole page")
    title: str = Field(min_length=1, max_length=120, description="of the page, for the first line of a commit")


class Published(Result):
    """A page where runbooks are kept."""

    name: KeptText
    branch: KeptText = Field(default="", description="that waits for the owners; empty where the page is in force now")
    commit: KeptText = ""
    pull_request: KeptText = Field(default="", description="its address; empty where nothing is pushed")
    is_new: bool = Field(description="whether no page of this name was in force")
