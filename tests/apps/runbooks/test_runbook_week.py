"""The weekly report of runbooks, and how somebody asks for one in words."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest

from opswarden.agents.triage.types import Evidence, TriageReport
from opswarden.apps.documents.drafting import Drafted
from opswarden.apps.documents.of_run import DraftOfRun, file_for
from opswarden.apps.installation import open_installation
from opswarden.apps.runbooks.reporting import Helped, RunbookReport, unhelpful
from opswarden.apps.runbooks.scheduled import report_markdown, report_message
from opswarden.apps.service.settings import RecurringSettings
from opswarden.apps.service.tasks import TASKS
from opswarden.apps.slack.runbook_message import draft_message, wants_runbook
from opswarden.apps.slack.words import Language
from opswarden.core.errors import ConfigError

AT = datetime(2031, 5, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "is_wanted"),
    [
        ("write the runbook for this", True),
        ("can you draft a run-book please", True),
        ("escribe el runbook de esto", True),
        ("escreva o runbook deste incidente", True),
        ("¿puedes generar el runbook?", True),
        ("escríbenos el procedimiento", True),
        ("gera o playbook disto, por favor", True),
        ("redija o procedimento", True),
        ("generate a play book", True),
        ("who wrote the runbook?", False),
        ("which runbook should we write about?", False),
        ("write the postmortem", False),
        ("is there a runbook", False),
        ("", False),
    ],
)
def test_what_asks_for_a_runbook(text: str, is_wanted: bool) -> None:
    assert wants_runbook(text) is is_wanted


def test_the_week_is_written_down(home: Path) -> None:
    (home / "books").mkdir()
    (home / "books" / "old.md").write_text("---\nrunbook: 1\nlast_verified: 2020-01-01\n---\n# Old\n\n1. Look.\n")
    (home / "opswarden.toml").write_text('version = 1\nrunbooks = "books"\n')
    settings = RecurringSettings.model_validate({"do": "runbooks", "cron": "0 7 * * 1"})
    with open_installation() as installation:
        said = TASKS["runbooks"](installation, settings, AT)
        assert said.startswith("1 runbooks: ")
        assert "pages not verified in time" in said
        page = (installation.state.reports / "runbooks-20310505T0700.md").read_text()
        assert "old.md" in page
        assert "None." in page
        with pytest.raises(ConfigError, match="not listed"):
            TASKS["runbooks"](installation, settings.model_copy(update={"channel": "nowhere"}), AT)


def test_a_page_that_two_lookups_of_one_triage_found_was_shown_once() -> None:
    page = SimpleNamespace(runbook=SimpleNamespace(name="old.md"))

    def triage(*names: str) -> TriageReport:
        evidence = tuple(
            Evidence(id=f"E{place}", tool="runbooks.match", scope={}, status="ok", summary={"name": name})
            for place, name in enumerate(names, start=1)
        )
        return TriageReport.model_construct(evidence=evidence, verdict="inconclusive")

    assert list(unhelpful([page], [triage("old.md", "old.md")])) == []  # type: ignore[list-item]  # only its name is read
    (one,) = unhelpful([page], [triage("old.md", "old.md"), triage("new.md", "old.md")])  # type: ignore[list-item]  # same
    assert one == Helped("old.md", 2, 2)


def test_what_pages_say_is_inert() -> None:
    hostile = "<https://evil.example|click> `x` <!channel>"
    found = RunbookReport(1, ((hostile, "a rule"),) * 12, (), (), (), (), (), ())
    text = report_markdown(found, AT)
    assert all(line.count("`") == 2 for line in text.splitlines() if "evil" in line)
    said = report_message(found, AT, text)
    assert "4 more, in the file" in str(said.blocks)
    assert '"link"' not in str(said.blocks).replace("'", '"')
    assert [file.name for file in said.files] == ["runbooks-20310505.md"]


def test_a_draft_takes_the_name_of_the_page_in_force_so_that_it_takes_its_place() -> None:
    assert file_for("DeclineRateHigh", "payments/decline-rate.md") == "payments/decline-rate.md"
    assert file_for("DeclineRateHigh", "") == "decline-rate-high.md"
    assert file_for("HTTPErrors at édge/../x", "export.zip!Page 1.html") == "http-errors-at-dge-x.md"
    assert file_for("¿?", "") == "runbook.md"


def test_the_answer_in_slack_names_no_source_and_publishes_over_the_page_in_force() -> None:
    drafted = Drafted("# T\n", (), (), ("whose `till` is: the service catalogue does not say [S3, S4]",))
    made = DraftOfRun(drafted, "Till", "shop/till.md", "shop/till.md", ("-a", "+b"), "run_1")
    for language in get_args(Language):
        said = json.dumps(draft_message(made, language).blocks, ensure_ascii=False)
        assert "[S3" not in said
        assert "`" not in said
        assert "opswarden runbook publish till.md --reviewed --as shop/till.md --triage run_1" in said
