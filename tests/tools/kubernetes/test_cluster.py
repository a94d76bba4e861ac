"""A cluster through its API, by a double, and the same cluster kept in a snapshot: the same tools, the same answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tests.doubles.kubernetes_server import TOKEN, KubernetesServer, plural_of
from opswarden.tools.changes.backends.kubernetes import KubernetesChanges, KubernetesNotices
from opswarden.tools.kubernetes.backends.api import RESOURCES
from opswarden.tools.kubernetes.backends.joined import JoinedClusters
from opswarden.tools.kubernetes.backends.live import LiveCluster
from opswarden.tools.kubernetes.backends.settings import KubernetesSettings
from opswarden.tools.kubernetes.backends.snapshot import SnapshotCluster
from opswarden.tools.kubernetes.backends.types import KubernetesBackend
from opswarden.tools.kubernetes.kept import object_rows
from opswarden.tools.kubernetes.objects import KINDS
from opswarden.tools.kubernetes.tools import kubernetes_tools
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.topology.backends.kubernetes import KubernetesTopology
from opswarden.tools.topology.backends.types import missed_by

from .bakery import NOW, SECRET, bakery

ROOT = Path(__file__).parents[3]
WINDOW = {"start": NOW - timedelta(minutes=30), "end": NOW + timedelta(minutes=1)}
Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAKERY_TOKEN", TOKEN)


@pytest.fixture(scope="module")
def server() -> Iterator[KubernetesServer]:
    started = KubernetesServer(bakery())
    yield started
    started.close()


def over(server: KubernetesServer | AilingServer, folder: Path, **settings: Any) -> LiveCluster:
    given = {"url": server.url, "token_env": "BAKERY_TOKEN", "environment": "bakery", "shared_s": 0, **settings}
    read = KubernetesSettings.model_validate(given)
    return LiveCluster(SystemClient("the bakery's", read, folder), read, FixedClock(NOW))


@pytest.fixture(params=["live", "snapshot", "kept"])
def cluster(
    request: pytest.FixtureRequest, server: KubernetesServer, tmp_path: Path, make_store: Callable[..., SnapshotStore]
) -> KubernetesBackend:
    live = over(server, tmp_path)
    if request.param == "live":
        return live
    deadline = Deadline(FixedClock(NOW), 60)
    if request.param == "kept":
        kept = object_rows(live.objects(KINDS, deadline).objects, NOW - timedelta(minutes=1)).to_pylist()
        assert SECRET not in repr(kept)
        heard = live.events(NOW - timedelta(hours=9), NOW + timedelta(hours=1), deadline).to_pylist()
        return SnapshotCluster(make_store(objects=kept, events=heard))
    entities = {one.place: one.entity for one in live.objects(KINDS, deadline).objects}
    rows = [
        {
            "ts": NOW - timedelta(minutes=5),
            "entity": entities[kind, one["metadata"].get("namespace", ""), one["metadata"]["name"]],
            "kind": kind,
            "name": one["metadata"]["name"],
            "manifest": yaml.safe_dump(json.loads(json.dumps(one))) if kind == "Node" else json.dumps(one),
        }
        for kind, held in bakery().items()
        if kind in KINDS
        for one in held
    ]
    stale = {**rows[0], "ts": NOW - timedelta(hours=9), "manifest": '{"metadata":{"namespace":"shop"}}'}
    later = {**rows[0], "ts": NOW + timedelta(hours=9), "manifest": '{"metadata":{"namespace":"shop"}}'}
    events = live.events(NOW - timedelta(hours=9), NOW + timedelta(hours=1), deadline).to_pylist()
    status = {"ts": NOW, "entity": "mill", "kind": "status", "reason": "outage", "message": "down", "count": 1}
    return SnapshotCluster(make_store(objects=[*rows, stale, later], events=[*events, status]))


@pytest.fixture
def tools(cluster: KubernetesBackend) -> tuple[Any, ...]:
    return kubernetes_tools(cluster)


def test_workloads_tell_what_is_wrong(tools: tuple[Any, ...], call: Call) -> None:
    found = call(tools, "kubernetes.workloads")
    assert found.status == "ok"
    assert (found.summary.workloads, found.summary.in_trouble, found.summary.pods) == (2, 1, 3)
    till = found.summary.shown[0]
    assert (till.entity, till.kind, till.name, till.trouble) == ("till", "Deployment", "shop/till", "out_of_memory")
    assert (till.desired, till.ready, till.restarts, till.nodes) == (3, 1, 13, 2)
    assert (till.ended_because, till.exit_code) == ("OOMKilled", 137)
    assert till.ended_at == NOW - timedelta(minutes=2)
    assert (till.waiting, till.conditions) == (
        ("CrashLoopBackOff (2)",),
        ("Available: MinimumReplicasUnavailable",),
    )
    assert till.images == ("registry.example/till:1.5",)
    assert (till.cpu_request, till.cpu_limit, till.memory_limit_mb) == (0.25, 1.0, 268.4)
    assert found.artifact.num_rows == 2
    assert call(tools, "kubernetes.workloads", entities=["agent"]).summary.workloads == 1
    assert call(tools, "kubernetes.workloads", entities=["nobody"]).status == "no_data"
    assert call(tools, "kubernetes.workloads", limit=1).status == "truncated"


def test_rollouts_tell_what_each_revision_changed(tools: tuple[Any, ...], call: Call) -> None:
    found = call(tools, "kubernetes.rollouts", **WINDOW)
    assert (found.status, found.summary.revisions, found.summary.in_window) == ("ok", 1, 0)
    (newest,) = found.summary.newest
    assert (newest.name, newest.revision, newest.before_start_s, newest.replicas) == ("shop/till", 2, 600, 3)
    assert newest.changed == (
        "image of main registry.example/till:1.4 to registry.example/till:1.5",
        "memory request of main 1Gi to 256Mi",
        "memory limit of main 1Gi to 256Mi",
        "variables of main added: BATCH",
        "variables of main changed: TOKEN",
    )
    assert call(tools, "kubernetes.rollouts", **WINDOW, lookback_s=0).status == "no_data"
    everything = call(tools, "kubernetes.rollouts", **WINDOW, lookback_s=31 * 86_400)
    assert (everything.summary.workloads, everything.summary.revisions) == (2, 3)


def test_nodes_tell_what_they_give_and_who_runs_there(tools: tuple[Any, ...], call: Call) -> None:
    found = call(tools, "kubernetes.nodes")
    assert (found.status, found.summary.nodes, found.summary.in_trouble) == ("ok", 3, 2)
    assert found.summary.by_trouble == {"pressure": 1, "cordoned": 1}
    first, second, third = found.summary.shown
    assert (first.name, first.trouble, first.conditions) == ("n1", "pressure", ("MemoryPressure: KubeletHasMemory",))
    assert (first.accelerators, first.cpu_asked, first.pods) == (2.0, 0.5, 2)
    assert [(tenant.entity, tenant.pods) for tenant in first.tenants] == [("till", 2)]
    assert (second.is_cordoned, second.taints) == (True, ("node.kubernetes.io/unschedulable=:NoSchedule",))
    assert third.pods == 0
    assert call(tools, "kubernetes.nodes", entities=["till"]).summary.nodes == 2


def test_events_are_grouped(tools: tuple[Any, ...], call: Call) -> None:
    found = call(tools, "kubernetes.events", **WINDOW)
    assert found.status == "ok"
    groups = {(group.entity, group.reason): group for group in found.summary.groups}
    assert groups["till", "BackOff"].times == 12
    assert groups["till", "OOMKilled"].times == 2
    # What is gone is known by what is left of its name; single pods' ordinary lives are left out.
    assert groups["till", "Unhealthy"].message == "Pod till-aa1111111-zzzzz: probe failed"
    assert set(groups) >= {("n1", "NodeNotReady"), ("till", "ScalingReplicaSet")}
    assert not [reason for _, reason in groups if reason in ("Pulled", "outage")]
    assert found.summary.groups[0].is_warning
    chosen = call(tools, "kubernetes.events", **WINDOW, reasons=["oomkilled"], entities=["till"])
    assert (chosen.summary.events, chosen.summary.warnings) == (2, 2)
    assert call(tools, "kubernetes.events", **WINDOW, entities=["nobody"]).status == "no_data"


def test_changes_notices_and_edges_come_out_of_the_cluster(cluster: KubernetesBackend, deadline: Deadline) -> None:
    changes = KubernetesChanges(cluster)
    found = changes.between(NOW - timedelta(hours=2), NOW, deadline)
    assert [(row["kind"], row["entity"], row["author"]) for row in found.rows.to_pylist()] == [
        ("node", "n2", ""),
        ("scale", "till", "autoscaler"),
        ("deploy", "till", "argocd-controller"),
        ("config", "till", "helm"),
        ("scale", "till", "kubectl"),
    ]
    told = "\n".join(found.rows["summary"].to_pylist())
    assert "scaled by its autoscaler to 3 (between 2 and 5)" in told
    assert "revision 2: image of main registry.example/till:1.4 to registry.example/till:1.5" in told
    assert "ConfigMap prices changed; Deployment till uses it" in told
    assert "leader" not in told
    chosen = changes.between(NOW - timedelta(hours=2), NOW, deadline, entities=("till",), kinds=("Config",))
    assert chosen.matched == 1
    notices = KubernetesNotices(cluster).notices(NOW - timedelta(minutes=10), NOW, deadline)
    assert set(notices["reason"].to_pylist()) == {"BackOff", "OOMKilled", "NodeNotReady"}
    topology = KubernetesTopology(cluster)
    assert [(row["caller"], row["callee"], row["kind"]) for row in topology.edges(deadline).to_pylist()] == [
        ("checkout", "till", "call"),
        ("till", "n1", "runs_on"),
        ("till", "n2", "runs_on"),
    ]
    assert set(topology.entities(deadline)) == {"till", "agent", "n1", "n2", "checkout"}


def test_nothing_that_may_be_secret_is_kept_or_even_sent(cluster: KubernetesBackend, deadline: Deadline) -> None:
    kept = repr(cluster.objects(KINDS, deadline).objects)
    assert SECRET not in kept
    assert "TOKEN" in kept
    assert SECRET not in repr(
        KubernetesChanges(cluster).between(NOW - timedelta(days=9), NOW, deadline).rows.to_pylist()
    )


def test_the_rights_in_the_documentation_are_those_that_are_used(
    tmp_path: Path, deadline: Deadline, call: Call
) -> None:
    server = KubernetesServer(bakery())
    cluster = over(server, tmp_path)
    for tool in kubernetes_tools(cluster):
        call(kubernetes_tools(cluster), tool.name, **(WINDOW if "start" in tool.args.model_fields else {}))
    KubernetesChanges(cluster).between(NOW - timedelta(days=1), NOW, deadline)
    topology = KubernetesTopology(cluster)
    topology.edges(deadline)
    topology.entities(deadline)
    server.close()
    role = next(
        each
        for each in yaml.safe_load_all((ROOT / "docs/examples/kubernetes-rbac.yaml").read_text())
        if each["kind"] == "ClusterRole"
    )
    given = {
        (verb, group, resource)
        for rule in role["rules"]
        for verb in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }
    assert server.granted == given
    assert given == {("list", each.group, each.plural) for each in RESOURCES.values()}
    assert all(each.plural == plural_of(kind) for kind, each in RESOURCES.items())
    assert not [path for path in server.requests if "secrets" in path]
    sent = [content for path, content in server.sent if "/configmaps" in path]
    assert sent
    assert not [content for content in sent if SECRET.encode() in content]


def test_pages_are_read_to_the_end_and_begun_anew_when_they_expire(tmp_path: Path, deadline: Deadline) -> None:
    server = KubernetesServer(bakery(), expire_after=2)
    found = over(server, tmp_path / "a", page=1, shared_s=30).objects(("Pod",), deadline)
    assert (len(found.objects), found.is_whole) == (3, True)
    # A page, one more that is too old, and all of it again in pages of another size.
    assert [path.partition("?")[2] for path in server.requests] == [
        "limit=1",
        "limit=1&continue=from-1",
        "limit=1&continue=from-2",
        "limit=2",
        "limit=2&continue=from-2",
    ]
    few = over(server, tmp_path / "b", page=2, most_objects=2)
    assert (len(few.objects(("Pod",), deadline).objects), few.objects(("Pod",), deadline).is_whole) == (2, False)
    assert missed_by(KubernetesTopology(few).edges(deadline))
    assert "not all objects" in KubernetesChanges(few).between(NOW - timedelta(days=1), NOW, deadline).missed[0]
    elsewhere = over(server, tmp_path / "c", namespaces=("mill", "yard"))
    assert elsewhere.objects(("Pod", "Node"), deadline).objects[0].kind == "Node"
    assert any("/namespaces/yard/pods" in path for path in server.requests)
    server.close()


def test_what_is_missing_is_told_apart(tmp_path: Path, deadline: Deadline, call: Call) -> None:
    server = KubernetesServer({}, groups=("", "apps", "batch"), forbidden=("Node", "ReplicaSet"))
    cluster = over(server, tmp_path)
    tools = kubernetes_tools(cluster)
    assert call(tools, "kubernetes.workloads").status == "no_data"
    with pytest.raises(BackendError, match=r"forbids us to list nodes \(403\)") as caught:
        call(tools, "kubernetes.nodes")
    assert "`list` nodes in the cluster" in caught.value.remedy
    with pytest.raises(BackendError, match="replicasets of apps"):
        call(tools, "kubernetes.rollouts", **WINDOW)
    with pytest.raises(BackendError, match="replicasets of apps"):
        KubernetesChanges(cluster).between(NOW - timedelta(days=1), NOW, deadline)
    server.forbidden = {"Node"}
    assert "list nodes" in KubernetesChanges(cluster).between(NOW - timedelta(days=1), NOW, deadline).missed[0]
    unknown = over(server, tmp_path, token_env=None)
    with pytest.raises(BackendError, match="does not accept the credential"):
        unknown.objects(("Pod",), deadline)
    server.close()


def test_two_clusters_are_one_environment(server: KubernetesServer, tmp_path: Path, call: Call) -> None:
    both = JoinedClusters([over(server, tmp_path), over(server, tmp_path)])
    found = call(kubernetes_tools(both), "kubernetes.events", **WINDOW, reasons=["BackOff"])
    assert found.summary.events == 2
    named = call(kubernetes_tools(both), "kubernetes.workloads")
    assert named.summary.shown[0].name == "the bakery's:shop/till"


@pytest.mark.parametrize(
    "content",
    [
        b"[]",
        b"null",
        b'{"kind":"Status"}',
        b'{"kind":"PodList"}',
        b'{"kind":"PodList","items":{}}',
        b"<html>",
        b"[" * 9_999,
    ],
)
def test_what_is_no_list_is_an_error(content: bytes, tmp_path: Path, deadline: Deadline) -> None:
    sick = AilingServer(ailing.answer(content))
    with pytest.raises(BackendError):
        over(sick, tmp_path).objects(("Pod",), deadline)
    sick.close()


def test_a_config_map_that_is_sent_whole_is_refused(tmp_path: Path, deadline: Deadline) -> None:
    whole = {"kind": "ConfigMapList", "items": [{"metadata": {"name": "a"}, "data": {"a": SECRET}}]}
    sick = AilingServer(ailing.answer(json.dumps(whole).encode()))
    with pytest.raises(BackendError, match="no Kubernetes API"):
        over(sick, tmp_path).objects(("ConfigMap",), deadline)
    sick.close()


def test_a_snapshot_without_a_cluster_has_no_data(make_store: Callable[..., SnapshotStore], call: Call) -> None:
    garbage = [{"ts": NOW, "entity": "a", "kind": "Pod", "name": "a", "manifest": "{{{: not yaml"}]
    for store in (make_store(), make_store(objects=garbage)):
        tools = kubernetes_tools(SnapshotCluster(store))
        for name in ("kubernetes.workloads", "kubernetes.nodes"):
            assert call(tools, name).status == "no_data"
        assert call(tools, "kubernetes.events", **WINDOW).status == "no_data"
