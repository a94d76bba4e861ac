"""Objects of any shape are read or left out, and what happened is told as it happened."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.tools.kubernetes.alterations import alterations
from opswarden.tools.kubernetes.happenings import ended_containers, event_rows
from opswarden.tools.kubernetes.machines import machines_of
from opswarden.tools.kubernetes.objects import KINDS, Object, read_object
from opswarden.tools.kubernetes.quantities import quantity
from opswarden.tools.kubernetes.revisions import revisions_of
from opswarden.tools.kubernetes.workloads import workloads_of

from .bakery import NEW, NOW, OLD, at, bakery, meta, pod, replicas, touched

LABELS = ("app.kubernetes.io/name", "app")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    found = [path]
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in pairs:
        found += places(below, (*path, key))
    return found


PLACES = [
    (kind, number, path)
    for kind, held in bakery().items()
    for number, one in enumerate(held)
    for path in places(one)
    if path
]


@given(st.sampled_from(PLACES), JSON)
def test_whatever_stands_anywhere_is_read_or_left_out(place: tuple[str, int, tuple[Any, ...]], put: Any) -> None:
    kind, number, path = place
    objects = copy.deepcopy(bakery())
    held: Any = objects[kind][number]
    for key in path[:-1]:
        held = held[key]
    held[path[-1]] = put
    read = [read_object(kind, one, LABELS) for kind in KINDS for one in objects.get(kind, ())]
    workloads_of(read, NOW)
    revisions_of(read)
    machines_of(read)
    alterations(read)
    event_rows(objects["Event"], read)
    ended_containers(read)


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("250m", 0.25), ("2", 2.0), (3, 3.0), ("1.5Gi", 1.5 * 2**30), ("128974848", 128974848.0), ("1e3", 1000.0),
        ("-1", 0.0), ("Gi", 0.0), ("9" * 40, 0.0), (None, 0.0), (True, 0.0), (["1"], 0.0), ("1e99", 1e99),
    ],
)  # fmt: skip
def test_quantities(written: Any, size: float) -> None:
    assert quantity(written) == size


def read(kind: str, *manifests: dict[str, Any]) -> list[Object]:
    return [read_object(kind, manifest, LABELS) for manifest in manifests]


def test_going_back_is_told_by_the_workload_and_not_by_the_age_of_what_is_taken_up_again() -> None:
    undone = touched("kubectl-rollout", 5, {"f:spec": {"f:template": {}}})
    deployment = {"metadata": meta("till", 9_000, managedFields=[undone]), "spec": {"replicas": 3, "template": OLD}}
    objects = [
        *read("Deployment", deployment),
        *read(
            "ReplicaSet", replicas("till-aa1111111", "3", 8_000, 3, OLD), replicas("till-bb2222222", "2", 40, 0, NEW)
        ),
    ]
    newest, before = revisions_of(objects)
    assert (newest.number, newest.is_back, newest.at) == (3, True, NOW - timedelta(minutes=5))
    assert newest.changed[0] == "image of main registry.example/till:1.5 to registry.example/till:1.4"
    assert not before.is_back
    rows = {row["kind"]: row for row in alterations(objects)}
    assert (rows["rollback"]["author"], rows["rollback"]["ts"]) == ("kubectl-rollout", NOW - timedelta(minutes=5))
    unknown = [one for one in objects if one.kind == "ReplicaSet"]
    assert revisions_of(unknown)[0].at is None
    assert "rollback" not in {row["kind"] for row in alterations(unknown)}


def test_an_argo_rollout_is_a_workload_with_revisions_and_can_be_aborted() -> None:
    rollout = {
        "metadata": meta("oven", 9_000, labels={"app": "oven"}),
        "spec": {"replicas": 2, "template": {**NEW, "metadata": {"labels": {"app": "oven"}}}},
        "status": {"phase": "Degraded", "abort": True, "abortedAt": at(3), "readyReplicas": 2, "message": "too slow"},
    }
    made = []
    for name, revision, minutes, body in (("oven-1", "1", 900, OLD), ("oven-2", "2", 9, NEW)):
        one = replicas(name, revision, minutes, 1, body)
        one["metadata"]["annotations"] = {"rollout.argoproj.io/revision": revision}
        one["metadata"]["ownerReferences"][0] |= {"kind": "Rollout", "name": "oven"}
        made.append(one)
    canary = pod("oven-2-aaaaa", "n1")
    canary["metadata"] |= {"labels": {"app": "oven", "rollouts-pod-template-hash": "2"}}
    canary["metadata"]["ownerReferences"][0]["name"] = "oven-2"
    objects = [*read("Rollout", rollout), *read("ReplicaSet", *made), *read("Pod", canary)]
    (workload,) = workloads_of(objects, NOW)
    assert (workload.kind, workload.entity, workload.trouble, workload.pods) == ("Rollout", "oven", "stuck", 1)
    rows = sorted(alterations(objects), key=lambda row: row["ts"])
    assert [(row["kind"], row["entity"]) for row in rows[1:]] == [("deploy", "oven"), ("rollback", "oven")]
    assert rows[2]["summary"] == "Rollout oven aborted: too slow"


def test_a_restart_by_hand_and_a_setting_without_new_pods_are_told() -> None:
    again = copy.deepcopy(OLD)
    again["metadata"]["annotations"] = {"kubectl.kubernetes.io/restartedAt": at(7)}
    paused = touched("kubectl-edit", 3, {"f:spec": {"f:paused": {}, "f:strategy": {}}})
    deployment = {"metadata": meta("till", 9_000, managedFields=[paused]), "spec": {"replicas": 1, "template": again}}
    objects = [
        *read("Deployment", deployment),
        *read("ReplicaSet", replicas("till-a", "1", 8_000, 0, OLD), replicas("till-b", "2", 7, 1, again)),
    ]
    assert revisions_of(objects)[0].changed == ("restarted",)
    told = {row["kind"]: row["summary"] for row in alterations(objects) if row["ts"] > NOW - timedelta(minutes=10)}
    assert told["config"] == "Deployment till set again, none of its pods renewed: paused, strategy"


def test_pods_that_wait_tell_why() -> None:
    def waiting(name: str, **status: Any) -> dict[str, Any]:
        one = pod(name, "")
        one["metadata"] |= {"ownerReferences": [], "labels": {}}
        one["status"] |= {"containerStatuses": [], "phase": "Pending", **status}
        return one

    pulled = [{"name": "main", "ready": False, "restartCount": 0, "state": {"waiting": {"reason": "ImagePullBackOff"}}}]
    unplaced = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]
    found = workloads_of(
        read(
            "Pod",
            waiting("a", containerStatuses=pulled),
            waiting("b", conditions=unplaced),
            waiting("c", reason="Evicted", phase="Failed"),
        ),
        NOW,
    )
    assert {each.name: each.trouble for each in found} == {"a": "image", "b": "unschedulable", "c": "evicted"}
    assert {each.entity for each in found} == {"a", "b", "c"}
