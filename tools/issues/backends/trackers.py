"""GitHub, GitLab and Jira: one open issue of a subject, found by its label.

APIs: GitHub REST API, version 2022-11-28, "List repository issues", "Create an issue" and "List issue comments"; GitLab
REST API v4, "Issues API" and "Notes API"; Jira REST API 2, "Create issue", "Get issue", "Add comment" and, of Data
Center, "Search", of the cloud, "Search for issues using JQL enhanced search".

What is said stands in a block in which nothing has a meaning: names in it call nobody, and nothing in it is a link.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.http_exchange import Exchanged
from ....core.systems.client import SystemClient
from ...json_parts import text
from ..types import OpenedIssue
from .settings import IssueSettings
from .types import Issues

_PREFIX = "opswarden-"
_MOST_LISTED = "20"
_MOST_COMMENTS = 100
_MOST_TEXT = 30_000
"""Jira takes 32,767 characters, the others more."""
_TILDES = re.compile(r"~{3,}")
_WORDS = {
    401: ("does not know the credential", "renew it"),
    403: ("does not let the credential do this", "it needs to read and write issues, or wait"),
    404: ("shows no such project to the credential", "correct `project`, or give the credential access"),
}


@dataclass(frozen=True)
class _Found:
    number: str
    url: str
    text: str
    comments: int = 0
    """How many there are, where the tracker says so."""


class _Tracker:
    """The common part. Implements `Issues`.

    Args:
        client: asks the API.
        settings: of it.
    """

    def __init__(self, client: SystemClient, settings: IssueSettings) -> None:
        self._client = client
        self._settings = settings

    @property
    def environment(self) -> str:
        """As the settings say."""
        return self._settings.environment

    @property
    def place(self) -> str:
        """The project by its name."""
        return f"{self._settings.project} ({self._client.name})"

    def open(self, subject: str, title: str, text: str, key: str, deadline: Deadline) -> OpenedIssue:
        """Open one, or comment on the one that is open."""
        label, told = f"{_PREFIX}{subject}", f"{self._block(text)}\n\n{_mark(key)}"
        found = self._open_one(label, deadline)
        if found is None:
            made = self._create(label, title, told, deadline)
            return OpenedIssue(number=made.number, url=made.url, is_new=True)
        if not self._holds(found, key, deadline):
            self._comment(found, told, deadline)
        return OpenedIssue(number=found.number, url=found.url, is_new=_mark(key) in found.text)

    def made(self, subject: str, key: str, deadline: Deadline) -> OpenedIssue | None:
        """Looked for in the open one."""
        found = self._open_one(f"{_PREFIX}{subject}", deadline)
        if found is None or not self._holds(found, key, deadline):
            return None
        return OpenedIssue(number=found.number, url=found.url, is_new=_mark(key) in found.text)

    def _holds(self, found: _Found, key: str, deadline: Deadline) -> bool:
        return any(_mark(key) in each for each in (found.text, *self._comments(found, deadline)))

    def _block(self, told: str) -> str:
        """A fence that nothing in it closes."""
        fence = "~" * max([3, *(len(found) + 1 for found in _TILDES.findall(told))])
        return f"{fence}\n{told[:_MOST_TEXT]}\n{fence}"

    def _open_one(self, label: str, deadline: Deadline) -> _Found | None:
        raise NotImplementedError

    def _create(self, label: str, title: str, told: str, deadline: Deadline) -> _Found:
        raise NotImplementedError

    def _comment(self, found: _Found, told: str, deadline: Deadline) -> None:
        raise NotImplementedError

    def _comments(self, found: _Found, deadline: Deadline) -> Sequence[str]:
        raise NotImplementedError

    def _ask(self, path: str, query: Sequence[tuple[str, str]], deadline: Deadline) -> Any:
        return self._read(self._client.get(path, query, deadline))

    def _say(self, path: str, document: Mapping[str, Any], deadline: Deadline) -> Any:
        # A system that is asked again after its answer was lost would open a second one.
        return self._read(self._client.post_once(path, document, deadline))

    def _read(self, answer: Exchanged) -> Any:
        name = self._client.name
        if answer.status >= 300:
            said, remedy = _WORDS.get(answer.status, (f"answered with status {answer.status}", "look at its log"))
            raise BackendError(f"{name} {said}", remedy=remedy)
        try:
            return json.loads(answer.content)
        except (ValueError, RecursionError) as error:
            raise BackendError(f"{name} did not answer JSON", remedy="check its address") from error

    def _strange(self) -> BackendError:
        return BackendError(f"{self._client.name} answered in another form", remedy="check its address and version")

    def _labelled(self, made: Any, label: str) -> None:
        """Without the label nobody finds it again, and every week would open another one.

        Raises:
            BackendError: it was left out.
        """
        given = made.get("labels") if isinstance(made, Mapping) else None
        names = [text(each, "name") if isinstance(each, Mapping) else str(each) for each in given or ()]
        if label not in names:
            raise BackendError(
                f"{self._client.name} opened the issue without its label",
                remedy="close it, and let the credential set labels",
            )


class _Forge(_Tracker):
    """GitHub and GitLab: lists of issues and of comments."""

    _number, _url, _body, _opened = "", "", "", ""

    def _issues(self) -> str:
        raise NotImplementedError

    def _said(self) -> str:
        raise NotImplementedError

    def _labels(self, label: str) -> object:
        raise NotImplementedError

    def _open_one(self, label: str, deadline: Deadline) -> _Found | None:
        query = (("labels", label), ("state", self._opened), ("per_page", _MOST_LISTED))
        listed = self._ask(self._issues(), query, deadline)
        if not isinstance(listed, Sequence) or isinstance(listed, str):
            raise self._strange()
        issues = [each for each in listed if isinstance(each, Mapping) and "pull_request" not in each]
        return self._found(issues[0]) if issues else None

    def _create(self, label: str, title: str, told: str, deadline: Deadline) -> _Found:
        document = {"title": title, self._body: told, "labels": self._labels(label)}
        made = self._say(self._issues(), document, deadline)
        self._labelled(made, label)
        return self._found(made)

    def _comment(self, found: _Found, told: str, deadline: Deadline) -> None:
        self._say(f"{self._issues()}/{found.number}/{self._said()}", {"body": told}, deadline)

    def _comments(self, found: _Found, deadline: Deadline) -> Sequence[str]:
        """The newest hundred."""
        return self._page(found, 1, deadline)

    def _page(self, found: _Found, page: int, deadline: Deadline) -> Sequence[str]:
        query = (("per_page", str(_MOST_COMMENTS)), ("page", str(page)))
        listed = self._ask(f"{self._issues()}/{found.number}/{self._said()}", query, deadline)
        if not isinstance(listed, list):
            raise self._strange()
        return [_whole(each, "body") for each in listed if isinstance(each, Mapping)]

    def _found(self, issue: Any) -> _Found:
        if not isinstance(issue, Mapping) or not isinstance(issue.get(self._number), int):
            raise self._strange()
        comments = issue.get("comments")
        return _Found(
            str(issue[self._number]),
            text(issue, self._url)[:500],
            _whole(issue, self._body),
            comments if isinstance(comments, int) else 0,
        )


class GithubIssues(_Forge):
    """Of one repository of GitHub."""

    _number, _url, _body, _opened = "number", "html_url", "body", "open"

    def _issues(self) -> str:
        return f"/repos/{self._settings.project}/issues"

    def _said(self) -> str:
        return "comments"

    def _labels(self, label: str) -> object:
        return [label]

    def _comments(self, found: _Found, deadline: Deadline) -> Sequence[str]:
        """The last of them: of one issue GitHub lists the oldest first, whatever is asked for."""
        page = max(1, found.comments // _MOST_COMMENTS)
        said: list[str] = []
        for following in range(page, page + 3):
            listed = self._page(found, following, deadline)
            said += listed
            if len(listed) < _MOST_COMMENTS:
                break
        return said


class GitlabIssues(_Forge):
    """Of one project of GitLab."""

    _number, _url, _body, _opened = "iid", "web_url", "description", "opened"

    def _issues(self) -> str:
        return f"/api/v4/projects/{quote(self._settings.project, safe='')}/issues"

    def _said(self) -> str:
        return "notes"

    def _labels(self, label: str) -> object:
        return label


class JiraIssues(_Tracker):
    """Of one project of Jira."""

    _search = "/rest/api/2/search"

    def _block(self, told: str) -> str:
        """Jira's own: nothing in it has a meaning but its end."""
        return "{noformat}\n" + told[:_MOST_TEXT].replace("{noformat", "{ noformat") + "\n{noformat}"

    def _open_one(self, label: str, deadline: Deadline) -> _Found | None:
        # Neither a key of a project nor a label of ours holds a quotation mark.
        asked = (
            f'project = "{self._settings.project}" AND labels = "{label}" AND statusCategory != Done'
            " ORDER BY created DESC"
        )
        query = (("jql", asked), ("maxResults", "1"), ("fields", "description"))
        answer = self._ask(self._search, query, deadline)
        listed = answer.get("issues") if isinstance(answer, Mapping) else None
        if not isinstance(listed, list):
            raise self._strange()
        return self._found(listed[0]) if listed else None

    def _create(self, label: str, title: str, told: str, deadline: Deadline) -> _Found:
        fields = {
            "project": {"key": self._settings.project},
            "issuetype": {"name": self._settings.issue_type},
            "summary": title,
            "description": told,
            "labels": [label],
        }
        return self._found(self._say("/rest/api/2/issue", {"fields": fields}, deadline))

    def _comment(self, found: _Found, told: str, deadline: Deadline) -> None:
        self._say(f"/rest/api/2/issue/{quote(found.number, safe='')}/comment", {"body": told}, deadline)

    def _comments(self, found: _Found, deadline: Deadline) -> Sequence[str]:
        path = f"/rest/api/2/issue/{quote(found.number, safe='')}/comment"
        answer = self._ask(path, (("maxResults", str(_MOST_COMMENTS)), ("orderBy", "-created")), deadline)
        listed = answer.get("comments") if isinstance(answer, Mapping) else None
        if not isinstance(listed, list):
            raise self._strange()
        return [_whole(each, "body") for each in listed if isinstance(each, Mapping)]

    def _found(self, issue: Any) -> _Found:
        if not isinstance(issue, Mapping) or not text(issue, "key"):
            raise self._strange()
        fields = issue.get("fields")
        told = _whole(fields, "description") if isinstance(fields, Mapping) else ""
        number = text(issue, "key")[:60]
        return _Found(number, f"{self._settings.url}/browse/{quote(number, safe='')}", told)


class JiraCloudIssues(JiraIssues):
    """The same in Atlassian's cloud, where the older search is gone."""

    _search = "/rest/api/2/search/jql"


_KINDS: Mapping[str, tuple[str, type[_Tracker]]] = {
    "github": ("GitHub", GithubIssues),
    "gitlab": ("GitLab", GitlabIssues),
    "jira": ("Jira", JiraIssues),
    "jira_cloud": ("Jira", JiraCloudIssues),
}


def tracker_name(settings: IssueSettings) -> str:
    """What people call the system."""
    return _KINDS[settings.kind][0]


def issues_in(client: SystemClient, settings: IssueSettings) -> Issues:
    """The tracker that the settings say."""
    return _KINDS[settings.kind][1](client, settings)


def _whole(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def _mark(key: str) -> str:
    return f"opswarden {key}"
