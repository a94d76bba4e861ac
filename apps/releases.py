"""What each version of opswarden understands, so that an installation can be checked for it beforehand."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Literal

from pydantic import BaseModel

from ..core.errors import InputError
from .databases import known_numbers
from .settings import Settings


@dataclass(frozen=True)
class Release:
    """A version.

    Args:
        settings: the keys that it knows, `NAME` and `[]` standing for names and entries.
        schema_numbers: the newest of each component that it knows.
    """

    version: str
    settings: frozenset[str] = field(repr=False)
    schema_numbers: Mapping[str, int] = field(repr=False)


@dataclass(frozen=True)
class Obstacle:
    """Why a version would not do with this installation.

    Args:
        state: `failed` where it would refuse, `warning` where it would go without something.
    """

    state: Literal["warning", "failed"]
    what: str
    remedy: str


PAST: tuple[Release, ...] = ()
"""Released versions other than this one, newest first; written down when one is released."""


def this_release() -> Release:
    """What is at hand."""
    return Release(version("opswarden"), frozenset(_keys(Settings)), known_numbers())


def release_of(name: str) -> Release:
    """What is known of a version.

    Raises:
        InputError: nothing is.
    """
    known = (this_release(), *PAST)
    for release in known:
        if release.version == name:
            return release
    names = ", ".join(release.version for release in known)
    raise InputError(
        "nothing is known here of that version",
        remedy=f"known: {names}; ask a newer version with its own `config check --for`",
    )


def obstacles(release: Release, settings_in_use: frozenset[str], numbers: Mapping[str, int]) -> list[Obstacle]:
    """What keeps a version from working with a file of settings and with the tables that are here.

    Args:
        release: the version.
        settings_in_use: keys that the file sets, in the form of `Release.settings`.
        numbers: the schema number of each component here.
    """
    found = [
        Obstacle("failed", f"it does not know the setting `{key}`", "take it out of the file before")
        for key in sorted(settings_in_use)
        if not _is_known(key, release.settings)
    ]
    for component, number in sorted(numbers.items()):
        known = release.schema_numbers.get(component)
        if known is None:
            what = f"it knows nothing of {component!r}: what is in those tables rests meanwhile"
            found.append(Obstacle("warning", what, "nothing is lost; the newer version finds it again"))
        elif number > known:
            what = f"tables of {component!r} have version {number}, it knows {known}: it will refuse to start"
            found.append(Obstacle("failed", what, "restore a backup from before the newer version was installed"))
    return found


def in_use(values: Mapping[str, object]) -> frozenset[str]:
    """The keys that a parsed file sets, with names of its own as they are."""
    return frozenset(_flat(values))


def _flat(value: object, prefix: str = "") -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _flat(inner, f"{prefix}.{name}" if prefix else str(name))
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for inner in value:
            yield from _flat(inner, f"{prefix}[]")
    elif prefix:
        yield prefix


def _is_known(key: str, known: frozenset[str]) -> bool:
    """Whether a key is one of those known; whatever lies below an open table is its own."""
    parts = key.split(".")
    return any(_fits(parts, pattern.split(".")) for pattern in known)


def _fits(parts: list[str], pattern: list[str]) -> bool:
    for place, word in enumerate(pattern):
        if word == "*":
            return True
        if place >= len(parts):
            return False
        if word not in (parts[place], "NAME"):
            return False
    return len(parts) == len(pattern)


def _keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, member in model.model_fields.items():
        suffix, inner = _section(member.annotation)
        key = f"{prefix}{name}{suffix}"
        if inner is not None:
            yield from _keys(inner, f"{key}.")
        else:
            yield key


def _section(annotation: object) -> tuple[str, type[BaseModel] | None]:
    """How one goes on below a setting: into a section, the sections of a table or list, or anything at all (`.*`)."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "", annotation
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _section(inner[0])
    if origin is dict:
        value = inner[1]
        if isinstance(value, type) and issubclass(value, BaseModel):
            return ".NAME", value
        return ".*", None
    if origin is tuple and isinstance(inner[0], type) and issubclass(inner[0], BaseModel):
        return "[]", inner[0]
    if any(isinstance(one, type) and issubclass(one, BaseModel) for one in inner):
        return ".*", None
    return "", None
