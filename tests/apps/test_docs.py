"""`opswarden docs`: pages of a service, a model and an incident; nothing is made up, what people wrote stays."""

from __future__ import annotations

import json
from pathlib import Path

from opswarden.evals.cases import Case
from opswarden.tests.apps.conftest import Cli, Triaged


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
    assert "`risk-models`" in book.out, book.err
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
    moments = [line.partition("Z: ")[0] for line in timeline]
    assert moments == sorted(moments)
    assert any(": telemetry, " in line for line in timeline)
    assert any("people.tell" in line for line in timeline)
    assert cli("docs", "postmortem", "run_none", "--snapshot", case.snapshot).code == 2
