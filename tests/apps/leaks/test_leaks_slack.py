"""What people write in Slack and what a triage read comes out of Slack clean, in every language that it speaks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opswarden.apps.service.handing_over import hand_over
from opswarden.apps.service.settings import RecurringSettings
from opswarden.tests.apps.conftest import sampled
from opswarden.tests.apps.leaks.leaks import Needle, bytes_below, leaks_in, telling_parts
from opswarden.tests.apps.slack.house import ANN, house
from opswarden.tests.redaction.planting import plant

WRITTEN = tuple(plant(kind, "slack") for kind in ("email", "card visa", "iban", "github", "dsn", "phone br"))
"""What people paste into a channel."""
QUESTIONS = {
    "en": "since when does gateway fail for {0}?",
    "es": "¿desde cuándo falla gateway para {0}?",
    "pt": "desde quando o gateway falha para {0}?",
}


@pytest.mark.parametrize("language", sampled(QUESTIONS, ("es",)))
def test_a_channel_of_any_language_is_told_none_of_it(
    tmp_path: Path, planted_snapshot: Path, needles: tuple[Needle, ...], language: str
) -> None:
    with house(tmp_path, channel={"language": language}) as opened:
        for each in WRITTEN:
            opened.mention(f"triage {each.value}")
            opened.work()
        ts = opened.mention("triage gateway")
        opened.work()
        incident = next(each for each in opened.incidents.listed() if each.entity == "gateway")
        opened.tell(incident, "opened")
        report = opened.triage(incident, planted_snapshot)
        for each in WRITTEN:
            opened.mention(QUESTIONS[language].format(each.value), user=ANN, thread_ts=ts)
            opened.work()
        hand_over(opened.installation, RecurringSettings(do="handover", cron="0 8 * * *"), opened.clock.now())
        ours = opened.ours()
        said = json.dumps([ours, opened.slack.ephemerals], ensure_ascii=False, default=str)
        files = [(each["name"], bytes(each["content"])) for each in opened.slack.files.values()]
        calls = json.dumps([opened.slack.called("chat.postMessage"), opened.slack.called("chat.update")], default=str)
    assert len(ours) > len(WRITTEN)
    assert report.run_id in said or files
    assert said.count("EMAIL_ADDRESS") > 3
    exits = [("messages", said.encode()), ("calls", calls.encode()), *files, *bytes_below(tmp_path)]
    wanted = (*needles, *telling_parts(WRITTEN, "Slack"))
    assert {name: found for name, content in exits if (found := leaks_in(content, wanted))} == {}
