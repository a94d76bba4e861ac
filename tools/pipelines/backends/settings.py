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


class ArgoWorkflowsSettings(HttpSettings):
    """An Argo Workflows server with the workflows of one namespace."""

    kind: Literal["argo-workflows"]
    environment: _Environment
    namespace: str = Field(min_length=1, max_length=63, pattern=r"^[a-z0-9-]+$")
    rules: _Rules


class DatabricksSettings(HttpSettings):
    """Jobs of a Databricks workspace."""

    kind: Literal["databricks"]
    environment: _Environment
    api: Literal["2.1", "2.2"] = Field(default="2.2", description="version of the Jobs API")
    rules: _Rules


class FilePipelinesSettings(Section):
    """A folder with `jobs.parquet`, as a snapshot has it."""

    kind: Literal["files"]
    environment: _Environment
    folder: Path
    rules: _Rules


PipelineSettings: TypeAlias = Annotated[
    AirflowSettings | ArgoWorkflowsSettings | DatabricksSettings | FilePipelinesSettings, Field(discriminator="kind")
]
