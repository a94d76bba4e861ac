"""What runs pipelines, and what people know of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from ....core.config import Section
from ....core.systems.aws_api import AwsSettings
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


class SagemakerPipelinesSettings(AwsSettings):
    """Pipelines of Amazon SageMaker in one region, with the logs of their jobs."""

    kind: Literal["sagemaker-pipelines"]
    environment: _Environment
    rules: _Rules
    logs_url: str = Field(default="", max_length=2_000, description="of CloudWatch Logs; the region's own unless set")

    @classmethod
    def host_part(cls) -> str:
        """`api.sagemaker`."""
        return "api.sagemaker"

    def for_logs(self) -> AwsSettings:
        """How CloudWatch Logs of the same region is asked."""
        return _LogsSettings.model_validate({**self._shared(), "url": self.logs_url})

    def _shared(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in AwsSettings.model_fields if name != "url"}


class _LogsSettings(AwsSettings):
    @classmethod
    def host_part(cls) -> str:
        return "logs"


class FilePipelinesSettings(Section):
    """A folder with `jobs.parquet`, as a snapshot has it."""

    kind: Literal["files"]
    environment: _Environment
    folder: Path
    rules: _Rules


PipelineSettings: TypeAlias = Annotated[
    AirflowSettings | ArgoWorkflowsSettings | DatabricksSettings | SagemakerPipelinesSettings | FilePipelinesSettings,
    Field(discriminator="kind"),
]
