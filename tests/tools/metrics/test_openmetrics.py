"""A page of metrics is read twice and tells of now alone; what stands on it is read to the letter, or refused."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from itertools import accumulate
from math import inf, nan
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.core.clock import Deadline, FixedClock, SystemClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.core.systems.kept_answers import AnswerFolder
from opswarden.tests.doubles.metrics_target import PLAIN, MetricsTarget
from opswarden.tests.prometheus_peer import PrometheusPeer, open_metrics, why_missing
from opswarden.tools.metrics.backends.buckets import increase, quantile
from opswarden.tools.metrics.backends.exposition import sample_of
from opswarden.tools.metrics.backends.openmetrics import ScrapedMetrics
from opswarden.tools.metrics.backends.settings import OpenmetricsSettings
from opswarden.tools.metrics.series import as_rates

from .conformance import MINUTE, OF_NOW, OF_THE_PAST, Make, sample


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
        ("oven", "bake_count", "counter", ()): [5.0, 5.0],  # nothing fell into its buckets
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
        urlopen(f"{peer.url}/metrics").close()  # noqa: S310 - of this machine
        now = datetime.now(UTC)
        found = backend_at(peer.url, tmp_path, SystemClock()).series(now - MINUTE, now + MINUTE, deadline)
    kinds = {key.metric: key.kind for key in found.keys}
    assert (kinds["prometheus_http_requests_total"], kinds["prometheus_ready"]) == ("counter", "gauge")
    # There are buckets since the request before; the first reading is one that the second counts.
    (took,) = [
        values.tolist()
        for key, _, values in found
        if key.metric == "prometheus_http_request_duration_seconds"
        and dict(key.labels) == {"handler": "/metrics", "quantile": "0.99"}
    ]
    assert 0 < took[0] < 10
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


def filled_at(now: datetime, folder: Path, servers: ExitStack) -> Make:
    """A page with what was true at that moment: of each series the newest value that is not younger."""

    def fill(rows: Sequence[dict[str, Any]]) -> ScrapedMetrics:
        told = {(row["entity"], row["metric"], *row["labels"]): row for row in rows if row["ts"] <= now}
        page = open_metrics([{**row, "ts": now} for row in told.values()])
        server = servers.enter_context(closing(MetricsTarget(lambda: page)))
        return backend_at(server.url, folder, FixedClock(now), entity_labels=("service",))

    return fill


@pytest.mark.parametrize("check", OF_NOW)
def test_a_page_answers_what_can_be_asked_of_now(
    check: Callable[[Make, datetime, Deadline], None], tmp_path: Path, start: datetime, deadline: Deadline
) -> None:
    with ExitStack() as servers:
        check(filled_at(start, tmp_path, servers), start, deadline)


@pytest.mark.parametrize("check", OF_THE_PAST)
def test_a_page_refuses_what_can_only_be_asked_of_the_past(
    check: Callable[[Make, datetime, Deadline], None], tmp_path: Path, start: datetime, deadline: Deadline
) -> None:
    with ExitStack() as servers, pytest.raises(BackendError, match="tells of now alone"):
        check(filled_at(start + 30 * MINUTE, tmp_path, servers), start, deadline)


def bake(buckets: Mapping[str, float], kind: str = "histogram", name: str = "bake_seconds", rack: str = "1") -> str:
    counts = "".join(f'{name}_bucket{{rack="{rack}",le="{le}"}} {count}\n' for le, count in buckets.items())
    return f"# TYPE {name} {kind}\n{counts}"


def quantiles_of(pages: Sequence[str], folder: Path, start: datetime, deadline: Deadline) -> dict[Any, list[float]]:
    """What is told of histograms by pages read ten seconds apart."""
    told = iter(pages)
    with closing(MetricsTarget(lambda: f"{next(told)}# EOF\n")) as server:
        found = backend_at(server.url, folder, FixedClock(start)).series(start - MINUTE, start + MINUTE, deadline)
    return {
        (key.metric, dict(key.labels)["quantile"]): values.tolist()
        for key, _, values in found
        if "quantile" in dict(key.labels)
    }


def test_what_fell_into_buckets_between_two_readings_is_told_by_quantiles(
    tmp_path: Path, start: datetime, deadline: Deadline
) -> None:
    # Of the past there were a thousand quick ones; since then, ten slow ones.
    before = {"0.1": 1000.0, "1": 1000.0, "+Inf": 1000.0}
    after = {"0.1": 1000.0, "1": 1010.0, "+Inf": 1010.0}
    found = quantiles_of([bake(before), bake(after)], tmp_path, start, deadline)
    assert found == {
        ("bake_seconds", "0.5"): [pytest.approx(0.55)],
        ("bake_seconds", "0.99"): [pytest.approx(0.991)],
    }


@pytest.mark.parametrize(
    ("pages", "told"),
    [
        ([bake({"1": 5, "+Inf": 5})] * 2, {}),
        ([bake({"1": 5, "+Inf": 5}), bake({"2": 9, "+Inf": 9})], {}),
        (["", bake({"1": 5, "+Inf": 5})], {}),
        ([bake({"+Inf": 5}), bake({"+Inf": 9})], {}),
        ([bake({"1": 5, "2": 5}), bake({"1": 9, "2": 9})], {}),
        ([bake({"1": 50, "+Inf": 50}), bake({"1": 2, "+Inf": 4})], {"0.5": [1.0], "0.99": [1.0]}),
        ([bake({"1": 2, "+Inf": 2}, "gaugehistogram")] * 2, {"0.5": [0.5], "0.99": [0.99]}),
        ([bake({"1": 5, "+Inf": 5}, "gauge")] * 2, {}),
    ],
    ids=[
        "nothing was observed",
        "other buckets",
        "it is new",
        "no bounds",
        "no bucket for all",
        "a restart",
        "buckets of what is there",
        "gauges that are called buckets",
    ],
)
def test_quantiles_are_told_only_where_they_are_known(
    pages: Sequence[str], told: dict[str, list[float]], tmp_path: Path, start: datetime, deadline: Deadline
) -> None:
    found = quantiles_of(pages, tmp_path, start, deadline)
    assert {share: values for (_, share), values in found.items()} == {
        share: [pytest.approx(value) for value in values] for share, values in told.items()
    }


def test_quantiles_are_those_of_a_real_prometheus(start: datetime) -> None:
    missing = why_missing()
    if missing:
        pytest.skip(missing)
    draw = random.Random("buckets")
    shapes = [
        dict(
            zip(
                (-1.0, 0.0, 0.5, 2.0, 9.0, inf),
                accumulate(draw.choice((0, 0, 1, 7, 300)) for _ in range(6)),
                strict=True,
            )
        )
        for _ in range(40)
    ]
    shapes += [{0.5: 3.0, 1.0: 2.0, inf: 4.0}, {inf: 4.0}, {0.5: 1.0, 1.0: 1.0}, {0.5: 0.0, inf: 0.0}]
    rows = [
        sample(start, count, f"oven-{place}", "bake_bucket", le="+Inf" if bound == inf else f"{bound:g}")
        for place, shape in enumerate(shapes)
        for bound, count in shape.items()
    ]
    with closing(PrometheusPeer(rows)) as peer:
        for share in (0.0, 0.5, 0.99, 1.0):
            query = urlencode(
                {"query": f"histogram_quantile({share}, bake_bucket)", "time": f"{start.timestamp():.0f}"}
            )
            with urlopen(f"{peer.url}/api/v1/query?{query}") as answer:  # noqa: S310 - of this machine
                told = {row["metric"]["service"]: float(row["value"][1]) for row in json.load(answer)["data"]["result"]}
            for place, shape in enumerate(shapes):
                ours = quantile(share, increase(dict.fromkeys(shape, 0.0), shape) or {})
                theirs = told.get(f"oven-{place}", nan)
                assert (nan if ours is None else ours) == pytest.approx(theirs, nan_ok=True), (share, shape)


def test_a_page_that_was_cut_off_is_not_a_short_one(tmp_path: Path, start: datetime, deadline: Deadline) -> None:
    with closing(MetricsTarget(lambda: "heat 1\nheat 2")) as server:
        backend = backend_at(server.url, tmp_path, FixedClock(start))
        with pytest.raises(BackendError, match="not all of one"):
            backend.series(start, start + MINUTE, deadline)


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,6}", fullmatch=True), st.text(st.characters(exclude_characters="\r"))))
def test_no_text_of_a_label_becomes_another(labels: dict[str, str]) -> None:
    def quoted(text: str) -> str:
        return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    written = ",".join(f'{name}="{quoted(value)}"' for name, value in labels.items())
    assert sample_of(f'heat{{{written}}} 3 # {{a="b"}} 1') == ("heat", labels, 3.0)
