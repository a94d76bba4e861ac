"""Which model registries there are, one for each environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from ....core.config import Section
from ....core.systems.settings import HttpSettings

_Environment = Annotated[str, Field(min_length=1, max_length=64)]


class _Place(Section):
    environment: _Environment = Field(description="that the credential reaches")
    prefix: str = Field(default="", max_length=64, description="before every model's name there: `prod.`")
    alias: str = Field(default="champion", pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$", description="of what answers")
    comes_from: str | None = Field(
        default=None, description="the registry (its NAME) that versions come from; itself if absent"
    )
    entities: dict[str, str] = Field(
        default_factory=dict,
        max_length=500,
        description="model: the entity that serves it; one of the model's own name unless listed",
    )


class MlflowSettings(HttpSettings, _Place):
    """A tracking server of MLflow 3.17 or later."""

    kind: Literal["mlflow"]
    artifacts: tuple[Path, ...] = Field(
        default=(), max_length=16, description="folders of this machine below which artefacts may be read"
    )


class SagemakerSettings(_Place):
    """The model registry of an account of AWS; each model is a model package group."""

    kind: Literal["sagemaker"]
    region: str = Field(min_length=1, max_length=32)
    profile: str | None = Field(default=None, description="of the AWS configuration; the usual chain if absent")
    endpoint: str | None = Field(default=None, description="another address of the service")
    timeout_s: float = Field(default=20.0, gt=0, le=300)
    artifacts: tuple[Path, ...] = Field(default=(), max_length=16)


RegistrySettings: TypeAlias = Annotated[MlflowSettings | SagemakerSettings, Field(discriminator="kind")]
