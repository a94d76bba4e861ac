"""The section `platform`: what the daily check watches."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from ...core.config import Section

WatchName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


class TableWatch(Section):
    """A table whose newest day is judged."""

    book: Path = Field(description="the quality file that `opswarden platform quality learn` wrote")
    days: Path = Field(description="a folder with a file or a folder for each day, in the order of their names")
    due_hours: float = Field(
        default=36, gt=0, le=8_784, description="how long ago the newest day may have been written"
    )


class ScoredWatch(Section):
    """A model whose scored rows are compared with a reference."""

    reference: tuple[Path, ...] = Field(min_length=1, max_length=1_000, description="files of the period to measure by")
    window: tuple[Path, ...] = Field(min_length=1, max_length=1_000, description="files of what came since")
    score: str = Field(min_length=1, description="column with the probability of the positive class")
    label: str | None = Field(default=None, description="column with the truth, in the rows or in `labels`")
    labels: tuple[Path, ...] = Field(default=(), description="files with truths that came later")
    key: str | None = Field(default=None, description="column that names a row, in the rows and in `labels`")
    time: str | None = Field(default=None, description="column with the moment of a row")
    segments: tuple[str, ...] = Field(default=(), max_length=10, description="columns by which results are told apart")
    ignored: tuple[str, ...] = Field(default=(), description="columns that are no features")
    margin: float = Field(default=0.01, gt=0, le=0.5, description="a fall of the AUC that people care about")
    last_hours: float | None = Field(
        default=None, gt=0, le=8_784, description="only rows this young are compared; needs `time`"
    )

    @model_validator(mode="after")
    def _has_time(self) -> Self:
        if self.last_hours is not None and self.time is None:
            raise ValueError("`last_hours` needs `time`")
        return self


class PaymentsWatch(Section):
    """Payments of months, and what came back of them."""

    rows: Path = Field(description="a folder of Parquet files with the columns of `outcomes` in a snapshot")
    environment: str | None = Field(
        default=None, min_length=1, max_length=64, description="of the payments; the usual one if absent"
    )
    programmes: Path | None = Field(default=None, description="a file with the programmes of schemes")


class PlatformSettings(Section):
    """What `opswarden platform daily` looks at."""

    tables: dict[WatchName, TableWatch] = Field(default_factory=dict, max_length=200, description="name: a table")
    scored: dict[WatchName, ScoredWatch] = Field(
        default_factory=dict, max_length=200, description="model: the rows that it scored"
    )
    payments: dict[WatchName, PaymentsWatch] = Field(
        default_factory=dict, max_length=50, description="name: payments of months, and what came back of them"
    )
    features: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, max_length=50, description="feature store: its views that are watched; all if empty"
    )
    champions: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, max_length=50, description="registry: the models whose alias is watched"
    )
    pipelines: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, max_length=50, description="what runs pipelines: those that are watched; all if empty"
    )
    slos: tuple[str, ...] = Field(
        default=(), max_length=20, description="environments whose objectives of the service catalogue are watched"
    )
    check_s: float = Field(default=120, gt=0, le=600, description="how long one check may take")
    incident_share: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="a schedule opens an incident for a fault that concerns this share or more; never if absent",
    )
