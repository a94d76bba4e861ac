"""Recorded tasks and attacks of others, in one form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import InputError
from .agentdojo import dataset as agentdojo
from .agentdojo.dataset import Dataset
from .agentdojo.manifest import TOOLS, Manifest
from .injecagent import load as load_injecagent


@dataclass(frozen=True)
class Recorded:
    """Tasks and attacks, and what is declared of the tools in them.

    Args:
        name: whose they are.
    """

    name: str
    dataset: Dataset
    manifests: Mapping[str, Manifest]


def find(path: Path) -> Recorded:
    """The data in a file, AgentDojo's or InjecAgent's.

    Raises:
        InputError: it is a folder, cannot be read, is too large, or holds something else.
    """
    if path.is_dir():
        files = ", ".join(file.name for file in sorted(path.glob("*.json"))[:5]) or "no JSON"
        raise InputError(f"{path} is a folder", remedy=f"hand in one of its files: {files}")
    try:
        return Recorded("AgentDojo", agentdojo.load(path), TOOLS)
    except InputError as error:
        found = load_injecagent(path)
        if found is None:
            raise error from None
    return Recorded("InjecAgent", *found)
