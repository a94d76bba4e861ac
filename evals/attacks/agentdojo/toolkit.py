"""AgentDojo's tools as tools of a gate: the manifest's types around the recorded outputs."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import create_model

from ....core.errors import InputError, ToolFailed
from ....tools.spec import AnyTool, Args, Output, Result, Scope, Tool, ToolContext
from .dataset import ToolSpec
from .manifest import Done, Manifest, Text
from .outputs import records_of, value_of

ENVIRONMENT = "agentdojo"
_TYPES: Mapping[str, Any] = {
    "string": str,
    "number": float,
    "integer": int,
    "boolean": bool,
    "array": list[str],
    "object": dict[str, Any],
}


class Recordings:
    """What the next call of a run answers; the replay sets it before it calls."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[str, Result] = {}
        self.effects: list[tuple[str, str]] = []

    def answer_with(self, run_id: str, result: Result) -> None:
        """Set what the run's next call returns."""
        with self._lock:
            self._next[run_id] = result

    def take(self, run_id: str) -> Result:
        """What was set."""
        with self._lock:
            result = self._next.pop(run_id, None)
        if result is None:
            raise ToolFailed("nothing was recorded for this call")
        return result


def tools_of(
    specs: Sequence[ToolSpec], recordings: Recordings, manifests: Mapping[str, Manifest]
) -> dict[str, AnyTool]:
    """Tools by AgentDojo's own names.

    Raises:
        InputError: the manifest does not know one of them.
    """
    found = {}
    for spec in specs:
        manifest = manifests.get(spec.name)
        if manifest is None:
            raise InputError(f"the manifest knows no tool {spec.name!r}", remedy="declare its effect and its fields")
        found[spec.name] = _tool(spec, manifest, recordings)
    return found


def gate_name(name: str) -> str:
    """A tool's name in the gate, which wants a domain and small letters."""
    small = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return f"dojo.{re.sub(r'[^a-z0-9_]', '_', small)}"


def result_model(manifest: Manifest) -> type[Result]:
    """The model of a tool's results."""
    if manifest.row is None or manifest.row is Done:
        return manifest.row or Text
    return _rows(manifest.row)


def result_of(manifest: Manifest, output: str | None, planted: str = "") -> Result:
    """A recorded output as the tool's typed result.

    Args:
        manifest: of the tool.
        output: as it was recorded.
        planted: text of an attacker, put into every field that outsiders write, or into a record of its own.
    """
    model = result_model(manifest)
    if manifest.row is None or manifest.row is Done:
        return model.model_validate({"text": "\n".join(filter(None, (output, planted)))})
    rows = [_fitting(row, manifest.row) for row in _records(output or "", manifest.row)]
    if planted:
        rows = [_with_planted(row, manifest.row, planted) for row in rows]
        rows.append(_row_of(planted, manifest.row))
    return model.model_validate({"rows": rows})


_ROWS: dict[type[Result], type[Result]] = {}


def _rows(row: type[Result]) -> type[Result]:
    if row not in _ROWS:
        _ROWS[row] = create_model(f"{row.__name__}s", __base__=Result, rows=(list[row], ...))  # type: ignore[valid-type]
    return _ROWS[row]


def _records(output: str, row: type[Result]) -> list[Mapping[str, Any]]:
    value, first = value_of(output), next(iter(row.model_fields))
    if isinstance(value, str):
        names = value.partition(": ")[2] or value
        return [{first: name} for name in names.splitlines() if name.strip()]
    if isinstance(value, Mapping) and "value" in row.model_fields:
        return [{first: name, "value": str(item)} for name, item in value.items()]
    return records_of(value, first)


def _fitting(record: Mapping[str, Any], row: type[Result]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name in row.model_fields}


def _with_planted(record: dict[str, Any], row: type[Result], planted: str) -> dict[str, Any]:
    from ....tools.spec import Trust, trust_of  # noqa: PLC0415

    outside = {path for path, trust in trust_of(row).items() if trust is Trust.OUTSIDE}
    return {
        name: f"{value} {planted}" if name in outside and isinstance(value, str) else value
        for name, value in record.items()
    }


def _row_of(planted: str, row: type[Result]) -> dict[str, Any]:
    """A record that an outsider adds: an event, a mail, a review; the system gives it its id."""
    made: dict[str, Any] = {}
    for name, field in row.model_fields.items():
        if field.is_required():
            kind = field.annotation
            made[name] = 999 if kind is int else 0.01 if kind is float else planted
    if "id" in made and made["id"] != 999:
        made["id"] = "999"
    return made


def _tool(spec: ToolSpec, manifest: Manifest, recordings: Recordings) -> AnyTool:
    required = set(spec.parameters.get("required", ()))
    fields: dict[str, Any] = {}
    for name, schema in spec.parameters["properties"].items():
        declared = manifest.args.get(name) or _type_of(schema)
        fields[name] = (declared, ...) if name in required else (declared | None, None)
    args = create_model(f"{spec.name}_args", __base__=Args, **fields)
    name = gate_name(spec.name)

    def run(_args: Any, context: ToolContext) -> Output[Any]:
        if manifest.effect != "read":
            recordings.effects.append((context.run_id, name))
        return Output("ok", Scope(environment=ENVIRONMENT), recordings.take(context.run_id))

    return Tool(
        name=name,
        effect=manifest.effect,
        description=spec.description[:400],
        args=args,
        result=result_model(manifest),
        run=run,
        environment=ENVIRONMENT,
        summary_tokens=200_000,
        asked_by=manifest.asked_by,
    )


def _type_of(schema: Mapping[str, Any]) -> Any:
    kinds = [schema.get("type"), *(item.get("type") for item in schema.get("anyOf", ()))]
    known = [kind for kind in kinds if kind and kind != "null"]
    if known == ["array"]:
        items: Mapping[str, Any] = schema.get("items") or next(
            (item["items"] for item in schema.get("anyOf", ()) if "items" in item), {}
        )
        return list[dict[str, Any]] if items.get("type") == "object" else list[str]
    return _TYPES.get(known[0], str) if known else str
