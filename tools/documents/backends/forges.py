"""GitHub and GitLab: the request to merge a branch of ours, opened once.

APIs: GitHub REST API, version 2022-11-28, "List pull requests", "Create a pull request" and "Create an issue comment";
GitLab REST API v4, "Merge requests API" and "Notes API".
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from pydantic import SecretStr

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.http_exchange import Exchanged
from ....core.systems.client import SystemClient
from ....core.systems.credentials import authorization
from ...json_parts import text
from .forge_settings import ForgeSettings
from .git import Remote

_MOST_BODY = 60_000
"""GitHub takes 65,536 characters."""
_TAKEN = frozenset((409, 422))
"""Answers of both to a second request for a branch that has one."""
_WORDS = {
    401: ("does not know the token", "renew it"),
    403: ("does not let the token do this", "it needs to read and write contents and pull requests, or wait"),
    404: ("shows no such repository to the token", "correct `repository`, or give the token access"),
}


@dataclass(frozen=True)
class PullRequest:
    """An open one; GitLab says merge request.

    Args:
        number: within the repository.
        url: for people.
    """

    number: int
    url: str


class Forge(Protocol):
    """Where pull requests of one repository are opened."""

    @property
    def place(self) -> str:
        """What people call it."""
        ...

    @property
    def remote(self) -> Remote:
        """What the branch is pushed to."""
        ...

    def find(self, branch: str, base: str, deadline: Deadline) -> PullRequest | None:
        """The open one of a branch.

        Raises:
            BackendError: it did not answer, or does not let us.
        """
        ...

    def open(self, branch: str, base: str, title: str, body: str, deadline: Deadline) -> PullRequest:
        """Open one, or give the one that is open; raises as `find`."""
        ...

    def comment(self, request: PullRequest, body: str, deadline: Deadline) -> None:
        """Say something below one; raises as `find`."""
        ...


class _Forge:
    """The common part.

    Args:
        client: asks the API.
        settings: of it.
    """

    _user = ""

    def __init__(self, client: SystemClient, settings: ForgeSettings) -> None:
        self._client = client
        self._settings = settings

    @property
    def place(self) -> str:
        """The repository by its name."""
        return f"{self._settings.repository} ({self._client.name})"

    @property
    def remote(self) -> Remote:
        """The repository's own address, with the token as git's servers take it."""

        def proof() -> SecretStr | None:
            held = authorization(self._client.name, self._settings)
            token = held.get_secret_value().removeprefix("Bearer ") if held else ""
            pair = base64.b64encode(f"{self._user}:{token}".encode()).decode("ascii")
            return SecretStr(f"Basic {pair}")

        return Remote(self._settings.git, proof, self._settings.ca_file)

    def find(self, branch: str, base: str, deadline: Deadline) -> PullRequest | None:
        """The first that is listed."""
        listed = self._read(self._client.get(self._path(), self._query(branch, base), deadline))
        found = listed[0] if isinstance(listed, Sequence) and listed else None
        return self._request(found) if isinstance(found, Mapping) else None

    def open(self, branch: str, base: str, title: str, body: str, deadline: Deadline) -> PullRequest:
        """Ask to open one; where somebody was faster, theirs."""
        answer = self._client.post_json(self._path(), self._document(branch, base, title, body), deadline)
        if answer.status in _TAKEN and (there := self.find(branch, base, deadline)) is not None:
            return there
        return self._request(self._read(answer))

    def comment(self, request: PullRequest, body: str, deadline: Deadline) -> None:
        """A comment of its own."""
        self._read(self._client.post_once(self._comments(request), {"body": cut(body)}, deadline))

    def _path(self) -> str:
        raise NotImplementedError

    def _comments(self, request: PullRequest) -> str:
        raise NotImplementedError

    def _query(self, branch: str, base: str) -> Sequence[tuple[str, str]]:
        raise NotImplementedError

    def _document(self, branch: str, base: str, title: str, body: str) -> Mapping[str, Any]:
        raise NotImplementedError

    def _request(self, found: Any) -> PullRequest:
        raise NotImplementedError

    def _read(self, answer: Exchanged) -> Any:
        name = self._client.name
        if answer.status >= 300:
            told, remedy = _WORDS.get(answer.status, (f"answered with status {answer.status}", "look at its log"))
            raise BackendError(f"{name} {told}", remedy=remedy)
        try:
            return json.loads(answer.content)
        except (ValueError, RecursionError) as error:
            raise BackendError(f"{name} did not answer JSON", remedy="check its address") from error

    def _made(self, found: Any, number: str, url: str) -> PullRequest:
        if not isinstance(found, Mapping) or not isinstance(found.get(number), int):
            raise BackendError(f"{self._client.name} answered in another form", remedy="check its address and version")
        return PullRequest(found[number], text(found, url)[:500])


class Github(_Forge):
    """Implements `Forge` for GitHub."""

    _user = "x-access-token"

    def _path(self) -> str:
        return f"/repos/{self._settings.repository}/pulls"

    def _comments(self, request: PullRequest) -> str:
        return f"/repos/{self._settings.repository}/issues/{request.number}/comments"

    def _query(self, branch: str, base: str) -> Sequence[tuple[str, str]]:
        owner = self._settings.repository.partition("/")[0]
        return (("state", "open"), ("head", f"{owner}:{branch}"), ("base", base), ("per_page", "1"))

    def _document(self, branch: str, base: str, title: str, body: str) -> Mapping[str, Any]:
        return {"title": title, "head": branch, "base": base, "body": cut(body), "maintainer_can_modify": True}

    def _request(self, found: Any) -> PullRequest:
        return self._made(found, "number", "html_url")


class Gitlab(_Forge):
    """Implements `Forge` for GitLab."""

    _user = "oauth2"

    def _path(self) -> str:
        return f"/api/v4/projects/{quote(self._settings.repository, safe='')}/merge_requests"

    def _comments(self, request: PullRequest) -> str:
        return f"{self._path()}/{request.number}/notes"

    def _query(self, branch: str, base: str) -> Sequence[tuple[str, str]]:
        return (("state", "opened"), ("source_branch", branch), ("target_branch", base), ("per_page", "1"))

    def _document(self, branch: str, base: str, title: str, body: str) -> Mapping[str, Any]:
        return {
            "title": title,
            "source_branch": branch,
            "target_branch": base,
            "description": cut(body),
            "remove_source_branch": True,
        }

    def _request(self, found: Any) -> PullRequest:
        return self._made(found, "iid", "web_url")


def forge_of(client: SystemClient, settings: ForgeSettings) -> Forge:
    """The one that the settings say."""
    return Github(client, settings) if settings.kind == "github" else Gitlab(client, settings)


def cut(body: str) -> str:
    """A body that both take; a fence that is cut open is closed."""
    if len(body) <= _MOST_BODY:
        return body
    kept = body[:_MOST_BODY].rpartition("\n")[0]
    fence = next((line.removesuffix("diff") for line in kept.splitlines() if line.startswith("~~~")), "")
    return f"{kept}\n{fence}\n\nIt is longer than this; the commit has the rest.\n"
