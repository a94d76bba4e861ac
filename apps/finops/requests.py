"""What a run of the cost agent was asked for, kept beside the requests of triages."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FinopsStyle = Literal["terminal", "json", "markdown", "html", "csv"]


class FinopsRequest(BaseModel):
    """A weekly run, a report or a question, as it was asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["finops"] = "finops"
    fleet: Path
    models: tuple[str, ...] = ()
    style: FinopsStyle = "terminal"
    out: Path | None = None
    on_behalf_of: str
    trigger: str = "cli"
    records: bool = Field(default=True, description="whether the book is written")
    is_question: bool = False
    # Never stored here: the gate keeps it, redacted.
    ask: str = Field(default="", exclude=True)
    args: dict[str, Any] = Field(default_factory=dict, description="of `costs.decompose`")
    stated: float | None = None
    before: date | None = None
    start: date | None = None
    end: date | None = None
