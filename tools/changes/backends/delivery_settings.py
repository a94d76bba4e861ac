"""How systems are configured that bring software out and remember it."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from ....core.systems.settings import HttpSettings

_GITHUB = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
_GITLAB = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}(/[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}){1,20}|[0-9]{1,18}")
_DOTS = frozenset((".", ".."))


def is_github_repository(name: str) -> bool:
    """Whether a name is `owner/name`."""
    return bool(_GITHUB.fullmatch(name)) and not _DOTS & set(name.split("/"))


def is_gitlab_project(name: str) -> bool:
    """Whether a name is `group/project`, with any groups below, or a number."""
    return bool(_GITLAB.fullmatch(name)) and not _DOTS & set(name.split("/"))


class ArgocdSettings(HttpSettings):
    """An Argo CD."""

    kind: Literal["argocd"] = "argocd"
    environment: str = Field(min_length=1, max_length=64, description="where its applications run")
    projects: tuple[str, ...] = Field(default=(), max_length=50, description="the only ones to read; all unless set")
    entities: dict[str, str] = Field(
        default_factory=dict,
        max_length=500,
        description="pattern of application names: the entity; its workloads by their names unless one fits",
    )


class GithubSettings(HttpSettings):
    """Deployments of repositories on GitHub."""

    kind: Literal["github"] = "github"
    environment: str = Field(min_length=1, max_length=64, description="where what is deployed runs")
    url: str = Field(default="https://api.github.com", max_length=2_000, description="of the API")
    repositories: dict[str, str] = Field(
        min_length=1, max_length=50, description="`owner/name`: the entity that is deployed from it"
    )
    deployed_to: str = Field(
        default="production", min_length=1, max_length=255, description="its name for it on GitHub"
    )

    @field_validator("repositories")
    @classmethod
    def _are_repositories(cls, names: dict[str, str]) -> dict[str, str]:
        for name in names:
            if not is_github_repository(name):
                raise ValueError(f"{name[:64]!r} is no `owner/name`")
        return names


class GitlabSettings(HttpSettings):
    """Deployments of projects on a GitLab."""

    kind: Literal["gitlab"] = "gitlab"
    environment: str = Field(min_length=1, max_length=64, description="where what is deployed runs")
    url: str = Field(default="https://gitlab.com", max_length=2_000, description="`https://host`, without `/api`")
    projects: dict[str, str] = Field(
        min_length=1, max_length=50, description="`group/project` or its number: the entity that is deployed from it"
    )
    deployed_to: str = Field(
        default="production", min_length=1, max_length=255, description="its name for it on GitLab"
    )

    @field_validator("projects")
    @classmethod
    def _are_projects(cls, names: dict[str, str]) -> dict[str, str]:
        for name in names:
            if not is_gitlab_project(name):
                raise ValueError(f"{name[:64]!r} is no `group/project`")
        return names
