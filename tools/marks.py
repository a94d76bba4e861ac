"""What a field of arguments or results says about itself beyond its type: what it names, and how people refer to it.

The gate follows values through a run by these marks. A value of one kind never counts as one of another, so that a
file `13` is no event `13`.
"""

from __future__ import annotations

import enum
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal, Union

from pydantic import AwareDatetime, BaseModel

from .spec import Trust, trust_of


@dataclass(frozen=True)
class Kind:
    """Marks what a field holds the id, the name or the amount of: `Annotated[str, Kind("model version")]`.

    Without the mark the kind is the field's own name.
    """

    name: str


@dataclass(frozen=True)
class Handle:
    """Marks the field of a record by which people refer to it: its title, its name."""


@dataclass(frozen=True)
class Harmless:
    """Marks an argument that nobody need have asked for: any value is as good as any other, or one of these values.

    Of a number, a time or a closed set any value; of a text any entry of its kind that the system itself has named,
    such as a colleague to write to, and never what an outsider could have written. Whoever declares it answers for the
    type being narrow enough: `Annotated[int, Field(ge=1, le=60), Harmless()]`, `Annotated[Mode, Harmless("slow")]`.
    """

    values: tuple[str | int | bool, ...] = ()

    def __init__(self, *values: str | int | bool) -> None:
        object.__setattr__(self, "values", values)


@dataclass(frozen=True)
class Draft:
    """Marks a text that only its owner sees and that is read back as outside text: a note, a file of one's own.

    Whoever asked for the draft has asked for what the agent puts into it. What stands in it is trusted no more for
    that, and neither is the draft: publishing or sharing it is another call.
    """


@dataclass(frozen=True)
class Marks:
    """What is known of a leaf field.

    Args:
        kind: what it names.
        is_handle: whether people refer to the record by it.
        harmless: whether its value needs no origin, and which values if not all.
        is_draft: whether it is the text of a draft.
        is_closed: whether it is one of a closed set, so that no instruction fits into it.
        is_text: whether it can hold any text.
        trust: where its content can come from, of a result.
    """

    kind: str
    is_handle: bool = False
    harmless: Harmless | None = None
    is_draft: bool = False
    is_closed: bool = False
    is_text: bool = True
    trust: Trust = Trust.OUTSIDE


_OPEN_TYPES: tuple[Any, ...] = (bool, int, float, datetime, date, timedelta, AwareDatetime, enum.Enum)


@lru_cache(maxsize=512)
def marks_of(model: type[BaseModel]) -> Mapping[str, Marks]:
    """The marks of every leaf field by its path, written as `spec.trust_of` writes it."""
    found: dict[str, Marks] = {}
    _walk_model(model, "", found, ())
    trust = trust_of(model)
    return {path: replace(marks, trust=trust.get(path, Trust.OUTSIDE)) for path, marks in found.items()}


def _walk_model(model: type[BaseModel], path: str, found: dict[str, Marks], above: tuple[type[BaseModel], ...]) -> None:
    if model in above:
        return
    for name, field in model.model_fields.items():
        annotation = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
        _walk(f"{path}.{name}" if path else name, annotation, Marks(kind=name), found, (*above, model))


def _walk(
    path: str, annotation: Any, marks: Marks, found: dict[str, Marks], above: tuple[type[BaseModel], ...]
) -> None:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        _walk(path, arguments[0], _marked(marks, arguments[1:]), found, above)
    elif origin in (Union, types.UnionType):
        for member in arguments:
            if member is not type(None):
                _walk(path, member, marks, found, above)
    elif origin in (list, tuple, set, frozenset):
        for member in arguments:
            if member is not Ellipsis:
                _walk(f"{path}[]", member, marks, found, above)
    elif origin in (dict, Mapping):
        found[f"{path}{{key}}"] = replace(marks, harmless=None)
        _walk(f"{path}{{}}", arguments[-1], marks, found, above)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        _walk_model(annotation, path, found, above)
    else:
        found[path] = _leaf(annotation, marks, found.get(path))


def _leaf(annotation: Any, marks: Marks, before: Marks | None) -> Marks:
    is_closed = _is_closed(annotation)
    is_open = isinstance(annotation, type) and issubclass(annotation, _OPEN_TYPES)
    # Of a union, the member that can do most decides.
    return replace(
        marks,
        is_closed=is_closed and (before is None or before.is_closed),
        is_text=not (is_closed or is_open) or (before is not None and before.is_text),
    )


def _is_closed(annotation: Any) -> bool:
    if typing.get_origin(annotation) is Literal:
        return True
    return isinstance(annotation, type) and issubclass(annotation, (bool, enum.Enum))


def _marked(marks: Marks, metadata: tuple[Any, ...]) -> Marks:
    for mark in metadata:
        if isinstance(mark, Kind):
            marks = replace(marks, kind=mark.name)
        elif isinstance(mark, Handle):
            marks = replace(marks, is_handle=True)
        elif isinstance(mark, Harmless):
            marks = replace(marks, harmless=mark)
        elif isinstance(mark, Draft):
            marks = replace(marks, is_draft=True)
    return marks
