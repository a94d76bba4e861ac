"""What runs pipelines, and what people know of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from ....core.config import Section
from ....core.systems.settings import HttpSettings
from ..types import PipelineName, PipelineRule

_Environment = Annotated[str, Field(min_length=1, max_length=64, description="that the credential reaches")]
_Rules = Annotated[
    dict[PipelineName, PipelineRule],
    Field(default_factory=dict, max_length=1_000, description="pipeline: its deadline, and what rests on it"),
]


class AirflowSettings(HttpSettings):
    """An Apache Airflow; version 3 gives a token for `user` and its password."""

    kind: Literal["airflow"]
    version: Literal[2, 3] = Field(description="of Airflow: 2 is asked at /api/v1, 3 at /api/v2")
    environment: _Environment
    rules: _Rules


class FilePipelinesSettings(Section):
    """A folder with `jobs.parquet`, as a snapshot has it."""

    kind: Literal["files"]
    environment: _Environment
    folder: Path
    rules: _Rules


PipelineSettings: TypeAlias = Annotated[AirflowSettings | FilePipelinesSettings, Field(discriminator="kind")]
