"""Documents out of real systems: Prometheus and MLflow as they answer, and as they stop answering halfway."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.documents.drafting import Asking
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.mlflow_peer import MlflowPeer
from opswarden.tests.prometheus_peer import PrometheusPeer, why_missing

if missing := why_missing():
    pytest.skip(missing, allow_module_level=True)

NOW = datetime(2031, 5, 6, 12, tzinfo=UTC)
SETTINGS = """\
version = 1
[catalogue]
path = "catalogue.yaml"
[systems.metrics]
kind = "prometheus"
environment = "production"
url = "{prometheus}"
entity_labels = ["service"]
[registries.prod]
kind = "mlflow"
environment = "production"
url = "{mlflow}"
prefix = "prod."
"""


def rows() -> list[dict[str, Any]]:
    """Two hours of a service: twelve requests a second, three of a hundred of which fail in the last half."""
    found = []
    for minute in range(120):
        at = NOW - timedelta(minutes=120 - minute)
        for metric, value in (("request_rate", 12.0 + minute % 2), ("error_rate", 0.03 if minute > 60 else 0.01)):
            found.append({"ts": at, "entity": "till", "metric": metric, "kind": "gauge", "value": value, "unit": "",
                          "labels": {}})  # fmt: skip
    return found


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowPeer]:
    peer = MlflowPeer(tmp_path_factory.mktemp("mlflow"))
    for _ in range(2):
        peer.train("prod.tills", metrics={"auc": 0.8})
    peer.post("registered-models/alias", {"name": "prod.tills", "alias": "champion", "version": "2"})
    yield peer
    peer.close()


@pytest.fixture
def prometheus() -> Iterator[PrometheusPeer]:
    peer = PrometheusPeer(rows())
    yield peer
    peer.close()


@pytest.fixture
def live(home: Path, prometheus: PrometheusPeer, mlflow: MlflowPeer, monkeypatch: pytest.MonkeyPatch) -> PrometheusPeer:
    monkeypatch.setattr("opswarden.core.clock.SystemClock.now", lambda _: NOW)
    (home / "catalogue.yaml").write_text("version: 1\nteams: {bakers: {}}\nentities:\n  till: {owner: bakers}\n")
    (home / "opswarden.toml").write_text(SETTINGS.format(prometheus=prometheus.url, mlflow=mlflow.url))
    return prometheus


def after(calls: int, happens: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let something happen before the call of that number that a document makes."""
    asked: list[str] = []
    whole = Asking.__call__

    def call(self: Asking, tool: str, args: Mapping[str, Any]) -> Any:
        asked.append(tool)
        if len(asked) == calls:
            happens()
        return whole(self, tool, args)

    monkeypatch.setattr(Asking, "__call__", call)


def test_a_page_says_what_a_real_prometheus_says_and_is_left_as_it_was_once_that_is_gone(
    cli: Cli, home: Path, live: PrometheusPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, other = home / "till.md", home / "other.md"
    asked = ("docs", "service", "till", "--live", "--out")
    made = cli(*asked, page)
    assert (made.code, "could not be read" in made.err) == (0, False), made.err
    text = page.read_text()
    assert "- owner: `bakers` [S1]" in text
    assert (
        '| `request_rate{entity="till"}` | 12 | 12.5 | 13 |' in text or '`request_rate{entity="till"}` | 12 |' in text
    )
    assert '| `error_rate{entity="till"}` | 0.01 | 0.01 | 0.01 |' in text
    # Other windows, so that no answer of before is still held.
    monkeypatch.setattr("opswarden.core.clock.SystemClock.now", lambda _: NOW + timedelta(minutes=7))
    after(1, live.close, monkeypatch)
    gone = cli(*asked, other)
    assert gone.code == 3, gone.err
    assert "could not be read, so it is marked as unknown: metrics.query entity=till" in gone.err
    half = other.read_text()
    assert "Unknown: what would say it could not be read" in half
    assert "Nothing was measured" not in half
    assert "0.01" not in half
    again = cli(*asked, page)
    assert again.code in (2, 3), again.err
    assert page.read_text() == text


def test_a_card_says_what_a_real_mlflow_says_and_marks_what_it_no_longer_tells(
    cli: Cli, home: Path, live: PrometheusPeer, mlflow: MlflowPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = home / "card.md"
    asked = ("docs", "model-card", "tills", "--live", "--out", card)
    made = cli(*asked)
    assert made.code == 0, made.err
    text = card.read_text()
    assert "- champion: version 2 [S2]" in text
    assert "- the registry has 2 versions, the newest is 2 [S2]" in text
    assert text.count("Unknown: no system says it.") >= 8
    with monkeypatch.context() as patch:
        after(2, mlflow.stop, patch)
        gone = cli(*asked)
    mlflow.start()
    assert (gone.code, "card.md is left as it was" in gone.err) == (3, True), gone.err
    assert card.read_text() == text
    home.joinpath("books").mkdir()
    page = "---\nrunbook: 1\nowner: bakers\nrisk: high\nlast_verified: 2031-05-01\n---\n# Back\n\n1. Go back.\n\n"
    block = "   ~~~opswarden\n   command: opswarden platform rollback {}\n   expect: it\n   effect: write\n   ~~~\n"
    for name, model in (("fresh", "tills --to 1"), ("gone", "tills --to 9"), ("lost", "tellers")):
        (home / "books" / f"{name}.md").write_text(page + block.format(model))
    checked = cli("runbook", "check", "--live", "--folder", "books", "--format", "json").json["findings"]
    assert {(each["page"], each["text"]) for each in checked if each["code"] == "command.target"} == {
        ("gone.md", "the registry has no version 9 of tills; the newest is 2"),
        ("lost.md", "the registry has no model tellers"),
    }
