"""The settings of the runner."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from ...core.config import Section

Protection = Literal["user", "files", "network"]


class RunnerSettings(Section):
    """Whether graphs and agents run in a process of their own, and what must hold there."""

    mode: Literal["embedded", "apart"] = Field(
        default="embedded", description="`apart`: every triage and agent runs in a process that holds nothing"
    )
    user: str = Field(
        default="nobody", min_length=1, max_length=64, description="whose the agent process is, where we may choose"
    )
    least: frozenset[Protection] = Field(
        default=frozenset({"files", "network"}), description="what must hold; otherwise nothing is started"
    )
    agent_packages: tuple[str, ...] = Field(
        default=(), description="`module:function` of packages that add agents; only the agent process imports them"
    )
    paths: tuple[Path, ...] = Field(
        default=(), description="folders with code that the agent process may read and import, beside what is installed"
    )
    memory_mb: int = Field(default=4096, ge=512, description="most memory of the agent process")
    most_s: int = Field(default=3600, ge=10, le=86_400, description="longest life of the agent process")
