"""How a place is configured in which pull requests are opened."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from ....core.systems.settings import HttpSettings
from ...changes.backends.delivery_settings import is_github_repository, is_gitlab_project


class ForgeSettings(HttpSettings):
    """A GitHub or a GitLab. The token needs to push branches and to open pull requests, and nothing else."""

    kind: Literal["github", "gitlab"] = Field(description="whose API it is")
    url: str = Field(
        default="",
        max_length=2_000,
        description="of the API: of github.com or gitlab.com unless set",
    )
    repository: str = Field(max_length=600, description="`owner/name` on GitHub, `group/project` on GitLab")
    git: str = Field(
        default="",
        max_length=2_000,
        description="what the branch is pushed to: `https://…`, or a folder; the repository's address unless set",
    )
    shared_s: float = Field(default=0.0, ge=0, le=0, description="no answer is shared: what is asked changes")

    @model_validator(mode="before")
    @classmethod
    def _usual(cls, given: object) -> object:
        """The usual addresses of both."""
        if not isinstance(given, dict):
            return given
        usual = {"github": "https://api.github.com", "gitlab": "https://gitlab.com"}
        given = {**given, "url": given.get("url") or usual.get(str(given.get("kind")), "")}
        if not given.get("git"):
            host = "https://github.com" if given["url"] == usual["github"] else str(given["url"]).rstrip("/")
            given["git"] = f"{host.removesuffix('/api/v3')}/{given.get('repository', '')}.git"
        return given

    @model_validator(mode="after")
    def _named(self) -> Self:
        is_one = is_github_repository if self.kind == "github" else is_gitlab_project
        if not is_one(self.repository) or self.repository.isdigit():
            raise ValueError(f"{self.repository[:64]!r} is no repository: write `owner/name` or `group/project`")
        parts = urlsplit(self.git)
        is_web = parts.scheme == "https" and bool(parts.hostname) and not (parts.username or parts.query)
        if not is_web and not PurePosixPath(self.git).is_absolute():
            raise ValueError("`git` is `https://host/path` without a credential, or a folder of this machine")
        if self.token_env is None and self.token_file is None:
            raise ValueError("pull requests need `token_env` or `token_file`")
        return self
