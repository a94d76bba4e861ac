"""Every system that tells of usage gives the same tables; each is a real one, or a server that speaks its protocol."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError, InputError
from opswarden.core.systems.client import SystemClient
from opswarden.tests.prometheus_peer import PrometheusPeer, why_missing
from opswarden.tools.fleets.manifest import FleetManifest
from opswarden.tools.fleets.schema import FLEET_TABLES
from opswarden.tools.fleets.store import FleetStore
from opswarden.tools.fleets.writer import FleetWriter
from opswarden.tools.metrics.backends.prometheus_api import PrometheusApi
from opswarden.tools.metrics.backends.settings import PrometheusSettings
from opswarden.tools.usage.backends.files import FilesUsage
from opswarden.tools.usage.backends.folder import FolderUsage
from opswarden.tools.usage.backends.prometheus import PrometheusUsage
from opswarden.tools.usage.backends.settings import CloudwatchMeasure, CloudwatchSource, FileSource, PrometheusSource
from opswarden.tools.usage.backends.types import UsageBackend

ZERO = datetime(2031, 5, 6, tzinfo=UTC)
HOURS = 3
STEP = timedelta(minutes=5)
NAMES = ("shop/mixer", 'shop/o\'ven "x"')
Series = dict[str, list[tuple[datetime, float]]]


def cores(name: str, at: datetime) -> float:
    """What each workload uses: the second one more from the second hour on."""
    return 0.25 if name == NAMES[0] else 0.5 if at <= ZERO + timedelta(hours=1) else 1.5


def moments() -> list[datetime]:
    return [ZERO + STEP * place for place in range(1, HOURS * 12)]


def folder_backend(tmp_path: Path) -> UsageBackend:
    manifest = FleetManifest(title="t", environment="test", start=ZERO, end=ZERO + timedelta(days=1), currency="EUR")
    with FleetWriter(tmp_path / "fleet", manifest) as writer:
        for name in NAMES:
            at = moments()
            writer.write(
                "usage",
                {
                    "ts": at,
                    "workload": [name] * len(at),
                    "resource": ["cpu"] * len(at),
                    "value": [cores(name, one) for one in at],
                },
            )
        writer.write("workloads", {"workload": list(NAMES)})
    return FolderUsage(FleetStore(tmp_path / "fleet"))


def wide_backend(tmp_path: Path) -> UsageBackend:
    with (tmp_path / "wide.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["when", "team", "name", "MHz used", "MHz", "n"])
        for name in NAMES:
            for at in moments():
                rows.writerow([at.strftime("%Y-%m-%d %H:%M:%S"), *name.split("/"), cores(name, at) * 2_600, 10_400, 4])
    measured = {"resource": "cpu", "unit": "mhz", "column": "MHz used", "capacity_mhz": "MHz", "cores": "n"}
    source = FileSource.model_validate(
        {"files": ["wide.csv"], "time": "when", "workload": ["team", "name"], "usage": [measured]}
    )
    return FilesUsage(source, tmp_path, "test")


def long_backend(tmp_path: Path) -> UsageBackend:
    import pyarrow.parquet as pq

    at = [(name, one) for name in NAMES for one in moments()]
    table = pa.table(
        {
            "ms": [round(one.timestamp() * 1_000) for _, one in at],
            "id": [name for name, _ in at],
            "what": ["cpu_pct"] * len(at),
            "value": [cores(name, one) / 4 * 100 for name, one in at],
            "cores": [4] * len(at),
        }
    )
    pq.write_table(table, tmp_path / "long.parquet")
    source = FileSource.model_validate(
        {
            "files": ["*.parquet"],
            "time": "ms",
            "time_unit": "ms",
            "workload": ["id"],
            "resource_column": "what",
            "value_column": "value",
            "usage": [{"resource": "cpu", "unit": "percent", "name": "cpu_pct", "of": "cores", "of_unit": "cores"}],
        }
    )
    return FilesUsage(source, tmp_path, "test")


def prometheus_rows() -> list[dict[str, Any]]:
    """Two replicas of each workload, of which the second one does nothing, scraped once a minute."""
    rows: list[dict[str, Any]] = []
    for name in NAMES:
        owner = name.split("/")[1]
        for replica, share in (("aaaaa", 1.0), ("bbbbb", 0.0)):
            pod = f"{owner}-7d4f9c6b5-{replica}"
            labels, app = [("namespace", "shop"), ("pod", pod)], ("container", "app")
            cpu, killed, device = [app, ("resource", "cpu")], [app, ("reason", "OOMKilled")], [app, ("gpu", "0")]
            total = 0.0
            for minute in range(HOURS * 60):
                at = ZERO + timedelta(minutes=minute)
                total += cores(name, at) * share * 60 if minute else 0.0
                for metric, value, more in (
                    ("container_cpu_usage_seconds_total", total, [("container", "app")]),
                    ("container_memory_working_set_bytes", 1e9 + minute, [("container", "app")]),
                    ("kube_pod_owner", 1.0, [("owner_kind", "ReplicaSet"), ("owner_name", f"{owner}-7d4f9c6b5")]),
                    (
                        "kube_pod_container_resource_requests",
                        2.0 if minute < 90 else 3.0,
                        cpu,
                    ),
                    ("kube_pod_container_resource_limits", 4.0, cpu),
                    ("kube_pod_container_status_restarts_total", float(minute >= 70), [("container", "app")]),
                    (
                        "kube_pod_container_status_last_terminated_reason",
                        float(minute >= 70),
                        killed,
                    ),
                    ("DCGM_FI_PROF_GR_ENGINE_ACTIVE", 0.6, device),
                    ("DCGM_FI_DEV_FB_USED", 1_024.0, device),
                ):
                    rows.append(
                        {"ts": at, "entity": "kubelet", "metric": metric, "value": value, "labels": [*labels, *more]}
                    )
        set_labels = [
            ("namespace", "shop"),
            ("replicaset", f"{owner}-7d4f9c6b5"),
            ("owner_kind", "Deployment"),
            ("owner_name", owner),
        ]
        for minute in range(0, HOURS * 60, 5):
            rows.append(
                {
                    "ts": ZERO + timedelta(minutes=minute),
                    "entity": "ksm",
                    "metric": "kube_replicaset_owner",
                    "value": 1.0,
                    "labels": set_labels,
                }
            )
    return rows


@pytest.fixture(scope="module")
def prometheus() -> Iterator[PrometheusPeer | None]:
    if why_missing():
        yield None
        return
    peer = PrometheusPeer(prometheus_rows())
    yield peer
    peer.close()


def prometheus_backend(peer: PrometheusPeer | None, tmp_path: Path, **more: Any) -> PrometheusUsage:
    if peer is None:
        pytest.skip(why_missing())
    settings = PrometheusSettings(url=peer.url, environment="test", shared_s=0)
    source = PrometheusSource(system="test", by="pod", piece_s=3_600, **more)
    return PrometheusUsage(PrometheusApi(SystemClient("the test's", settings, tmp_path / "locks")), source, "test")


@pytest.fixture(scope="module")
def cloudwatch() -> Iterator[Any]:
    """moto's server: the protocol of CloudWatch over a real socket."""
    pytest.importorskip("moto")
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    client = boto3.client("cloudwatch", region_name="eu-west-1", endpoint_url=f"http://127.0.0.1:{port}", **keys)
    for name in NAMES:
        team, variant = name.split("/")
        dimensions = [{"Name": "EndpointName", "Value": team}, {"Name": "VariantName", "Value": variant}]
        client.put_metric_data(
            Namespace="/aws/sagemaker/Endpoints",
            MetricData=[
                {
                    "MetricName": "CPUUtilization",
                    "Dimensions": dimensions,
                    "Timestamp": at - STEP,
                    "Value": cores(name, at) * 100,
                }
                for at in moments()
            ],
        )
    yield client
    server.stop()


