"""A runbook's whole way: asked for in a thread, drafted, gone through, agreed to by somebody else, published, found."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.cli.main import main
from opswarden.apps.settings import Settings
from opswarden.apps.slack import opening
from opswarden.apps.slack.approval_message import DENY
from opswarden.apps.slack.socket_mode import listening
from opswarden.evals.cases import Case
from opswarden.tests.doubles.forge_servers import TOKEN as FORGE_TOKEN
from opswarden.tests.doubles.forge_servers import GithubForge
from opswarden.tests.doubles.slack_server import APP_TOKEN, WORKSPACE
from opswarden.tests.doubles.slack_socket import SlackSocket

from ..answers import Answer
from .house import ANN, BO, CHANNEL, House, house, shown

FIRED = "2031-05-06T11:00:00Z"
STEPS = ("approval.requested", "approval.answered", "approval.consumed", "call.decided", "call.outcome")


class Way(House):
    """A house whose channel has a triaged incident of an alert, heard over a socket, and its command line."""

    books: Path
    snapshot: Path
    run_id: str
    head: dict[str, Any]
    socket: SlackSocket

    def write(self, text: str, user: str = ANN) -> None:
        """Somebody writes in the thread, and it is worked off."""
        self.heard(text, user)
        self.work()

    def heard(self, text: str, user: str) -> None:
        """Somebody writes in the thread; it comes over the socket."""
        ts = self.slack.next_ts()
        wrote = {"ts": ts, "user": user, "text": text, "thread_ts": self.head["thread_ts"]}
        self.slack.messages[CHANNEL].append(wrote)
        event = {"type": "app_mention", "channel": CHANNEL, **wrote, "text": f"<@UBOT00001> {text}"}
        self._over("events_api", {"team_id": WORKSPACE, "type": "event_callback", "event": event, "event_id": ts})

    def press(self, user: str, message: dict[str, Any], action: str, value: str) -> None:
        payload = {
            "type": "block_actions", "team": {"id": WORKSPACE}, "user": {"id": user, "team_id": WORKSPACE},
            "channel": {"id": CHANNEL}, "message": {"ts": message["ts"]}, "trigger_id": self.slack.next_ts(),
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": CHANNEL},
            "actions": [{"action_id": action, "block_id": "b", "type": "button", "value": value, "action_ts": "1.1"}],
        }  # fmt: skip
        self._over("interactive", payload)
        self.work()

    def _over(self, kind: str, payload: dict[str, Any]) -> None:
        known = len(self.socket.acknowledged)
        self.socket.send(kind, payload, f"e{known}")
        assert self.socket.wait_for(acknowledged=known + 1)

    def publish(self, *more: str, folder: Path | None = None) -> Answer:
        """The draft that was answered with last, as ann has it on her disk and goes through it."""
        draft = self.drafts()[-1]
        file = self.books.parent / str(draft["name"])
        file.write_bytes(draft["content"])
        return self.cli("runbook", "publish", file, "--reviewed", "--snapshot", self.snapshot, *more)

    def asked(self, *more: str) -> str:
        """The question that publishing asks."""
        waiting = self.publish(*more)
        assert waiting.code == 5, waiting.err
        return waiting.err.split("approvals show ")[1].split()[0]

    def drafts(self) -> list[dict[str, Any]]:
        return [each for each in self.slack.files.values() if each["name"].endswith(".md")]

    def in_thread(self, words: str) -> list[dict[str, Any]]:
        return [each for each in self.ours() if words in shown(each)]

    def cli(self, *argv: object, by: str = "ann") -> Answer:
        """A command in this process and installation."""

        @contextmanager
        def here() -> Iterator[Any]:
            yield self.installation

        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr("opswarden.apps.installation.open_installation", here)
            patch.setattr("opswarden.apps.installation.current_person", lambda: by)
            code = main([str(part) for part in argv])
        return Answer(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def way(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    folder = tmp_path_factory.mktemp("way")
    books = folder / "books"
    books.mkdir()
    stages = {"*": {"*": {"runbooks.publish": "act"}}}
    told = {"runbooks": books, "gate": {"stages": stages}, "runbook_proposals": {"two_person": True}}
    handlers = list(logging.root.handlers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("APP_TOKEN", APP_TOKEN)
        with house(folder, more=told, app_token_env="APP_TOKEN", per_person=100) as opened:
            opened.__class__ = Way
            assert isinstance(opened, Way)
            socket = SlackSocket()
            opened.slack.socket_url = socket.url
            opened.books, opened.snapshot, opened.socket = books, case.snapshot, socket
            patch.setattr(opening, "_opened", [(opened.installation, opened.app)])
            with listening(opened.installation.settings.slack, opened.app.receiving, opened.app.keeping):
                assert socket.wait_for(opened=1)
                opened.mention("triage checkout")
                opened.work()
                (incident,) = opened.incidents.listed()
                opened.tell(incident, "opened")
                opened.run_id = opened.triage(incident, case.snapshot).run_id
                opened.head = opened.ours()[0]
                opened.write("write the runbook for this")
                yield opened
            socket.close()
    logging.root.handlers = [handler for handler in logging.root.handlers if handler in handlers]


def test_a_runbook_goes_the_whole_way(way: Way) -> None:
    draft = way.drafts()[0]
    answer = way.in_thread("Runbook draft")[0]
    assert answer["thread_ts"] == way.head["thread_ts"]
    assert "No page is in force for this alert." in shown(answer)
    assert f"opswarden runbook publish {draft['name']} --reviewed --triage {way.run_id}" in shown(answer)

    approval = way.asked("--triage", way.run_id)
    (question,) = way.in_thread(approval)
    assert question["thread_ts"] == way.head["thread_ts"]
    assert "write a new page: approval-rate-low.md" in shown(question)
    refused = way.cli("approvals", "approve", approval)
    assert (refused.code, "somebody other than whoever started" in refused.err) == (4, True), refused.err
    assert way.cli("approvals", "approve", approval, by="bo").code == 0
    page = way.books / "approval-rate-low.md"
    assert not page.exists(), "agreed to is not done yet"
    made = way.publish("--triage", way.run_id)
    assert (made.code, "in force in books (folder), new" in made.out) == (0, True), made.err
    way.app.parts.refresh()
    assert "person:bo" in shown(way.in_thread(approval)[0])

    alert = {"alerts": [{"status": "firing", "labels": {"alertname": "ApprovalRateLow"}, "startsAt": FIRED}]}
    file = way.books.parent / "alert.json"
    file.write_text(json.dumps(alert))
    found = way.cli("runbook", "search", "--alert", file, "--snapshot", way.snapshot)
    assert (found.code, "approval-rate-low.md" in found.out) == (0, True), found.err + found.out
    checked = way.cli("runbook", "check", "--folder", way.books, "--snapshot", way.snapshot, page.name)
    assert (checked.code, "0 findings" in checked.out) == (0, True), checked.out

    way.write("escribe el runbook de esto")
    again = shown(way.in_thread("Runbook draft")[-1])
    assert "In force is approval-rate-low.md" in again
    assert "+draft: true" in again
    assert f"--reviewed --triage {way.run_id}" in again
    consumed = [each for each in way.installation.ledger.tail(5_000) if each.kind == "approval.consumed"]
    (of_page,) = [each.run_id for each in consumed if each.body["approval_id"] == approval]
    entries = list(way.installation.ledger.of_run(of_page))
    kinds = [each.kind for each in entries]
    assert [kind for kind in STEPS if kind not in kinds] == []
    assert way.run_id in json.dumps([each.body for each in entries]), "the record leads to the triage"
    told = [each.body.get("kind") for each in way.installation.ledger.tail(5_000) if each.kind == "tell.decided"]
    assert told.count("runbook.draft") >= 2


def test_what_the_second_person_refuses_is_not_asked_again_unless_somebody_says_so(way: Way) -> None:
    of = ("--as", "refused.md", "--triage", way.run_id)
    approval = way.asked(*of)
    (question,) = way.in_thread(approval)
    way.press(BO, question, DENY, approval)
    refused = way.publish(*of)
    assert (refused.code, "person:bo" in refused.err, "--again" in refused.err) == (4, True, True), refused.err
    assert not (way.books / "refused.md").exists()
    assert way.asked(*of, "--again") != approval


def test_two_who_ask_at_once_get_a_draft_each_and_one_who_asks_once_gets_one(way: Way) -> None:
    before = len(way.drafts())
    for user in (ANN, BO):
        way.heard("redija o procedimento", user)
    arrivals = [way.arrivals.read(each) for each in way.arrivals.waiting()]
    workers = [
        threading.Thread(target=way.app.performer.perform, args=(way.installation, arrival))
        for arrival in (*arrivals, arrivals[0])
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for each in arrivals:
        way.arrivals.settle(each.id, "done")
    made = way.drafts()[before:]
    assert len(made) == 2
    assert made[0]["content"] == made[1]["content"]


def test_a_page_that_changes_meanwhile_is_not_written_over_and_a_pull_request_says_what_differs(
    way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone, bare = tmp_path / "clone", tmp_path / "bare"
    git("init", "-q", "--bare", "-b", "main", bare)
    git("clone", "-q", bare, clone)
    changed(clone, "The page of before.")
    monkeypatch.setenv("FORGE_TOKEN", FORGE_TOKEN)
    with closing(GithubForge(bare, "acme/platform")) as forge:
        merging = {"kind": "github", "url": forge.url, "repository": "acme/platform", "git": str(bare)}
        section = {"two_person": True, "clone": clone, "pull_request": {**merging, "token_env": "FORGE_TOKEN"}}
        own = way.installation
        told = own.settings.model_dump(exclude_unset=True) | {"runbook_proposals": section}
        changed_to = replace(own, settings=Settings.model_validate(told))
        monkeypatch.setattr(way, "installation", changed_to)
        monkeypatch.setattr(opening, "_opened", [(changed_to, way.app)])
        asked = ("--triage", way.run_id)
        approval = way.asked(*asked)
        assert way.cli("approvals", "approve", approval, by="bo").code == 0
        changed(clone, "Somebody was here.")
        meanwhile = way.publish(*asked)
        assert meanwhile.code != 0, meanwhile.out
        assert forge.opened == []
        approval = way.asked(*asked)
        assert "Somebody was here." in way.cli("approvals", "show", approval).out
        assert way.cli("approvals", "approve", approval, by="bo").code == 0
        made = way.publish(*asked)
        assert "pull request: https://forge.example/acme/platform/pull/1" in made.out, made.err
        assert "-Somebody was here." in forge.opened[0]["body"]
        assert way.publish(*asked).out == made.out
        assert len(forge.opened) == 1


def git(*argv: object) -> None:
    subprocess.run(["git", *map(str, argv)], check=True, capture_output=True)


def changed(clone: Path, text: str) -> None:
    """Somebody pushes another page to the owners' branch."""
    page = clone / "runbooks" / "approval-rate-low.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text(f"# Approval rate low\n\n{text}\n")
    git("-C", clone, "checkout", "-q", "-B", "main")
    git("-C", clone, "add", "-A")
    git("-C", clone, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", text)
    git("-C", clone, "push", "-q", "origin", "HEAD:main")
