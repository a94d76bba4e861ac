"""The weekly digest: told once through the gate, within Slack's limits, mentioning nobody but people we know."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from opswarden.agents.finops.types import FinopsReport
from opswarden.apps.finops.digest import digest_of
from opswarden.apps.finops.weekly import tell_week, week
from opswarden.apps.installation import open_installation
from opswarden.apps.service.settings import RecurringSettings
from opswarden.apps.slack.finops_message import digest_message, slack_ids
from opswarden.core.errors import ConfigError
from opswarden.tests.apps.slack.house import ANN, CHANNEL, House, house, shown
from opswarden.tests.doubles.slack_blocks import problem_of

from .conftest import Analysed

HOSTILE = "<!channel> <@U0EVE> @everyone http://evil.example :boom: *x* U0EVE"


def report_of(first_week: Analysed, **changes: str) -> FinopsReport:
    report = FinopsReport.model_validate(first_week.report)
    first, *others = report.plan.offered
    plan = report.plan.model_copy(update={"offered": (first.model_copy(update=changes), *others)})
    return report.model_copy(update={"plan": plan})


@pytest.fixture
def slack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with house(tmp_path) as opened:
        monkeypatch.setattr("opswarden.apps.slack.opening.slack_of", lambda _installation: opened.app)
        yield opened


def test_a_channel_is_told_once_with_its_owner_mentioned(first_week: Analysed, slack: House) -> None:
    report = report_of(first_week, owner="@Ann")
    for _ in range(2):
        tell_week(slack.installation, "incidents", report, "finops-1")
    (told,) = slack.ours(CHANNEL)
    text = shown(told)
    assert "changes save" in text
    assert "USD a month (90 %:" in text
    mentions = json.dumps(told["blocks"]).split('"user_id": ')[1:]
    assert [each.split('"')[1] for each in mentions] == [ANN]
    with pytest.raises(ConfigError):
        tell_week(slack.installation, "nowhere", report, "finops-1")


def test_what_outsiders_wrote_mentions_nobody_and_fits(first_week: Analysed) -> None:
    report = report_of(first_week, owner=HOSTILE, subject=HOSTILE * 40, team=HOSTILE)
    plan = report.plan.model_copy(update={"offered": report.plan.offered * 30, "new": ()})
    found = digest_message(digest_of(report.model_copy(update={"plan": plan})), slack_ids({"eve": ("U0EVE",)}))
    assert problem_of({"text": found.text, "blocks": list(found.blocks)}) is None
    assert '"user_id"' not in json.dumps(found.blocks)


def test_ids_are_those_of_the_settings_alone() -> None:
    people = {"ann": ("U0ANN", "ann@example.org"), "bo": ("bo@example.org",), "eve": ("Ulla",)}
    assert slack_ids(people) == {"ann": "U0ANN", "u0ann": "U0ANN", "ann@example.org": "U0ANN"}


def test_a_schedule_does_the_week_and_leaves_the_page(analysed: Analysed) -> None:
    settings = RecurringSettings(do="finops", cron="0 6 * * 1", fleet=analysed.fleet)
    with open_installation() as installation:
        said = week(installation, settings, installation.clock.now())
        pages = list(installation.state.reports.glob("finops-*.html"))
    assert "changes save" in said
    assert len(pages) == 1
    with pytest.raises(ValueError, match="needs `fleet`"):
        RecurringSettings(do="finops", cron="0 6 * * 1")
