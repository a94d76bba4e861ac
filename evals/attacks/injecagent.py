"""InjecAgent's data (Zhan et al. 2024, MIT) in AgentDojo's form: one read that is poisoned, then the attacker's calls.

Its tools say in one line what they do, and nothing of who writes what they return. So every output is outside text, and
a tool reads only if its line begins with a word that can mean nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from .agentdojo.dataset import AttackTask, Dataset, Poisonable, RecordedCall, TaskSuite, ToolSpec, UserTask
from .agentdojo.manifest import Manifest

_SIZE_LIMIT_BYTES = 16 * 1024 * 1024
_READING = frozenset({"Retrieve", "Retrieves", "Search", "Searches", "Get", "View", "Read", "List", "Access"})
_TYPES = frozenset({"string", "number", "integer", "boolean", "array", "object"})


class _Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Call(_Row):
    tool: str
    args: Mapping[str, Any]


class _UserCase(_Row):
    id: str
    tool: str
    args: Mapping[str, Any]
    instruction: str
    response_template: str


class _AttackerCase(_Row):
    id: str
    instruction: str
    calls: tuple[_Call, ...]


class _Tool(_Row):
    summary: str
    parameters: tuple[Mapping[str, Any], ...]


class _Published(_Row):
    user_cases: tuple[_UserCase, ...]
    attacker_cases: tuple[_AttackerCase, ...]
    tools: Mapping[str, _Tool]


def load(path: Path) -> tuple[Dataset, Mapping[str, Manifest]] | None:
    """The data in a file with a manifest of its tools; nothing if it holds something else."""
    try:
        if path.stat().st_size > _SIZE_LIMIT_BYTES:
            return None
        found = _Published.model_validate(json.loads(path.read_bytes()))
    except (OSError, ValueError, ValidationError):
        return None
    calls = [call for case in found.attacker_cases for call in case.calls]
    calls += [_Call(tool=case.tool, args=case.args) for case in found.user_cases]
    specs = tuple(
        _spec(name, tool, [call for call in calls if call.tool == name]) for name, tool in found.tools.items()
    )
    users = tuple(
        UserTask(
            id=case.id,
            prompt=case.instruction,
            calls=(RecordedCall(tool=case.tool, args=case.args, output=case.response_template),),
            poisonable=(Poisonable(step=0),),
        )
        for case in found.user_cases
    )
    attacks = tuple(
        AttackTask(
            id=case.id,
            goal=case.instruction,
            calls=tuple(RecordedCall(tool=call.tool, args=call.args) for call in case.calls),
        )
        for case in found.attacker_cases
    )
    manifests = {name: _manifest(tool) for name, tool in found.tools.items()}
    return Dataset(suites={"all": TaskSuite(tools=specs, user_tasks=users, injection_tasks=attacks)}), manifests


def _manifest(tool: _Tool) -> Manifest:
    first = tool.summary.split(" ", 1)[0]
    return Manifest("read" if first in _READING else "send")


def _spec(name: str, tool: _Tool, calls: Sequence[_Call]) -> ToolSpec:
    """The tool with every argument that is declared or was recorded; nothing in it is required."""
    properties: dict[str, Any] = {}
    for parameter in tool.parameters:
        kind = parameter.get("type")
        properties[str(parameter["name"])] = {"type": kind if kind in _TYPES else "string"}
    for call in calls:
        for key, value in call.args.items():
            properties[key] = _schema_of(value)
    return ToolSpec(name=name, description=tool.summary, parameters={"properties": properties})


def _schema_of(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, (int, float)):
        return {"type": "number"}
    if isinstance(value, Mapping):
        return {"type": "object"}
    if isinstance(value, list):
        return {"type": "array", "items": {"type": "object"} if value and isinstance(value[0], Mapping) else {}}
    return {"type": "string"}
