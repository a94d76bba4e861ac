"""Doubles of GitHub, GitLab and Jira where issues are opened, over a real socket.

After "List repository issues", "Create an issue" and "Create an issue comment" of GitHub (2022-11-28), "Issues API" and
"Notes API" of GitLab (v4), and "Search", "Create issue" and "Add comment" of Jira (REST API 2; the cloud has
`search/jql` in place of `search`). They check the credential and take only the fields that the documents name.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from .served import SaysJson, Served

TOKEN = "a-token-that-may-open-issues"
_JQL = re.compile(r'project = "(\w+)" AND labels = "([a-z0-9-]+)" AND statusCategory != Done ORDER BY created DESC')


class IssueServer(Served):
    """The common part.

    Args:
        project: the only one that there is.
    """

    def __init__(self, project: str) -> None:
        self.project = project
        self.issues: list[dict[str, Any]] = []
        self.loses_answers = False
        self.drops_labels = False
        double = self

        class Handler(SaysJson):
            def do_GET(self) -> None:
                self._say(*double.answer(self.path, None, self.headers.get("Authorization", "")))

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = double.answer(self.path, body, self.headers.get("Authorization", ""))
                self._say(*((503, {}) if double.loses_answers else answer))

        self._serve(Handler)

    def answer(self, target: str, body: dict[str, Any] | None, credential: str) -> tuple[int, Any]:
        if credential != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        path = [unquote(part) for part in parts.path.strip("/").split("/")]
        return self.found(path, query) if body is None else self.made(path, body)

    def close_all(self) -> None:
        """Somebody closes what is open."""
        for each in self.issues:
            each["is_open"] = False

    def open_of(self, label: str) -> list[dict[str, Any]]:
        return [each for each in self.issues[::-1] if each["is_open"] and label in each["labels"]]

    def enter(self, title: str, text: str, labels: list[str]) -> dict[str, Any]:
        number = len(self.issues) + 1
        kept = [] if self.drops_labels else labels
        self.issues.append(
            {"number": number, "title": title, "text": text, "labels": kept, "is_open": True, "comments": []}
        )
        return self.issues[-1]

    def found(self, path: list[str], query: dict[str, str]) -> tuple[int, Any]:
        raise NotImplementedError

    def made(self, path: list[str], body: dict[str, Any]) -> tuple[int, Any]:
        raise NotImplementedError


def page_of(said: list[str], query: dict[str, str], usual: int) -> list[dict[str, str]]:
    """One page of comments; no page is longer than 100."""
    size = min(int(query.get("per_page", usual)), 100)
    begin = (int(query.get("page", 1)) - 1) * size
    return [{"body": each} for each in said[begin : begin + size]]


class GithubIssueServer(IssueServer):
    def found(self, path: list[str], query: dict[str, str]) -> tuple[int, Any]:
        if path[:4] != ["repos", *self.project.split("/"), "issues"]:
            return 404, {"message": "Not Found"}
        if path[5:] == ["comments"]:
            return 200, page_of(self.issues[int(path[4]) - 1]["comments"], query, 30)
        assert query["state"] == "open"
        pull = {"number": 99, "pull_request": {}, "title": "not an issue"}
        return 200, [pull, *(self.shown(each) for each in self.open_of(query["labels"]))]

    def made(self, path: list[str], body: dict[str, Any]) -> tuple[int, Any]:
        if path[:4] != ["repos", *self.project.split("/"), "issues"]:
            return 404, {"message": "Not Found"}
        if path[5:] == ["comments"]:
            self.issues[int(path[4]) - 1]["comments"].append(body["body"])
            return 201, {"id": 1}
        if set(body) - {"title", "body", "labels", "assignees", "milestone", "type"} or len(body["body"]) > 65_536:
            return 422, {"message": "Validation Failed"}
        return 201, self.shown(self.enter(body["title"], body["body"], body["labels"]))

    def shown(self, issue: dict[str, Any]) -> dict[str, Any]:
        return {
            "number": issue["number"],
            "html_url": f"https://forge.example/{self.project}/issues/{issue['number']}",
            "body": issue["text"],
            "labels": [{"name": each} for each in issue["labels"]],
            "comments": len(issue["comments"]),
        }


class GitlabIssueServer(IssueServer):
    def found(self, path: list[str], query: dict[str, str]) -> tuple[int, Any]:
        if path[:5] != ["api", "v4", "projects", self.project, "issues"]:
            return 404, {"message": "404 Project Not Found"}
        if path[6:] == ["notes"]:
            return 200, page_of(self.issues[int(path[5]) - 1]["comments"][::-1], query, 20)
        assert query["state"] == "opened"
        return 200, [self.shown(each) for each in self.open_of(query["labels"])]

    def made(self, path: list[str], body: dict[str, Any]) -> tuple[int, Any]:
        if path[:5] != ["api", "v4", "projects", self.project, "issues"]:
            return 404, {"message": "404 Project Not Found"}
        if path[6:] == ["notes"]:
            self.issues[int(path[5]) - 1]["comments"].append(body["body"])
            return 201, {"id": 1}
        if set(body) - {"title", "description", "labels", "confidential", "due_date", "issue_type"}:
            return 400, {"message": "400 Bad request"}
        return 201, self.shown(self.enter(body["title"], body["description"], body["labels"].split(",")))

    def shown(self, issue: dict[str, Any]) -> dict[str, Any]:
        return {
            "iid": issue["number"],
            "id": 1_000 + issue["number"],
            "web_url": f"https://forge.example/{self.project}/-/issues/{issue['number']}",
            "description": issue["text"],
            "labels": issue["labels"],
        }


class JiraServer(IssueServer):
    search = ("search",)

    def found(self, path: list[str], query: dict[str, str]) -> tuple[int, Any]:
        if tuple(path[3:]) == self.search:
            asked = _JQL.fullmatch(query["jql"])
            if asked is None or asked[1] != self.project:
                return 400, {"errorMessages": ["Error in the JQL Query"]}
            return 200, {"issues": [self.shown(each) for each in self.open_of(asked[2])][: int(query["maxResults"])]}
        if path[3:4] == ["issue"] and path[5:] == ["comment"]:
            newest = self.of(path[4])["comments"][::-1]
            return 200, {"comments": [{"body": each} for each in newest[: int(query.get("maxResults", 50))]]}
        return 404, {"errorMessages": ["Not Found"]}

    def made(self, path: list[str], body: dict[str, Any]) -> tuple[int, Any]:
        if path[5:] == ["comment"]:
            self.of(path[4])["comments"].append(body["body"])
            return 201, {"id": "1"}
        fields = body["fields"]
        wanted = {"project", "issuetype", "summary", "description", "labels"}
        if path != ["rest", "api", "2", "issue"] or set(fields) != wanted or fields["project"] != {"key": self.project}:
            return 400, {"errorMessages": [], "errors": {"project": "valid project is required"}}
        if len(fields["summary"]) > 255 or "\n" in fields["summary"] or len(fields["description"]) > 32_767:
            return 400, {"errorMessages": [], "errors": {"summary": "too long"}}
        made = self.enter(fields["summary"], fields["description"], fields["labels"])
        return 201, {"id": "10001", "key": f"{self.project}-{made['number']}", "self": "https://jira.example/rest"}

    def of(self, key: str) -> dict[str, Any]:
        return self.issues[int(key.rpartition("-")[2]) - 1]

    def shown(self, issue: dict[str, Any]) -> dict[str, Any]:
        return {"key": f"{self.project}-{issue['number']}", "fields": {"description": issue["text"]}}


class JiraCloudServer(JiraServer):
    search = ("search", "jql")


TRACKERS: dict[str, tuple[type[IssueServer], str]] = {
    "github": (GithubIssueServer, "acme/platform"),
    "gitlab": (GitlabIssueServer, "acme/ml/platform"),
    "jira": (JiraServer, "OPS"),
    "jira_cloud": (JiraCloudServer, "OPS"),
}
"""By kind: the double, and a project on it."""