def cloudwatch_backend(client: Any) -> UsageBackend:
    from opswarden.tools.usage.backends.cloudwatch import CloudwatchUsage

    measure = CloudwatchMeasure(
        resource="cpu",
        namespace="/aws/sagemaker/Endpoints",
        metric="CPUUtilization",
        dimensions=("EndpointName", "VariantName"),
        factor=0.01,
    )
    return CloudwatchUsage(client, CloudwatchSource(region="eu-west-1", measures=(measure,)), "test")


@pytest.fixture(params=["folder", "wide", "long", "prometheus", "cloudwatch"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> UsageBackend:
    match request.param:
        case "folder":
            return folder_backend(tmp_path)
        case "wide":
            return wide_backend(tmp_path)
        case "long":
            return long_backend(tmp_path)
        case "prometheus":
            return prometheus_backend(request.getfixturevalue("prometheus"), tmp_path)
        case _:
            return cloudwatch_backend(request.getfixturevalue("cloudwatch"))


def deadline() -> Deadline:
    return Deadline(FixedClock(ZERO), 60)


def cpu_of(backend: UsageBackend, start: datetime, end: datetime) -> Series:
    found: Series = {}
    for table in backend.usage(start, end, deadline()):
        assert table.schema.equals(FLEET_TABLES["usage"])
        for row in table.to_pylist():
            if row["resource"] == "cpu":
                found.setdefault(row["workload"], []).append((row["ts"], row["value"]))
    return {name: sorted(samples) for name, samples in found.items()}


def test_every_backend_gives_the_same_samples(backend: UsageBackend) -> None:
    assert backend.environment == "test"
    found = cpu_of(backend, ZERO + STEP, ZERO + timedelta(hours=HOURS))
    assert sorted(found) == sorted(NAMES)
    for name, samples in found.items():
        assert [at for at, _ in samples] == moments()
        # A rate over five minutes lies a little off where it changes: the first after the change is left out.
        steady = [(at, value) for at, value in samples if at != ZERO + timedelta(hours=1, minutes=5)]
        assert [value for _, value in steady] == pytest.approx([cores(name, at) for at, _ in steady], rel=0.02)


def test_a_stretch_ends_before_its_end(backend: UsageBackend) -> None:
    start, end = ZERO + timedelta(hours=1), ZERO + timedelta(hours=2)
    first, second = cpu_of(backend, start, end), cpu_of(backend, end, end + timedelta(hours=1))
    for name in NAMES:
        assert (first[name][0][0], first[name][-1][0]) == (start, end - STEP)
        assert second[name][0][0] == end
    assert cpu_of(backend, ZERO + timedelta(days=30), ZERO + timedelta(days=30, hours=1)) == {}


def test_every_table_has_its_schema(backend: UsageBackend) -> None:
    window = (ZERO, ZERO + timedelta(hours=HOURS), deadline())
    assert backend.sizes(*window).schema.equals(FLEET_TABLES["sizes"])
    assert backend.happenings(*window).schema.equals(FLEET_TABLES["happenings"])
    workloads = backend.workloads(*window)
    assert workloads.schema.equals(FLEET_TABLES["workloads"])
    assert sorted(workloads["workload"].to_pylist()) == sorted(NAMES)
    assert backend.days_at_once >= 1


def test_a_deadline_that_has_passed_is_an_error(backend: UsageBackend) -> None:
    clock = FixedClock(ZERO)
    late = Deadline(clock, 1)
    clock.advance(2)
    with pytest.raises(BackendError):
        list(backend.usage(ZERO, ZERO + timedelta(hours=1), late))


def test_prometheus_tells_sizes_kills_and_gpus(prometheus: PrometheusPeer | None, tmp_path: Path) -> None:
    backend = prometheus_backend(prometheus, tmp_path)
    window = (ZERO, ZERO + timedelta(hours=HOURS), deadline())
    sizes = [row for row in backend.sizes(*window).to_pylist() if row["workload"] == NAMES[0]]
    assert [(row["resource"], row["value"], row["most"]) for row in sizes] == [
        ("cpu", 2.0, 4.0),
        ("cpu", 3.0, 4.0),
        ("replicas", 2.0, None),
    ]
    assert sizes[1]["ts"] == ZERO + timedelta(minutes=90)
    happened = [row for row in backend.happenings(*window).to_pylist() if row["workload"] == NAMES[0]]
    assert [(row["kind"], row["value"]) for row in happened] == [("oom", 1.0)] * 2
    assert {row["ts"] for row in happened} == {ZERO + timedelta(minutes=70)}
    workload = backend.workloads(*window).to_pylist()[0]
    assert (workload["kind"], dict(workload["attributes"])["owner_kind"]) == ("serving", "Deployment")
    rows = [row for table in backend.usage(*window) for row in table.to_pylist()]
    assert {row["value"] for row in rows if row["resource"] == "gpu"} == {0.6}
    assert {row["value"] for row in rows if row["resource"] == "gpu_memory"} == {1_024 * 1_048_576.0}
    assert backend.notes() == ("no gpu_sm was read: DCGM_FI_PROF_SM_ACTIVE has no samples",)


def test_names_in_the_sources_never_become_part_of_a_question() -> None:
    for bad in ('x"} or vector(1)', "a{b=1}", "", "sum(x)"):
        with pytest.raises(ValueError, match="cpu"):
            PrometheusSource(system="s", cpu=bad)


def test_files_are_read_with_their_faults(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(
        "t,w,v,total\n2031-05-06T02:00:00+02:00,a,1,100\n2031-05-06 00:05:00,a,many,160\n"
        "2031-05-06 00:10:00,a,,10\nnever,a,1,20\n2031-05-06 00:15:00,,2,1\n2031-05-06 00:15:00,a,4,40\n"
    )
    base = {"files": ["f.csv"], "time": "t", "workload": ["w"]}
    usage = [{"resource": "memory", "unit": "gib", "column": "v"}]
    backend = FilesUsage(FileSource.model_validate({**base, "usage": usage, "sizes": usage}), tmp_path, "test")
    window = (ZERO, ZERO + timedelta(hours=1), deadline())
    rows = [row for table in backend.usage(*window) for row in table.to_pylist()]
    assert [row["ts"].minute for row in rows] == [0, 5, 10, 15, 15]
    assert [row["workload"] for row in rows] == ["a", "a", "a", None, "a"]
    assert str([row["value"] for row in rows]) == f"[{2**30}.0, nan, nan, {2**31}.0, {2**32}.0]"
    assert backend.sizes(*window)["value"].to_pylist() == [2.0**30, 2.0**32]
    counter = {"resource": "cpu", "unit": "cores", "column": "total", "counter": True}
    backend = FilesUsage(FileSource.model_validate({**base, "usage": [counter]}), tmp_path, "test")
    rates = [
        (row["ts"].minute, row["value"])
        for table in backend.usage(*window)
        for row in table.to_pylist()
        if row["workload"]
    ]
    assert str(rates) == "[(5, 0.2), (10, nan), (15, 0.1)]"
    assert backend.notes() == ("counters began anew 1 times; no rate is known there",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"files": ["../f.csv"]}, "leads out of the folder"),
        ({"files": ["/etc/passwd"]}, "leads out of the folder"),
        ({"files": ["nothing.csv"]}, "there is no file"),
        ({"files": ["link.csv"]}, "no file of its own"),
        ({"time": "when"}, "no column 'when'"),
        ({"files": ["bad.parquet"]}, "cannot be read"),
    ],
)
def test_files_that_cannot_be_read_are_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    (tmp_path / "f.csv").write_text("t,w,v\n")
    (tmp_path / "link.csv").symlink_to(tmp_path / "f.csv")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1")
    source = {
        "files": ["f.csv"],
        "time": "t",
        "workload": ["w"],
        "usage": [{"resource": "cpu", "unit": "cores", "column": "v"}],
    }
    with pytest.raises(InputError, match=message):
        FilesUsage(FileSource.model_validate({**source, **change}), tmp_path, "test")


@pytest.mark.parametrize(
    "measured",
    [
        {"resource": "cpu", "unit": "gib", "column": "v"},
        {"resource": "cpu", "unit": "percent", "column": "v"},
        {"resource": "cpu", "unit": "mhz", "column": "v"},
        {"resource": "memory", "unit": "percent", "column": "v", "of": "x", "of_unit": "cores"},
        {"resource": "cpu", "unit": "cores"},
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(measured: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"measured in|needs|not given in|missing"):
        FileSource.model_validate({"files": ["f.csv"], "time": "t", "workload": ["w"], "usage": [measured]})
