"""The page of a feature view out of a real feature store: of files, and of Feast."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from opswarden.core.clock import FixedClock
from opswarden.evals.suites.feature_files import write_files
from opswarden.evals.suites.feature_worlds import NOW, clean_world
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.doubles.ailing_server import AilingServer, answer

pytestmark = pytest.mark.filterwarnings("ignore")
SYSTEM = """\
version = 1
[systems.metrics]
kind = "prometheus"
environment = "production"
url = "{url}"
[feature_stores.shelf]
environment = "production"
"""
NO_METRICS = b'{"status": "success", "data": {"resultType": "matrix", "result": []}}'
FILES = """\
kind = "files"
[feature_stores.shelf.views.card]
keys = ["card"]
offline = ["view/offline.parquet"]
online = "view/online.parquet"
created = "written_at"
ttl_s = 172800
materialized = "view/materialized.json"
"""
FEAST = """\
project: bakery
provider: local
registry: view/registry.db
online_store: {type: sqlite, path: view/online.db}
offline_store: {type: file}
entity_key_serialization_version: 3
"""


def files(folder: Path) -> str:
    write_files(clean_world(5, keys=300), folder)
    return FILES


def feast(folder: Path) -> str:
    write_files(clean_world(5, keys=300), folder, unit="us")
    (folder / "feature_store.yaml").write_text(FEAST.replace("view/", f"{folder}/"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from feast import Entity, FeatureView, Field, FileSource, ValueType
        from feast import FeatureStore as Feast
        from feast.types import Float32, Int64

        source = FileSource(
            path=str(folder / "offline.parquet"), timestamp_field="event_time", created_timestamp_column="written_at"
        )
        card = Entity(name="card", join_keys=["card"], value_type=ValueType.STRING)
        view = FeatureView(
            name="card", entities=[card], ttl=timedelta(days=2), source=source, online=True,
            schema=[Field(name="spend_7d", dtype=Float32), Field(name="orders", dtype=Int64)],
        )  # fmt: skip
        store = Feast(repo_path=str(folder))
        store.apply([card, view])
        store.materialize(NOW - timedelta(days=2), NOW, feature_views=["card"])
    return 'kind = "feast"\nrepository = "view"\n'


@pytest.mark.parametrize("make", [files, pytest.param(feast, marks=pytest.mark.soak)])
def test_a_view_is_told_as_its_store_has_it_and_its_page_outlives_the_store(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], str]
) -> None:
    monkeypatch.setattr("opswarden.apps.installation.SystemClock", lambda: FixedClock(NOW + timedelta(minutes=5)))
    (home / "view").mkdir()
    server = AilingServer(answer(NO_METRICS))  # a Prometheus that has nothing
    kind = make(home / "view")
    (home / "opswarden.toml").write_text(SYSTEM.format(url=server.url) + kind)
    page = home / "card.md"
    made = cli("docs", "feature-view", "card", "--live", "--out", page)
    text = page.read_text() if page.exists() else ""
    assert made.code == 0, made.err
    part = text.partition("## As the feature store has it")[2].partition("<!--")[0]
    assert "- time to live: 2 days [S" in part
    assert "- `spend_7d`: median age " in part
    assert "- rows older than that time to live: 0 % [S" in part
    other = cli("docs", "feature-view", "cards", "--live")
    for file in (home / "view").iterdir():
        file.write_bytes(b"\0 half of a file")
    gone = cli("docs", "feature-view", "card", "--live", "--out", page)
    assert (gone.code, page.read_text()) == (3, text), gone.err
    server.close()
    assert (other.code, "The feature store has no view of this name" in other.out) == (0, True), other.out
