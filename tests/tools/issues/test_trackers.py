"""Issues on doubles of GitHub, GitLab and Jira: one open issue a subject, said once, in a block without meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles.issue_servers import TOKEN, TRACKERS, IssueServer
from opswarden.tools.issues.backends.settings import IssueSettings
from opswarden.tools.issues.backends.trackers import issues_in, tracker_name
from opswarden.tools.issues.backends.types import Issues
from opswarden.tools.issues.types import OpenedIssue


@pytest.fixture(params=list(TRACKERS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(kind: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[IssueServer]:
    monkeypatch.setenv("TRACKER_TOKEN", TOKEN)
    made = TRACKERS[kind][0](TRACKERS[kind][1])
    yield made
    made.close()


@pytest.fixture
def tracker(kind: str, server: IssueServer, tmp_path: Path) -> Callable[..., Issues]:
    def make(**more: Any) -> Issues:
        given = {"kind": kind, "url": server.url, "project": server.project, "token_env": "TRACKER_TOKEN", **more}
        settings = IssueSettings.model_validate(given)
        client = SystemClient(tracker_name(settings), settings, tmp_path / "locks", sleep=lambda _seconds: None)
        return issues_in(client, settings)

    return make


def deadline() -> Deadline:
    return Deadline(SystemClock(), 30)


def say(tracker: Issues, text: str, key: str = "k1") -> OpenedIssue:
    return tracker.open("cost-risk", "Cut cost: 2 changes", text, key, deadline())


def test_an_issue_is_opened_once(tracker: Callable[..., Issues], server: IssueServer) -> None:
    assert tracker().made("cost-risk", "k1", deadline()) is None
    made = say(tracker(), "fraud-scorer: 10 -> 6")
    assert made.is_new
    assert made.url.startswith("http")
    assert made.number.endswith("1")
    assert say(tracker(), "fraud-scorer: 10 -> 6") == made
    assert tracker().made("cost-risk", "k1", deadline()) == made
    (issue,) = server.issues
    assert issue["title"] == "Cut cost: 2 changes"
    assert issue["labels"] == ["opswarden-cost-risk"]
    assert "fraud-scorer: 10 -> 6" in issue["text"]
    assert issue["comments"] == []


def test_the_next_week_is_a_comment_until_somebody_closes_it(
    tracker: Callable[..., Issues], server: IssueServer
) -> None:
    first = say(tracker(), "one")
    for _ in range(2):
        second = say(tracker(), "two", "k2")
        assert (second.number, second.is_new) == (first.number, False)
    assert [len(issue["comments"]) for issue in server.issues] == [1]
    assert "two" in server.issues[0]["comments"][0]
    found = tracker().made("cost-risk", "k2", deadline())
    assert found is not None
    assert not found.is_new
    server.close_all()
    assert say(tracker(), "three", "k3").number != first.number
    assert tracker().open("cost-payouts", "x", "y", "k4", deadline()).is_new, "another subject"
    assert len(server.issues) == 3


@pytest.mark.parametrize("others", [99, 100, 199, 200, 350])
def test_what_was_said_is_found_among_many_comments(
    tracker: Callable[..., Issues], server: IssueServer, others: int
) -> None:
    say(tracker(), "first week")
    (issue,) = server.issues
    issue["comments"] += [f"somebody says {place}" for place in range(others)]
    say(tracker(), "second week", "k2")
    issue["comments"] += [f"somebody answers {place}" for place in range(5)]
    assert not say(tracker(), "second week", "k2").is_new
    assert tracker().made("cost-risk", "k2", deadline()) is not None
    assert len(issue["comments"]) == others + 6


@pytest.mark.parametrize("hostile", ["~~~\n@everyone [x](http://evil)", "{noformat}\n[~admin]", "x" * 20_000])
def test_nothing_in_a_text_leaves_its_block(
    tracker: Callable[..., Issues], server: IssueServer, kind: str, hostile: str
) -> None:
    made = say(tracker(), hostile)
    assert say(tracker(), hostile) == made
    shown = server.issues[0]["text"]
    if kind.startswith("jira"):
        assert shown.startswith("{noformat}\n")
        assert shown.count("{noformat}") == 2
        return
    fence = shown.split("\n", 1)[0]
    assert set(fence) == {"~"}
    lines = shown.split("\n")
    assert [place for place, line in enumerate(lines) if line.startswith(fence)] == [0, len(lines) - 3]


def test_a_lost_answer_opens_no_second_one(tracker: Callable[..., Issues], server: IssueServer) -> None:
    server.loses_answers = True
    with pytest.raises(BackendError, match="503"):
        say(tracker(), "one")
    assert len(server.issues) == 1, "asked once, although it answers that it is busy"
    server.loses_answers = False
    found = tracker().made("cost-risk", "k1", deadline())
    assert found is not None
    assert say(tracker(), "one") == found
    assert len(server.issues) == 1


def test_a_wrong_credential_and_a_wrong_project_are_told(
    tracker: Callable[..., Issues], server: IssueServer, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {"github": "acme/other", "gitlab": "acme/other"}.get(kind, "OTHER")
    with pytest.raises(BackendError):
        say(tracker(project=other), "one")
    monkeypatch.setenv("TRACKER_TOKEN", "wrong")
    with pytest.raises(BackendError, match="does not know the credential"):
        say(tracker(), "one")
    assert server.issues == []


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_an_issue_that_would_not_be_found_again_is_told(tracker: Callable[..., Issues], server: IssueServer) -> None:
    server.drops_labels = True
    with pytest.raises(BackendError, match="without its label"):
        say(tracker(), "one")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"kind": "jira", "url": "https://jira.example", "project": 'OPS" OR 1'}, "is no project"),
        ({"kind": "jira", "project": "OPS"}, "an address is written"),
        ({"kind": "github", "project": "acme"}, "is no project"),
        ({"kind": "gitlab", "project": "../../x"}, "is no project"),
        ({"kind": "github", "project": "acme/platform", "token_env": None}, "a tracker needs"),
    ],
)
def test_settings_that_cannot_work_are_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        IssueSettings.model_validate({"token_env": "TRACKER_TOKEN", **given})
