"""Doubles of what remembers deployments: GitHub's and GitLab's REST APIs and that of an Argo CD, over a real socket.

After "List deployments" and "Rate limits" of GitHub (2022-11-28), "Deployments API" and "Pagination" of GitLab (v4) and
`/api/v1/applications` of Argo CD 2.14. They check the credential, page by a `Link` header, refuse unknown parameters,
and answer 403 when the questions of the hour are used up. No official client reads them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from .served import Served

TOKEN = "a-token-that-may-read"
Headers = dict[str, str]
Answered = tuple[int, Any, Headers]


class DeliveryServer(Served):
    """The common part: a socket, a credential, pages.

    Args:
        most: entries of one page at most, whatever is asked for.
        left: questions before the limit of the hour.
    """

    def __init__(self, *, most: int = 100, left: int = 1_000) -> None:
        self.requests: list[str] = []
        self.posted: list[str] = []
        self.most = most
        self.left = left
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._say(*double.answer(self.path, self.headers.get("Authorization", "")))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                double.posted.append(self.path)
                self._say(*double.answer_post(self.path, body))

            def _say(self, code: int, document: Any, headers: Mapping[str, str]) -> None:
                content = json.dumps(document).encode()
                self.send_response(code)
                for name, value in {
                    **headers,
                    "Content-Type": "application/json",
                    "Content-Length": str(len(content)),
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        self._serve(Handler)

    def answer(self, target: str, credential: str) -> Answered:
        self.requests.append(target)
        self.left -= 1
        if credential != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}, {}
        if self.left < 0:
            return 403, {"message": "API rate limit exceeded"}, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9"}
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        return self.found(parts.path, query)

    def answer_post(self, path: str, body: bytes) -> Answered:
        return 405, {"message": "Method Not Allowed"}, {}

    def found(self, path: str, query: Mapping[str, str]) -> Answered:
        raise NotImplementedError

    def page(self, path: str, query: Mapping[str, str], items: Sequence[Any]) -> Answered:
        size, number = min(int(query.get("per_page", "30")), self.most), int(query.get("page", "1"))
        headers = {"x-ratelimit-remaining": str(self.left)}
        if number * size < len(items):
            after = urlencode({**query, "page": number + 1})
            last = urlencode({**query, "page": -(-len(items) // size)})
            headers["Link"] = f'<{self.url}{path}?{after}>; rel="next", <{self.url}{path}?{last}>; rel="last"'
        return 200, list(items[(number - 1) * size : number * size]), headers


class GithubServer(DeliveryServer):
    """Deployments by repository, the newest first, each with its statuses, the newest first."""

    def __init__(self, deployments: Mapping[str, Sequence[Mapping[str, Any]]], **more: Any) -> None:
        self.deployments = deployments
        super().__init__(**more)

    def found(self, path: str, query: Mapping[str, str]) -> Answered:
        if set(query) - {"environment", "sha", "ref", "task", "per_page", "page"}:
            return 422, {"message": "Validation Failed"}, {}
        words = path.strip("/").split("/")
        held = self.deployments.get("/".join(words[1:3]))
        if words[0] != "repos" or held is None:
            return 404, {"message": "Not Found"}, {}
        if words[3:] == ["deployments"]:
            wanted = query.get("environment")
            kept = [each for each in held if wanted in (None, each["environment"])]
            return self.page(path, query, [{k: v for k, v in each.items() if k != "statuses"} for each in kept])
        one = next((each for each in held if [str(each["id"]), "statuses"] == words[4:]), None)
        return (404, {"message": "Not Found"}, {}) if one is None else self.page(path, query, one["statuses"])


class GitlabServer(DeliveryServer):
    """Deployments by the path of their project."""

    def __init__(self, deployments: Mapping[str, Sequence[Mapping[str, Any]]], **more: Any) -> None:
        self.deployments = deployments
        super().__init__(**more)

    def found(self, path: str, query: Mapping[str, str]) -> Answered:
        known = {"environment", "status", "order_by", "sort", "finished_after", "finished_before", "per_page", "page"}
        if set(query) - known:
            return 400, {"error": "unknown parameters"}, {}
        if "finished_after" in query and (query.get("order_by"), query.get("status")) != ("finished_at", "success"):
            return 400, {"message": "400 Bad request - finished_at filter and sorting"}, {}
        words = path.strip("/").split("/")
        held = self.deployments.get(unquote(words[3])) if len(words) == 5 else None
        if held is None or words[:3] != ["api", "v4", "projects"] or words[4] != "deployments":
            return 404, {"message": "404 Project Not Found"}, {}
        kept = [
            each
            for each in held
            if each["environment"]["name"] == query.get("environment")
            and each["status"] == query.get("status")
            and query.get("finished_after", "")
            <= each["deployable"]["finished_at"]
            <= query.get("finished_before", "~")
        ]
        kept.sort(key=lambda each: str(each["deployable"]["finished_at"]), reverse=query.get("sort") == "desc")
        return self.page(path, query, kept)


class ArgocdServer(DeliveryServer):
    """Applications, by project."""

    def __init__(self, applications: Sequence[Mapping[str, Any]], **more: Any) -> None:
        self.applications = applications
        super().__init__(**more)

    def found(self, path: str, query: Mapping[str, str]) -> Answered:
        if path != "/api/v1/applications":
            return 404, {"error": "Not Found", "code": 5, "message": "Not Found"}, {}
        project = query.get("projects")
        kept = [each for each in self.applications if project in (None, each["spec"]["project"])]
        wanted = [field.removeprefix("items.") for field in query.get("fields", "").split(",") if field]
        return 200, {"metadata": {}, "items": [_projected(each, wanted) for each in kept] or None}, {}


def _projected(each: Mapping[str, Any], fields: Sequence[str]) -> Mapping[str, Any]:
    if not fields:
        return each
    found: dict[str, Any] = {}
    for field in fields:
        outer, _, inner = field.partition(".")
        if inner in each.get(outer, {}):
            found.setdefault(outer, {})[inner] = each[outer][inner]
    return found
