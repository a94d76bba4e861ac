"""`opswarden docs`: pages of a service, a model and an incident; nothing is made up, what people wrote stays."""

from __future__ import annotations

import errno
import json
import re
from pathlib import Path

import pytest

from opswarden.apps.documents.documents import Made, write_made
from opswarden.apps.documents.keeping import keep_draft
from opswarden.core.errors import BackendError, InputError
from opswarden.evals.cases import Case
from opswarden.tests.apps.conftest import Cli, Triaged
from opswarden.tools.incidents.postmortems import read_postmortem


def test_documents_say_what_is_there_and_what_is_unknown(cli: Cli, home: Path, case: Case) -> None:
    made = cli("docs", "service", "fraud-scorer", "--snapshot", case.snapshot, "--out", "service.md")
    assert (made.code, "written" in made.out) == (0, True), made.err
    page = home / "service.md"
    assert "- owner: `risk-models` [S1]" in page.read_text()
    page.write_text(page.read_text() + "\n## By hand\n\nAsk Jo.\n")
    again = cli("docs", "service", "fraud-scorer", "--snapshot", case.snapshot, "--out", "service.md")
    assert "nothing is written" in again.out
    assert page.read_text().endswith("Ask Jo.\n")
    card = cli("docs", "model-card", "no-such-model", "--snapshot", case.snapshot)
    assert card.out.count("Unknown") >= 8, card.err
    assert "no prediction of it was found" in card.out
    view = cli("docs", "feature-view", "card_velocity", "--snapshot", case.snapshot)
    assert "| `card_attempts_1h` | `feature-server` |" in view.out, view.err
    book = cli("docs", "handbook", "--snapshot", case.snapshot)
    assert "### `risk-models`" in book.out, book.err
    declared = re.findall(
        r"^  ([a-z][a-z0-9-]+):\n    owner:", (case.snapshot / "catalogue.yaml").read_text(), re.MULTILINE
    )
    assert len(declared) > 20
    assert not [name for name in declared if f"  - `{name}`" not in book.out], "also of more than one answer holds"
    assert "no escalation is configured" in book.out
    (home / "log.md").write_text("# Change log of models\n\nBy hand: <b>ask Jo</b>.\n")
    log = ("docs", "changelog", "card-fraud", "--snapshot", case.snapshot, "--out", "log.html", "--format", "html")
    assert cli(*log).code == 0
    shown = (home / "log.html").read_text()
    assert "no registry answered" in shown
    assert "By hand: &lt;b&gt;ask Jo&lt;/b&gt;." in shown
    board = cli("docs", "dashboard", "fraud-scorer", "--snapshot", case.snapshot, "--entity-label", "job")
    assert 'error_rate{job="fraud-scorer"}' in {each["targets"][0]["expr"] for each in json.loads(board.out)["panels"]}
    assert cli("docs", "architecture", "--snapshot", case.snapshot).out.startswith("<svg ")
    assert cli("docs", "service", "x").code == 2
    assert cli("docs", "dashboard", "nothing", "--snapshot", case.snapshot).code == 2
    (home / "folder").mkdir()
    assert cli("docs", "architecture", "--snapshot", case.snapshot, "--out", "folder").code == 2


def test_a_postmortem_leaves_open_what_people_alone_know(cli: Cli, case: Case, triaged: Triaged) -> None:
    made = cli("docs", "postmortem", triaged.report["run_id"], "--snapshot", case.snapshot)
    assert made.code == 0, made.err
    assert "- [ ] (nobody yet)" in made.out
    assert "nobody has labelled the incident" in made.out
    timeline = made.out.partition("## Timeline")[2].partition("<!-- /")[0].strip().splitlines()
    assert len(timeline) > 3
    moments = [line.partition(" UTC: ")[0] for line in timeline]
    assert moments == sorted(moments)
    assert all(re.fullmatch(r"- \d{4}-\d\d-\d\d \d\d:\d\d:\d\d", moment) for moment in moments), "to the second"
    assert len(timeline) == len(set(timeline)), "each once"
    kinds = [line.partition(" UTC: ")[2].partition(",")[0] for line in timeline]
    assert {"telemetry", "alert", "triage", "message to people"} <= set(kinds)
    alert = triaged.report["incident"]
    for said in (
        f"`{alert['alert_name']}` at `{alert['alert_entity']}`",
        f"the alert said: `{alert['alert_summary']}`",
        "the alert fired at ",
        "which authorities have to be told, by when, and who does it: unknown",
        "when it ended: unknown",
    ):
        assert said in made.out
    assert cli("docs", "postmortem", "run_none", "--snapshot", case.snapshot).code == 2


def test_a_postmortem_is_read_again_as_a_past_incident(cli: Cli, home: Path, case: Case, triaged: Triaged) -> None:
    run, page = triaged.report["run_id"], home / "after.md"
    asked = ("docs", "postmortem", run, "--snapshot", case.snapshot, "--out", "after.md")
    assert cli(*asked).code == 0
    before = read_postmortem("after.md", page.read_text())
    assert (before.run_id, before.cause, before.resolution) == (run, "", ""), "nobody has said anything yet"
    page.write_text(page.read_text().replace("resolution:\n", "resolution: The alias was put back\n"))
    cause = case.truth().causes[0].entity
    assert cli("eval", "past", "add", run, "--cause", cause).code == 0
    assert cli(*asked).code == 0
    after = read_postmortem("after.md", page.read_text())
    assert (after.cause, after.resolution) == (cause, "The alias was put back")
    alert = triaged.report["incident"]
    assert {("alert", alert["alert_name"].casefold()), ("entity", alert["alert_entity"])} <= after.features


def test_two_who_write_one_document_lose_nothing(tmp_path: Path) -> None:
    out = tmp_path / "page.md"
    out.write_text("mine\n")
    with pytest.raises(InputError, match="somebody else wrote"):
        write_made(Made("new\n", True, before="what I had read\n"), out)
    assert out.read_text() == "mine\n"
    write_made(Made("new\n", True, before="mine\n"), out)
    assert out.read_text() == "new\n"


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "page.md"
    out.write_text("mine\n")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(BackendError, match="No space left"):
        write_made(Made("new\n", True, before="mine\n"), out)
    with pytest.raises(BackendError, match="No space left"):
        keep_draft("new\n", tmp_path / "draft.md")
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"page.md": "mine\n"}
