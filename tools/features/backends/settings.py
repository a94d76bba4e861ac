"""Which feature stores there are, one for each environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from ....core.config import Section

_Column = Annotated[str, Field(min_length=1, max_length=128)]


class LogSettings(Section):
    """Rows of one view as they were served, and as a model gets them for training."""

    served: tuple[Path, ...] = Field(
        min_length=1, max_length=64, description="Parquet files of logged rows, or folders"
    )
    training: tuple[Path, ...] = Field(
        default=(), max_length=64, description="the same of training rows; recomputed from the offline side if absent"
    )
    request: _Column | None = Field(default=None, description="column with the id of a request, in both")
    time: _Column = Field(default="served_at", description="column with the moment of a request")


class _Place(Section):
    environment: str = Field(min_length=1, max_length=64, description="that the store serves")
    cost_per_hour: float | None = Field(
        default=None, ge=0, le=1e6, description="of what materializes, in your currency; for estimates"
    )
    logs: dict[str, LogSettings] = Field(
        default_factory=dict, max_length=500, description="view: what was served of it, and trained on"
    )


class ViewSettings(Section):
    """One view in files."""

    keys: tuple[_Column, ...] = Field(min_length=1, max_length=8, description="columns that name an entity")
    offline: tuple[Path, ...] = Field(min_length=1, max_length=64, description="Parquet files, or folders of them")
    online: Path = Field(description="a Parquet file, or a SQLite file with a table named like the view")
    event: _Column = Field(default="event_time", description="column with the moment of the event, in both")
    created: _Column | None = Field(default=None, description="offline column with the moment of writing")
    features: dict[_Column, Literal["integer", "float", "text", "boolean", "time"]] = Field(
        default_factory=dict, max_length=500, description="column: what it is declared to be; all columns if empty"
    )
    ttl_s: float | None = Field(default=None, gt=0, description="how old a row may be when it is served")
    refresh_s: float | None = Field(default=None, gt=0, description="how often it is to be materialized")
    materialized: Path | None = Field(default=None, description="JSON file of the intervals materialized so far")
    depends_on: tuple[str, ...] = Field(default=(), max_length=64, description="views that have to be there first")


class FilesSettings(_Place):
    """A feature store of plain files."""

    kind: Literal["files"]
    views: dict[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,99}$")], ViewSettings] = Field(max_length=500)


class FeastSettings(_Place):
    """A repository of Feast 0.67; needs the extra `feast`."""

    kind: Literal["feast"]
    repository: Path = Field(description="the folder with `feature_store.yaml`")


StoreSettings: TypeAlias = Annotated[FilesSettings | FeastSettings, Field(discriminator="kind")]
