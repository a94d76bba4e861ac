"""How records of changes are configured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from ....core.config import Section

_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,200}")


class GitSettings(Section):
    """The history of one repository: a clone or a mirror on this machine, which somebody else keeps up to date."""

    kind: Literal["git"] = "git"
    environment: str = Field(min_length=1, max_length=64, description="where what is merged goes")
    path: Path = Field(description="the repository")
    ref: str = Field(default="HEAD", description="the branch whose merges count")
    entities: dict[str, str] = Field(
        default_factory=dict,
        max_length=500,
        description="pattern of paths: the entity they belong to; the first that fits; a `*` there is what `*` matched",
    )
    lag_s: float = Field(default=0.0, ge=0, le=86_400, description="how long after a merge it is live, about")

    @field_validator("ref")
    @classmethod
    def _is_ref(cls, ref: str) -> str:
        if not _REF.fullmatch(ref) or ".." in ref:
            raise ValueError("a branch or a tag by its name")
        return ref
