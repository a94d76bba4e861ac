"""Arguments and results of `documents.propose`."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from ..marks import Kind
from ..spec import Args, KeptText, Result

MOST_FILES = 200
MOST_CHARACTERS = 200_000

FilePath = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*){0,9}$", max_length=240)
]
"""Below the folder that proposals go to; no part begins with a dot or a dash."""


class ProposedFile(Args):
    """One file, whole."""

    path: FilePath
    text: str = Field(max_length=MOST_CHARACTERS)


class ProposeArgs(Args):
    branch: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$"), Kind("branch")] = Field(
        description="below `opswarden/`"
    )
    title: str = Field(min_length=1, max_length=120, description="the first line of the commit")
    body: str = Field(default="", max_length=10_000)
    files: tuple[ProposedFile, ...] = Field(strict=False, min_length=1, max_length=MOST_FILES)

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if len({each.path for each in self.files}) < len(self.files):
            raise ValueError("two files have one path")
        return self


class Proposed(Result):
    """A branch with one commit more, and the request to merge it where one is opened."""

    branch: KeptText
    commit: KeptText
    pull_request: KeptText = Field(default="", description="its address; empty where nothing is pushed")
    files: int
    changed: int = Field(description="files that differ from what was there")
