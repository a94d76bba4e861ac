"""What a model wants to be fed, as its artefact declares it, and whether what feeds another one would do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..plain_yaml import DocumentError, documents

FILE = "MLmodel"
LIMIT_BYTES = 1_000_000
_MOST_INPUTS = 10_000


@dataclass(frozen=True)
class Input:
    """One input: its type as MLflow names it, and whether a request may lack it."""

    type: str
    is_required: bool = True


Signature = Mapping[str, Input]


def read_signature(content: bytes) -> Signature | None:
    """The inputs that an `MLmodel` file declares; `None` if it declares none that can be read."""
    try:
        found = documents(content.decode("utf-8"))
        declared = found[0].value.get("signature") if found and isinstance(found[0].value, dict) else None
        written = declared.get("inputs") if isinstance(declared, dict) else None
        rows = json.loads(written) if isinstance(written, str) else written
    except (UnicodeDecodeError, DocumentError, ValueError, RecursionError):
        return None
    if not isinstance(rows, list) or not 0 < len(rows) <= _MOST_INPUTS:
        return None
    inputs: dict[str, Input] = {}
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("name"), str):
            return None
        inputs[row["name"]] = Input(_type_of(row), row.get("required", True) is not False)
    return inputs


def _type_of(row: Mapping[str, Any]) -> str:
    if row.get("type") == "tensor":
        spec = row.get("tensor-spec")
        return f"tensor {spec.get('dtype')}" if isinstance(spec, dict) else "tensor"
    return str(row.get("type", ""))


@dataclass(frozen=True)
class Misfit:
    """Why one model cannot be fed with what feeds another: names of inputs.

    Args:
        missing: it requires them, and nothing provides them.
        retyped: they are provided with another type.
    """

    missing: tuple[str, ...]
    retyped: tuple[str, ...]

    @property
    def is_none(self) -> bool:
        """Whether everything fits."""
        return not self.missing and not self.retyped


def misfit(wanted: Signature, provided: Signature) -> Misfit:
    """What `wanted` lacks where inputs of the form `provided` arrive."""
    missing = [name for name, one in wanted.items() if one.is_required and name not in provided]
    retyped = [name for name, one in wanted.items() if name in provided and provided[name].type != one.type]
    return Misfit(tuple(sorted(missing)), tuple(sorted(retyped)))
