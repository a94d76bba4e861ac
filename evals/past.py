"""An installation's own incidents: where they lie, and what people found out about them afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from ..core.errors import InputError
from ..tools.plain_files import read_plain_text
from .cases import SNAPSHOT_FOLDER, TRUTH_NAME, Case, Cause, Truth
from .cutting import front_matter

POSTMORTEM_NAME = "postmortem.md"
_POSTMORTEM_LIMIT_BYTES = 512_000
_KEYS = frozenset({"cause", "indicator", "change", "verdict", "fault", "group"})


@dataclass(frozen=True)
class PastIncident:
    """An incident and its label.

    Args:
        id: unique within a run.
        snapshot: the whole snapshot; an agent gets only cuts of it.
        truth: what it was.
        problem: why it cannot be used; it then counts as an error.
    """

    id: str
    snapshot: Path
    truth: Truth | None = None
    problem: str = ""

    @property
    def case(self) -> Case:
        """The incident as a case of a suite; its label is asked of `truth` and not of the folder."""
        return Case(id=self.id, folder=self.snapshot, set_name="past", problem=self.problem)


def find_incidents(root: Path) -> tuple[PastIncident, ...]:
    """The incidents in a folder: `ID/snapshot/` beside `ID/truth.json` or `ID/postmortem.md`.

    A postmortem says what it was in its front matter: `cause` (a name or a list of names), `indicator`, `change`,
    `verdict`, `fault`, `group`. What else stands there is not read.

    Raises:
        InputError: it is no folder, or holds no incident.
    """
    if not root.is_dir():
        raise InputError(f"{root} is no folder", remedy="give a folder with ID/snapshot/ beside ID/postmortem.md")
    found = tuple(_incidents(root))
    if not found:
        raise InputError(
            f"{root} holds no incident", remedy="an incident is ID/snapshot/ beside ID/truth.json or ID/postmortem.md"
        )
    return found


def _incidents(root: Path) -> Iterator[PastIncident]:
    for folder in sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")):
        snapshot = folder / SNAPSHOT_FOLDER
        labels = [folder / name for name in (TRUTH_NAME, POSTMORTEM_NAME) if (folder / name).is_file()]
        if not snapshot.is_dir() and not labels:
            continue
        if not snapshot.is_dir():
            yield PastIncident(folder.name, snapshot, problem=f"the incident has no {SNAPSHOT_FOLDER} folder")
            continue
        try:
            truth = _label(folder)
        except InputError as error:
            yield PastIncident(folder.name, snapshot, problem=error.message)
        else:
            yield PastIncident(folder.name, snapshot, truth)


def _label(folder: Path) -> Truth:
    if (folder / TRUTH_NAME).is_file():
        return Case(id=folder.name, folder=folder).truth()
    path = folder / POSTMORTEM_NAME
    text = read_plain_text(str(path), _POSTMORTEM_LIMIT_BYTES) if path.is_file() else None
    if text is None:
        raise InputError(f"the incident has no readable {TRUTH_NAME} and no {POSTMORTEM_NAME}")
    return truth_of(front_matter(text))


def truth_of(fields: Mapping[str, object]) -> Truth:
    """The label in the front matter of a postmortem.

    Raises:
        InputError: neither a cause nor a verdict is named, or both and they contradict each other.
    """
    known = {key: value for key, value in fields.items() if key in _KEYS and value is not None}
    named = known.get("cause", [])
    names = [named] if isinstance(named, str) else named
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise InputError("`cause` in the postmortem is neither a name nor a list of names")
    if not names and "verdict" not in known:
        raise InputError("the front matter of the postmortem names neither a cause nor a verdict")
    try:
        causes = tuple(
            Cause(entity=name, indicator=_text(known, "indicator"), change=_text(known, "change")) for name in names
        )
        truth = Truth.model_validate(
            {
                "causes": causes,
                "verdict": known.get("verdict", "cause_found"),
                "fault": _text(known, "fault"),
                "group": _text(known, "group"),
            }
        )
    except ValidationError as error:
        raise InputError("the front matter of the postmortem has a value that does not fit") from error
    if bool(truth.causes) != (truth.verdict == "cause_found"):
        raise InputError("the postmortem's cause and verdict contradict each other")
    return truth


def _text(fields: Mapping[str, object], key: str) -> str | None:
    """YAML reads an id of digits as a number."""
    value = fields.get(key)
    return None if value is None else str(value)
