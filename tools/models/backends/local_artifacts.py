"""Artefacts that lie in folders of this machine, such as a mounted bucket."""

from __future__ import annotations

from pathlib import Path

from ....core.errors import BackendError
from .registry import MOST_FILES, ArtifactFile


def files_below(folder: Path) -> tuple[ArtifactFile, ...]:
    """Every file below a folder, at most `MOST_FILES`; links that lead out of it are left out."""
    found: list[ArtifactFile] = []
    for path in sorted(folder.rglob("*")):
        if len(found) >= MOST_FILES:
            break
        if path.is_file() and path.resolve().is_relative_to(folder):
            found.append(ArtifactFile(path.relative_to(folder).as_posix(), path.stat().st_size))
    return tuple(found)


def read_below(folder: Path, name: str, limit_bytes: int) -> bytes:
    """One file below a folder.

    Raises:
        BackendError: it is not there, leads out, or is larger than the limit.
    """
    path = (folder / name).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise BackendError("there is no such file in the artefact", remedy="check the check file")
    if path.stat().st_size > limit_bytes:
        raise BackendError("a file of the artefact is larger than is read", remedy="make it smaller")
    return path.read_bytes()
