"""The double of a cluster's API is read by the official client as a real one is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kubernetes.client import (
    ApiClient,
    AppsV1Api,
    AutoscalingV2Api,
    BatchV1Api,
    Configuration,
    CoreV1Api,
    CustomObjectsApi,
)
from kubernetes.client.exceptions import ApiException

from opswarden.tests.tools.kubernetes.bakery import bakery

from .kubernetes_server import TOKEN, KubernetesServer


@pytest.fixture(scope="module")
def server() -> Iterator[KubernetesServer]:
    started = KubernetesServer({**bakery(), "Rollout": [{"metadata": {"name": "canary", "namespace": "shop"}}]})
    yield started
    started.close()


def client_of(server: KubernetesServer, token: str = TOKEN) -> ApiClient:
    configuration = Configuration(host=server.url, api_key={"BearerToken": f"Bearer {token}"})
    return ApiClient(configuration)


def test_every_kind_fits_the_schema_of_the_official_client(server: KubernetesServer) -> None:
    client = client_of(server)
    core, apps, batch, scaling = CoreV1Api(client), AppsV1Api(client), BatchV1Api(client), AutoscalingV2Api(client)
    lists = {
        "Pod": core.list_pod_for_all_namespaces,
        "Node": core.list_node,
        "Service": core.list_service_for_all_namespaces,
        "ConfigMap": core.list_config_map_for_all_namespaces,
        "Event": core.list_event_for_all_namespaces,
        "Deployment": apps.list_deployment_for_all_namespaces,
        "StatefulSet": apps.list_stateful_set_for_all_namespaces,
        "DaemonSet": apps.list_daemon_set_for_all_namespaces,
        "ReplicaSet": apps.list_replica_set_for_all_namespaces,
        "ControllerRevision": apps.list_controller_revision_for_all_namespaces,
        "Job": batch.list_job_for_all_namespaces,
        "CronJob": batch.list_cron_job_for_all_namespaces,
        "HorizontalPodAutoscaler": scaling.list_horizontal_pod_autoscaler_for_all_namespaces,
    }
    for kind, listed in lists.items():
        # What a schema does not know is dropped by the client, what it needs and misses is an error.
        items = client.sanitize_for_serialization(listed())["items"]
        assert len(items) == len(server.objects[kind]), kind
        for item, held in zip(items, server.objects[kind], strict=True):
            assert set(held) <= set(item), kind
            assert set(held.get("spec") or {}) <= set(item.get("spec") or {}), kind
            assert set(held.get("status") or {}) <= set(item.get("status") or {}), kind
    custom = CustomObjectsApi(client).list_cluster_custom_object("argoproj.io", "v1alpha1", "rollouts")
    assert custom["kind"] == "RolloutList"


def test_pages_selectors_and_refusals_are_those_of_the_api(server: KubernetesServer) -> None:
    core = CoreV1Api(client_of(server))
    first = core.list_pod_for_all_namespaces(limit=2)
    rest = core.list_pod_for_all_namespaces(limit=2, _continue=first.metadata._continue)
    assert (len(first.items), first.metadata.remaining_item_count, len(rest.items)) == (2, 1, 1)
    assert len(core.list_pod_for_all_namespaces(label_selector="app in (till, x),app!=y").items) == 3
    assert not core.list_pod_for_all_namespaces(label_selector="app!=till").items
    assert len(core.list_pod_for_all_namespaces(field_selector="spec.nodeName=n1").items) == 2
    assert not core.list_namespaced_pod("elsewhere").items
    for refused, status in (
        (lambda: CoreV1Api(client_of(server, "wrong")).list_node(), 401),
        (lambda: core.list_pod_for_all_namespaces(field_selector="spec.mood=good"), 400),
        (lambda: CustomObjectsApi(core.api_client).list_cluster_custom_object("x.y", "v1", "zs"), 404),
    ):
        with pytest.raises(ApiException) as caught:
            refused()
        assert caught.value.status == status
