"""A labelled case: `<id>/snapshot/` that an agent may read beside `<id>/truth.json` that it may not."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..core.errors import InputError

TRUTH_NAME = "truth.json"
SNAPSHOT_FOLDER = "snapshot"

Verdict = Literal["cause_found", "inconclusive", "healthy"]


class Cause(BaseModel):
    """One true cause: the entity, and where the label says so its indicator (metric) and change id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    entity: str
    indicator: str | None = None
    change: str | None = None


class Truth(BaseModel):
    """The label of a case. `causes` is empty exactly when `verdict` is not `cause_found`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    causes: tuple[Cause, ...] = ()
    verdict: Verdict
    fault: str | None = Field(default=None, description="the kind of fault, for breakdowns of a score")
    group: str | None = Field(default=None, description="the sub-set a score is broken down by")


class Case(BaseModel):
    """Where a labelled case lies; nothing is read until it is asked for.

    Args:
        id: unique within a run.
        folder: holds `snapshot/` and `truth.json`.
        set_name: the data set it belongs to; a score is broken down by it.
        problem: why the case cannot be used, where that is known before it runs; it then counts as an error.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    folder: Path
    set_name: str = ""
    problem: str = ""

    @property
    def snapshot(self) -> Path:
        """The folder an agent may read."""
        return self.folder / SNAPSHOT_FOLDER

    def truth(self) -> Truth:
        """The label.

        Raises:
            InputError: there is none, or it does not follow the contract.
        """
        try:
            return Truth.model_validate_json((self.folder / TRUTH_NAME).read_bytes())
        except (OSError, ValidationError) as error:
            raise InputError(f"case {self.id!r} has no usable {TRUTH_NAME}") from error


def write_truth(folder: Path, truth: Truth) -> None:
    """Write `truth.json` into a case folder."""
    (folder / TRUTH_NAME).write_text(truth.model_dump_json(indent=2, exclude_none=True) + "\n", encoding="utf-8")


def find_cases(root: Path) -> tuple[Case, ...]:
    """All cases below `root`, in the order of their ids; hidden folders (unfinished drafts) are not looked into.

    The set of a case is named after the folder it lies in.

    Raises:
        InputError: `root` is no folder, or holds no case.
    """
    if not root.is_dir():
        raise InputError(f"{root} is no folder", remedy="give a folder that `opswarden import` or a world wrote")
    folders = sorted(
        path.parent
        for path in root.rglob(TRUTH_NAME)
        if (path.parent / SNAPSHOT_FOLDER).is_dir() and not is_hidden(root, path)
    )
    if not folders:
        raise InputError(f"{root} holds no case", remedy="a case is a folder with truth.json beside snapshot/")
    return tuple(case_at(root, folder) for folder in folders)


def case_at(root: Path, folder: Path, *, problem: str = "") -> Case:
    """The case in `folder`, which is `root` or lies below it, named by its place below `root`."""
    place = folder.relative_to(root)
    inside = place.parts[:-1]
    case_id = place.as_posix() if place.parts else folder.resolve().name
    return Case(id=case_id, folder=folder, set_name="/".join(inside) or root.resolve().name, problem=problem)


def is_hidden(root: Path, path: Path) -> bool:
    """Whether a part of the path below `root` starts with a dot."""
    return any(part.startswith(".") for part in path.relative_to(root).parts)
