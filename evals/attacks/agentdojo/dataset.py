"""AgentDojo's tasks and attacks as data: what a person asks, the calls that do it, the calls that attackers want."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ....core.errors import InputError

_SIZE_LIMIT_BYTES = 16 * 1024 * 1024


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class RecordedCall(_Row):
    """One call of a tool; of an attack, without an output."""

    tool: str
    args: Mapping[str, Any]
    output: str | None = None


class Poisonable(_Row):
    """A step of a task whose output an outsider can write into."""

    step: int


class UserTask(_Row):
    """What a person asks, and calls that do it, with what the tools answered."""

    id: str
    prompt: str
    calls: tuple[RecordedCall, ...]
    poisonable: tuple[Poisonable, ...]


class AttackTask(_Row):
    """What an attacker wants."""

    id: str
    goal: str
    calls: tuple[RecordedCall, ...]


class ToolSpec(_Row):
    """A tool as the suite publishes it."""

    name: str
    description: str
    parameters: Mapping[str, Any]


class TaskSuite(_Row):
    """One of AgentDojo's four worlds."""

    tools: tuple[ToolSpec, ...]
    user_tasks: tuple[UserTask, ...]
    injection_tasks: tuple[AttackTask, ...]


class Dataset(_Row):
    """All of them, by name."""

    suites: Mapping[str, TaskSuite] = Field(min_length=1)


def load(path: Path) -> Dataset:
    """The data in a file.

    Raises:
        InputError: it cannot be read, is too large, or holds something else.
    """
    try:
        if path.stat().st_size > _SIZE_LIMIT_BYTES:
            raise InputError(f"{path.name} is larger than {_SIZE_LIMIT_BYTES} bytes", remedy="hand in AgentDojo's data")
        return Dataset.model_validate(json.loads(path.read_bytes()))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", remedy="check the path") from error
    except (ValueError, ValidationError) as error:
        raise InputError(
            f"{path.name} holds no AgentDojo tasks", remedy="see docs/evaluation.md for the form that is expected"
        ) from error
