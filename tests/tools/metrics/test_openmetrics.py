"""A page of metrics is read twice and tells of now alone; what stands on it is read to the letter, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.core.clock import Deadline, FixedClock, SystemClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.core.systems.kept_answers import AnswerFolder
from opswarden.tests.doubles.metrics_target import PLAIN, MetricsTarget
from opswarden.tests.prometheus_peer import PrometheusPeer, why_missing
from opswarden.tools.metrics.backends.openmetrics import ScrapedMetrics, _sample
from opswarden.tools.metrics.backends.settings import OpenmetricsSettings
from opswarden.tools.metrics.series import as_rates

MINUTE = timedelta(minutes=1)


def backend_at(url: str, folder: Path, clock: Any, **more: Any) -> ScrapedMetrics:
    settings = OpenmetricsSettings(
        kind="openmetrics", url=f"{url}/metrics", environment="test", entity="oven", shared_s=0, **more
    )

    def rest(seconds: float) -> None:
        if isinstance(clock, FixedClock):
            clock.advance(seconds)

    client = SystemClient("the test's", settings, folder / "locks", clock=SystemClock(), sleep=rest)
    return ScrapedMetrics(client, settings, clock)


@pytest.fixture
def target() -> Iterator[MetricsTarget]:
    sold = iter(range(100, 10_000, 50))

    def text() -> str:
        return f"""# HELP sold loaves
# TYPE sold counter
sold_total{{kind="rye \\"dark\\" }} {{",shop="a,b"}} {next(sold)} # {{trace_id="x"}} 1 1.5
sold_created 1.5
# TYPE heat gauge
heat{{service="stove",rack="1"}} 2.5e2
heat 7 1700000000.1
nothing NaN
go_threads 9
# TYPE bake histogram
bake_bucket{{le="1"}} 4
bake_bucket{{le="+Inf"}} 5
bake_count 5
bake_sum 7
# EOF
"""

    with closing(MetricsTarget(text, PLAIN)) as server:
        yield server


def test_two_readings_give_levels_and_rates(target: MetricsTarget, tmp_path: Path, deadline: Deadline) -> None:
    clock = FixedClock(datetime(2031, 5, 6, 12, 0, 40, tzinfo=UTC))
    backend = backend_at(target.url, tmp_path, clock, entity_labels=("service",), apart_s=10)
    end = datetime(2031, 5, 6, 12, tzinfo=UTC)
    found = backend.series(end - 30 * MINUTE, end, deadline)
    told = {(key.entity, key.metric, key.kind, key.labels): values.tolist() for key, _, values in found}
    assert told == {
        ("oven", "sold_total", "counter", (("kind", 'rye "dark" } {'), ("shop", "a,b"))): [100.0, 150.0],
        ("stove", "heat", "gauge", (("rack", "1"),)): [250.0, 250.0],
        ("oven", "heat", "gauge", ()): [7.0, 7.0],
        ("oven", "bake_count", "counter", ()): [5.0, 5.0],
    }
    assert found.times_us.max() < round(end.timestamp() * 1e6), "as if read at the end of the time range"
    rates = {key.metric: values.tolist() for key, _, values in as_rates(found)}
    assert rates["sold_total"][-1] == pytest.approx(5.0)
    assert [key.metric for key in backend.series(end - MINUTE, end, deadline, entities=("stove",)).keys] == ["heat"]
    assert len(backend.series(end - MINUTE, end, deadline, metric="sold_total", labels={"shop": "a,b"})) == 1
    assert backend.entities(deadline) == ("oven", "stove")
    assert target.scrapes == 2
    with pytest.raises(BackendError, match="tells of now alone"):
        backend.series(end - 30 * MINUTE, end - 2 * MINUTE, deadline)


def test_the_triages_of_a_storm_read_a_page_twice(target: MetricsTarget, tmp_path: Path, deadline: Deadline) -> None:
    now, answers = datetime.now(UTC), AnswerFolder(tmp_path / "answers", bytes(32), SystemClock())
    for _ in range(3):
        settings = OpenmetricsSettings(
            kind="openmetrics", url=f"{target.url}/metrics", environment="test", entity="oven", apart_s=1
        )
        client = SystemClient("the test's", settings, tmp_path / "locks", answers=answers)
        found = ScrapedMetrics(client, settings, SystemClock()).series(now - MINUTE, now + MINUTE, deadline)
        (sold,) = [values.tolist() for key, _, values in found if key.metric == "sold_total"]
        assert sold == [100.0, 150.0]
    assert target.scrapes == 2


def test_the_page_of_a_real_prometheus(tmp_path: Path, deadline: Deadline) -> None:
    missing = why_missing()
    if missing:
        pytest.skip(missing)
    with closing(PrometheusPeer([])) as peer:
        now = datetime.now(UTC)
        found = backend_at(peer.url, tmp_path, SystemClock()).series(now - MINUTE, now + MINUTE, deadline)
    kinds = {key.metric: key.kind for key in found.keys}
    assert (kinds["prometheus_http_requests_total"], kinds["prometheus_ready"]) == ("counter", "gauge")
    assert not [name for name in kinds if name.startswith("go_") or name.endswith("_bucket")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<html>PLANTED</html>", "no exposition"),
        ("PLANTED", "no exposition"),
        ('heat{PLANTED="x" 3', "no exposition"),
        ('heat{a="x"} PLANTED', "no exposition"),
        ("\n".join(f"heat_{place} 1" for place in range(30)), "more than 20 series"),
    ],
)
def test_what_is_no_page_of_metrics_is_an_error_and_not_repeated(
    text: str, told: str, tmp_path: Path, start: datetime, deadline: Deadline
) -> None:
    with closing(MetricsTarget(lambda: text)) as server:
        backend = backend_at(server.url, tmp_path, FixedClock(start), most_series=20)
        with pytest.raises(BackendError, match=told) as caught:
            backend.series(start, start + MINUTE, deadline)
    assert "PLANTED" not in str(caught.value) + caught.value.remedy


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,6}", fullmatch=True), st.text(st.characters(exclude_characters="\r"))))
def test_no_text_of_a_label_becomes_another(labels: dict[str, str]) -> None:
    def quoted(text: str) -> str:
        return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    written = ",".join(f'{name}="{quoted(value)}"' for name, value in labels.items())
    assert _sample(f'heat{{{written}}} 3 # {{a="b"}} 1') == ("heat", labels, 3.0)
