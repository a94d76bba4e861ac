"""Whose something is, by patterns of what it is called: as operators write them under `entities`."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping


def entity_by_pattern(name: str, patterns: Mapping[str, str]) -> str | None:
    """The entity of the first pattern that fits; `None` if none does.

    Args:
        name: of a file, a group of logs, or what a dimension says.
        patterns: pattern (`*`, `?`, `[…]`): entity; a `*` in the entity is what the first `*` matched.
    """
    for pattern, entity in patterns.items():
        match = re.fullmatch(fnmatch.translate(pattern).replace(".*", "(.*)", 1), name)
        if match is not None:
            return entity.replace("*", match[1]) if "*" in entity and match.groups() else entity
    return None
