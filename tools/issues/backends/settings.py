"""How a tracker is configured."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, model_validator

from ....core.systems.settings import HttpSettings
from ...changes.backends.delivery_settings import is_github_repository, is_gitlab_project

_JIRA_PROJECT = re.compile(r"[A-Z][A-Z0-9_]{1,19}")


class IssueSettings(HttpSettings):
    """A GitHub, a GitLab or a Jira. The credential needs to read and write issues of one project, and nothing else."""

    kind: Literal["github", "gitlab", "jira", "jira_cloud"] = Field(
        description="whose API it is; `jira` is Data Center and Server"
    )
    url: str = Field(
        default="", max_length=2_000, description="of the API: of github.com or gitlab.com unless set; Jira has none"
    )
    project: str = Field(
        max_length=600, description="`owner/name` on GitHub, `group/project` on GitLab, the key of a project in Jira"
    )
    issue_type: str = Field(default="Task", min_length=1, max_length=60, description="of Jira")
    environment: str = Field(default="default", min_length=1, max_length=64, description="what the tracker belongs to")
    shared_s: float = Field(default=0.0, ge=0, le=0, description="no answer is shared: what is asked changes")

    @model_validator(mode="before")
    @classmethod
    def _usual(cls, given: object) -> object:
        """The usual addresses."""
        if not isinstance(given, dict):
            return given
        usual = {"github": "https://api.github.com", "gitlab": "https://gitlab.com"}
        return {**given, "url": given.get("url") or usual.get(str(given.get("kind")), "")}

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.kind == "github":
            named = is_github_repository(self.project)
        elif self.kind == "gitlab":
            named = is_gitlab_project(self.project) and not self.project.isdigit()
        else:
            named = _JIRA_PROJECT.fullmatch(self.project) is not None
        if not named:
            raise ValueError(f"{self.project[:64]!r} is no project: write `owner/name`, `group/project` or `KEY`")
        if self.token_env is None and self.token_file is None and self.user is None:
            raise ValueError("a tracker needs `token_env` or `token_file`, or `user` with a password")
        return self
