"""What is right to say of a planted situation, and where labels are kept: beside the fleet, never inside."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...core.errors import InputError
from ...tools.recommendations.types import RecommendationKind
from .spec import SituationName

LABELS_NAME = "labels.json"
FLEET_FOLDER = "fleet"


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(_Frozen):
    """A kind of recommendation of a resource; an empty resource stands for all of that kind."""

    kind: RecommendationKind
    resource: str = ""


class Label(_Frozen):
    """The right recommendation or the right silence for one subject.

    Args:
        situation: which of the planted ones.
        subject: a workload, or an id of the inventory.
        must: whether something is to be said.
        said: of `recommend`, one of these is right; of `silent`, each of these is wrong.
        least: what a proposal must not go below, by its name (`replicas`, `memory`, …), as the truth behind the data
            has it.
        needed_hours: hours of the week in the workload's timezone (0 is Monday, midnight) that must stay on.
        saving: what it saves in a month at list price, in the fleet's currency, least and most.
    """

    situation: SituationName
    subject: str
    must: Literal["recommend", "silent"]
    said: tuple[Said, ...]
    least: dict[str, float] = Field(default_factory=dict)
    needed_hours: tuple[int, ...] = ()
    saving: tuple[float, float] | None = None


class Labels(_Frozen):
    """Every label of a fleet.

    Args:
        planted: the twelve situations.
        clean: subjects that are as they should be: any recommendation of them is false.
        watchful: those of `clean` that look like waste and are none, with the reason.
    """

    planted: tuple[Label, ...]
    clean: tuple[str, ...]
    watchful: dict[str, str]


def write_labels(folder: Path, labels: Labels) -> None:
    """Write `labels.json` into the folder that holds the fleet's folder."""
    (folder / LABELS_NAME).write_text(labels.model_dump_json(indent=2) + "\n", encoding="utf-8")


def read_labels(folder: Path) -> Labels:
    """The labels beside a fleet.

    Raises:
        InputError: there are none, or they do not follow the contract.
    """
    try:
        return Labels.model_validate_json((folder / LABELS_NAME).read_bytes())
    except (OSError, ValidationError) as error:
        raise InputError(f"no usable {LABELS_NAME} beside the fleet", remedy="make the fleet again") from error
