"""Policy files: reading them, and what each policy says about itself in its annotations."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from ..core.errors import ConfigError

_ROLE = re.compile(r"[a-z][a-z0-9_-]*")
_ID = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")


@dataclass(frozen=True)
class PolicyFile:
    """A `.cedar` file: its name without folder, and its text."""

    name: str
    text: str


@dataclass(frozen=True)
class PolicyNote:
    """What a policy says about itself.

    Args:
        roles: who can lift it, from `@approval`; empty if nobody can.
    """

    id: str
    effect: Literal["permit", "forbid"]
    reason: str
    remedy: str
    roles: tuple[str, ...]
    file: str


def builtin_files() -> tuple[PolicyFile, ...]:
    """The policies that opswarden brings along, in name order."""
    folder = resources.files(__name__.rpartition(".")[0]) / "rules"
    return tuple(
        PolicyFile(item.name, item.read_text(encoding="utf-8"))
        for item in sorted(folder.iterdir(), key=lambda item: item.name)
        if item.name.endswith(".cedar")
    )


def folder_files(folder: Path) -> tuple[PolicyFile, ...]:
    """The policies of an operator's folder, in name order; folders inside it are not looked into.

    Raises:
        ConfigError: the folder or a file cannot be read, or holds no policy file.
    """
    try:
        paths = sorted(folder.glob("*.cedar"))
        found = tuple(PolicyFile(path.name, path.read_text(encoding="utf-8")) for path in paths)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"policy folder {folder} cannot be read", remedy="check its files and rights") from error
    if not found:
        raise ConfigError(
            f"policy folder {folder} holds no .cedar file", remedy="correct the path in the configuration"
        )
    return found


def note_of(file: str, effect: str, annotations: Mapping[str, str]) -> PolicyNote:
    """The annotations of one policy, checked.

    Raises:
        ConfigError: `@id` or `@reason` is missing, or a role is no role name.
    """
    policy_id = annotations.get("id", "")
    if not _ID.fullmatch(policy_id):
        raise ConfigError(
            f"a policy in {file!r} has no usable @id", remedy='give it one like @id("triage.rollback.prod")'
        )
    if not annotations.get("reason", "").strip():
        raise ConfigError(
            f"policy {policy_id!r} in {file!r} has no @reason", remedy="say in a sentence why it is there"
        )
    roles = (
        tuple(role.strip() for role in annotations.get("approval", "").split(",")) if "approval" in annotations else ()
    )
    if not all(_ROLE.fullmatch(role) for role in roles):
        raise ConfigError(f"@approval of policy {policy_id!r} names no role", remedy='name a role: @approval("oncall")')
    return PolicyNote(
        id=policy_id,
        effect="permit" if effect == "permit" else "forbid",
        reason=annotations["reason"],
        remedy=annotations.get("remedy", ""),
        roles=roles,
        file=file,
    )


def check_unique(notes: Sequence[PolicyNote]) -> None:
    """Refuse two policies of one id, in whichever files they are.

    Raises:
        ConfigError: an id occurs twice.
    """
    seen: dict[str, str] = {}
    for note in notes:
        if note.id in seen:
            raise ConfigError(
                f"policy id {note.id!r} occurs twice, in {seen[note.id]!r} and {note.file!r}",
                remedy="rename one of them",
            )
        seen[note.id] = note.file
