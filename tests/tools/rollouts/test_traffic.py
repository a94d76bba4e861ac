"""What shifts the traffic of models: each kind shows its split and gives it back, and refuses what has changed."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.aws import aws_client
from opswarden.tests.doubles.traffic_server import TrafficServer
from opswarden.tools.models.backends.settings import SagemakerSettings
from opswarden.tools.rollouts.backends.kubernetes_traffic import KubernetesTraffic, KubernetesTrafficSettings
from opswarden.tools.rollouts.backends.sagemaker_endpoint import SagemakerEndpoint
from opswarden.tools.rollouts.backends.traffic import Traffic

NOTES = {"opswarden.io/champion-version": "3", "opswarden.io/canary-version": "4"}
PATHS = {
    "argo-rollouts": "/apis/argoproj.io/v1alpha1/namespaces/ml/rollouts/fraud",
    "kserve": "/apis/serving.kserve.io/v1beta1/namespaces/ml/inferenceservices/fraud",
    "seldon": "/apis/machinelearning.seldon.io/v1/namespaces/ml/seldondeployments/fraud",
}


def manifest(kind: str) -> dict[str, Any]:
    metadata = {"name": "fraud", "namespace": "ml", "resourceVersion": "7", "annotations": dict(NOTES)}
    spec: dict[str, Any] = {"strategy": {"canary": {"steps": [{"setWeight": 20}, {"pause": {}}]}}}
    status: dict[str, Any] = {"phase": "Paused", "canary": {"weights": {"canary": {"weight": 20}}}}
    if kind == "kserve":
        spec, status = {"predictor": {"canaryTrafficPercent": 20, "model": {"storageUri": "s3://m/4"}}}, {}
    if kind == "seldon":
        spec = {"predictors": [{"name": "main", "traffic": 80, "replicas": 2}, {"name": "canary", "traffic": 20}]}
    return {"metadata": metadata, "spec": spec, "status": status}


def deadline() -> Deadline:
    return Deadline(SystemClock(), 20)


@dataclass
class Kept:
    traffic: Traffic
    touch: Callable[[], None]
    """Changes the object behind our back."""


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=[*PATHS, "sagemaker-endpoint"])
def kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    kind = request.param
    if kind == "sagemaker-endpoint":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        yield endpoint(request.getfixturevalue("aws"))
        return
    server = TrafficServer({PATHS[kind]: manifest(kind)}, token="t")
    monkeypatch.setenv("CLUSTER_TOKEN", "t")
    settings = KubernetesTrafficSettings(
        kind=kind, environment="production", namespace="ml", url=server.url, token_env="CLUSTER_TOKEN"
    )

    def touch() -> None:
        server.objects[PATHS[kind]]["metadata"]["resourceVersion"] = "8"

    yield Kept(KubernetesTraffic("cluster", settings), touch)
    server.close()


def endpoint(url: str) -> Kept:
    settings = SagemakerSettings(kind="sagemaker", environment="production", region="eu-west-1", endpoint=url)
    client = aws_client(settings, "sagemaker")
    if client.list_endpoints()["Endpoints"]:
        client.delete_endpoint(EndpointName="fraud")
        client.delete_endpoint_config(EndpointConfigName="two")
    else:
        container = {"Image": "image"}
        client.create_model(ModelName="m", ExecutionRoleArn="arn:aws:iam::1:role/x", PrimaryContainer=container)
    variants = [
        {"VariantName": name, "ModelName": "m", "InitialInstanceCount": 1, "InitialVariantWeight": weight}
        for name, weight in (("champion", 0.8), ("canary", 0.2))
    ]
    client.create_endpoint_config(
        EndpointConfigName="two", ProductionVariants=[{**one, "InstanceType": "ml.m5.large"} for one in variants]
    )
    tags = [{"Key": key, "Value": value} for key, value in NOTES.items()]
    client.create_endpoint(EndpointName="fraud", EndpointConfigName="two", Tags=tags)

    def touch() -> None:
        wanted = [{"VariantName": "canary", "DesiredWeight": 0.5}]
        client.update_endpoint_weights_and_capacities(EndpointName="fraud", DesiredWeightsAndCapacities=wanted)

    return Kept(SagemakerEndpoint("aws", "production", client), touch)


def test_the_split_is_read_and_given_back(kept: Kept) -> None:
    split = kept.traffic.split("fraud", deadline())
    assert split is not None
    assert (split.champion, split.canary) == (3, 4)
    assert split.share == pytest.approx(0.2)
    kept.traffic.give_back(split, deadline())
    after = kept.traffic.split("fraud", deadline())
    assert after is not None
    assert after.share == 0
    assert kept.traffic.split("nobody", deadline()) is None


def test_what_has_changed_meanwhile_is_not_touched(kept: Kept) -> None:
    split = kept.traffic.split("fraud", deadline())
    assert split is not None
    kept.touch()
    with pytest.raises(BackendError, match="changed meanwhile"):
        kept.traffic.give_back(split, deadline())
    after = kept.traffic.split("fraud", deadline())
    assert after is not None
    assert after.share > 0


def test_nothing_but_the_way_back_is_written() -> None:
    for kind, path in PATHS.items():
        server = TrafficServer({path: manifest(kind)})
        settings = KubernetesTrafficSettings(kind=kind, environment="production", namespace="ml", url=server.url)  # type: ignore[arg-type]  # one of the kinds
        traffic = KubernetesTraffic("cluster", settings)
        split = traffic.split("fraud", deadline())
        assert split is not None
        traffic.give_back(split, deadline())
        ((_, patch),) = server.patches
        assert patch["metadata"] == {"resourceVersion": "7"}
        before, after = manifest(kind), server.objects[path]
        if kind == "seldon":
            assert after["spec"]["predictors"][0] == {**before["spec"]["predictors"][0], "traffic": 100}
        elif kind == "kserve":
            assert after["spec"]["predictor"] == {**before["spec"]["predictor"], "canaryTrafficPercent": 0}
        else:
            assert (after["spec"], after["status"]["abort"]) == (before["spec"], True)
        server.close()
