"""How clusters are configured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from ....core.systems.settings import HttpSettings

WITHIN = "https://kubernetes.default.svc"
"""Where a pod finds the API of its own cluster."""
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_LABEL = re.compile(r"([a-z0-9.-]{1,253}/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")


class KubernetesSettings(HttpSettings):
    """A cluster: the one that we run in, one with an address and a token, or one that a kubeconfig names."""

    kind: Literal["kubernetes"] = "kubernetes"
    environment: str = Field(min_length=1, max_length=64, description="what its credential reaches")
    url: str = Field(default=WITHIN, max_length=2_000, description="of its API; by itself the cluster that we run in")
    kubeconfig: Path | None = Field(default=None, description="file that names the cluster; needs the extra")
    context: str | None = Field(default=None, max_length=256, description="which one of `kubeconfig`")
    namespaces: tuple[str, ...] = Field(default=(), max_length=50, description="the only ones to read; all unless set")
    entity_labels: tuple[str, ...] = Field(
        default=("app.kubernetes.io/name", "app"),
        description="labels that name the entity; the first one wins, the name of the workload without any",
    )
    page: int = Field(default=500, ge=1, le=1_000, description="objects of one answer")
    most_objects: int = Field(default=20_000, ge=1, le=200_000, description="more of one kind than that are not read")

    @field_validator("namespaces")
    @classmethod
    def _are_namespaces(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not _NAMESPACE.fullmatch(name):
                raise ValueError(f"{name[:64]!r} is no name of a namespace")
        return names

    @field_validator("entity_labels")
    @classmethod
    def _are_labels(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not _LABEL.fullmatch(name):
                raise ValueError(f"{name[:64]!r} is no name of a label")
        return names

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.context is not None and self.kubeconfig is None:
            raise ValueError("`context` needs `kubeconfig`")
        given = self.model_fields_set & {"url", "token_env", "token_file", "user", "ca_file", "client_certificate"}
        if self.kubeconfig is not None and given:
            raise ValueError("`kubeconfig` says where the cluster is and who asks; leave the rest out")
        return self
