"""A question about the platform, asked in a channel: answered in its thread, once, to who may ask."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from opswarden.evals.suites.pipeline_worlds import pipeline_world
from opswarden.tests.apps.slack.house import ANN, CHANNEL, GUEST, House, house, shown

WHY = "why did fraud_training fail?"


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[House]:
    """A platform whose newest training failed; what it says is hostile."""
    runs = tmp_path / "runs"
    runs.mkdir()
    world = pipeline_world(11, "upstream_failed")
    jobs = world.jobs
    logs = [
        log and f"{log}\n2031-02-14T04:22:01Z ERROR <!channel> *now* https://evil.example"
        for log in jobs["log"].to_pylist()
    ]
    pq.write_table(jobs.set_column(jobs.column_names.index("log"), "log", [logs]), runs / "jobs.parquet")
    more = {
        "pipelines": {"shelf": {"kind": "files", "environment": "sandbox", "folder": str(runs)}},
        "platform": {"pipelines": {"shelf": []}},
    }
    with house(tmp_path, more=more) as found:
        found.clock.advance((world.now - found.clock.now()).total_seconds())
        yield found


def test_a_question_is_answered_once_in_its_thread(watching: House) -> None:
    ts = watching.mention(WHY)
    watching.work(times=2)
    assert not watching.whispered()
    (answer,) = watching.ours()
    assert answer["thread_ts"] == ts
    text = shown(answer)
    assert "fraud_training failed in task wait: upstream failed" in text
    assert "No language model took part" in text
    assert "any registries" in text
    assert "<!channel>" not in json.dumps(answer["blocks"])
    assert not watching.whispered()
    entries = [entry for entry in watching.installation.ledger.tail(80) if entry.run_id.startswith("asked.")]
    told = [entry.kind for entry in entries]
    assert told.count("tell.outcome") == 1, told
    assert "person:ann" in json.dumps([entry.body for entry in entries])
    # Asked on in the thread, it is another question.
    watching.mention("and is card_features late?", thread_ts=ts)
    watching.work()
    assert len(watching.ours()) == 2


def test_small_talk_and_strangers_start_no_check(watching: House) -> None:
    watching.mention("good morning")
    watching.mention(WHY, user=GUEST)
    watching.work()
    assert not watching.ours()
    assert sorted(each[:11] for each in watching.whispered()) == ["Guests, app", "triage NAME"]
    assert not [entry for entry in watching.installation.ledger.tail(50) if entry.kind.startswith("call.")]


def test_where_nothing_is_watched_a_question_gets_the_help(tmp_path: Path) -> None:
    with house(tmp_path) as found:
        found.mention(WHY, user=ANN, channel=CHANNEL)
        found.work()
        assert found.whispered()[0].startswith("triage NAME · a question about the platform")
