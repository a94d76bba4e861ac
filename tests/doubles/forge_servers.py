"""Doubles of GitHub and GitLab where pull requests are opened, over a real socket, beside a bare repository.

After "List pull requests", "Create a pull request" and "Create an issue comment" of GitHub (2022-11-28), and "Merge
requests API" and "Notes API" of GitLab (v4). They check the credential, take only the fields that the documents name,
want the branch to be pushed, and refuse a second request for a branch with 422 and 409.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from .served import SaysJson, Served

TOKEN = "a-token-that-may-ask-to-merge"


class ForgeServer(Served):
    """The common part.

    Args:
        bare: the repository that branches are pushed to.
        name: of the repository in addresses.
    """

    taken = 422
    most_characters = 65_536

    def __init__(self, bare: Path, name: str) -> None:
        self.bare = bare
        self.name = name
        self.asked: list[str] = []
        self.opened: list[dict[str, Any]] = []
        self.comments: list[tuple[int, str]] = []
        double = self

        class Handler(SaysJson):
            def do_GET(self) -> None:
                self._say(*double.answer("GET", self.path, None, self.headers.get("Authorization", "")))

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._say(*double.answer("POST", self.path, body, self.headers.get("Authorization", "")))

        self._serve(Handler)

    def answer(self, method: str, target: str, body: dict[str, Any] | None, credential: str) -> tuple[int, Any]:
        self.asked.append(f"{method} {urlsplit(target).path}")
        if credential != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        path = [unquote(part) for part in parts.path.strip("/").split("/")]
        return self.found(path, query) if body is None else self.made(path, body)

    def close_all(self) -> None:
        """Somebody closes what is open."""
        for each in self.opened:
            each["is_open"] = False

    def open_of(self, branch: str) -> list[dict[str, Any]]:
        return [each for each in self.opened if each["is_open"] and each["branch"] == branch]

    def enter(self, branch: str, base: str, title: str, body: str) -> tuple[int, Any]:
        is_there = subprocess.run(
            ["git", "-C", str(self.bare), "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}"],
            check=False, capture_output=True,
        )  # fmt: skip
        if is_there.returncode or self.open_of(branch) or len(body) > self.most_characters:
            return self.taken, {"message": "Validation Failed"}
        number = len(self.opened) + 1
        self.opened.append(
            {"number": number, "branch": branch, "base": base, "title": title, "body": body, "is_open": True}
        )
        return 201, self.shown(self.opened[-1])

    def say(self, number: int, body: dict[str, Any]) -> tuple[int, Any]:
        if set(body) != {"body"}:
            return 422, {"message": "Validation Failed"}
        self.comments.append((number, body["body"]))
        return 201, {"id": len(self.comments)}

    def found(self, path: list[str], query: dict[str, str]) -> tuple[int, Any]:
        raise NotImplementedError

    def made(self, path: list[str], body: dict[str, Any]) -> tuple[int, Any]:
        raise NotImplementedError

    def shown(self, request: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError


class GithubForge(ForgeServer):
    def found(self, path: list[str], query: dict[str, str]) -> tuple[int, Any]:
        if path != ["repos", *self.name.split("/"), "pulls"]:
            return 404, {"message": "Not Found"}
        owner, _, branch = query["head"].partition(":")
        if owner != self.name.partition("/")[0] or query["state"] != "open":
            return 200, []
        return 200, [self.shown(each) for each in self.open_of(branch) if each["base"] == query["base"]]

    def made(self, path: list[str], body: dict[str, Any]) -> tuple[int, Any]:
        if path[:3] != ["repos", *self.name.split("/")]:
            return 404, {"message": "Not Found"}
        if path[3] == "issues":
            return self.say(int(path[4]), body)
        if set(body) - {"title", "head", "base", "body", "maintainer_can_modify", "draft"}:
            return 422, {"message": "Validation Failed"}
        return self.enter(body["head"], body["base"], body["title"], body["body"])

    def shown(self, request: dict[str, Any]) -> dict[str, Any]:
        return {
            "number": request["number"],
            "html_url": f"https://forge.example/{self.name}/pull/{request['number']}",
            "state": "open",
        }


class GitlabForge(ForgeServer):
    taken = 409
    most_characters = 1_048_576

    def found(self, path: list[str], query: dict[str, str]) -> tuple[int, Any]:
        if path != ["api", "v4", "projects", self.name, "merge_requests"]:
            return 404, {"message": "404 Project Not Found"}
        listed = self.open_of(query["source_branch"]) if query["state"] == "opened" else []
        return 200, [self.shown(each) for each in listed if each["base"] == query["target_branch"]]

    def made(self, path: list[str], body: dict[str, Any]) -> tuple[int, Any]:
        if path[:5] != ["api", "v4", "projects", self.name, "merge_requests"]:
            return 404, {"message": "404 Project Not Found"}
        if path[6:] == ["notes"]:
            return self.say(int(path[5]), body)
        if set(body) - {"title", "source_branch", "target_branch", "description", "remove_source_branch"}:
            return 400, {"message": "400 Bad request"}
        return self.enter(body["source_branch"], body["target_branch"], body["title"], body["description"])

    def shown(self, request: dict[str, Any]) -> dict[str, Any]:
        number = request["number"]
        address = f"https://forge.example/{self.name}/-/merge_requests/{number}"
        return {"id": number + 900, "iid": number, "web_url": address, "state": "opened"}
