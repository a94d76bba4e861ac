"""The registry of SageMaker, on moto: a declared double of AWS that speaks its protocol over a socket."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from opswarden.core.systems.aws import aws_client
from opswarden.tests.tools.models.conformance import RegistryConformance, deadline
from opswarden.tools.models.backends.registry import ModelRegistry
from opswarden.tools.models.backends.sagemaker import SagemakerRegistry
from opswarden.tools.models.backends.settings import SagemakerSettings

_names = count()


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


def settings_of(url: str) -> SagemakerSettings:
    return SagemakerSettings(kind="sagemaker", environment="production", region="eu-west-1", endpoint=url, timeout_s=5)


@dataclass
class Kept:
    registry: ModelRegistry
    name: str
    versions: tuple[int, int]
    break_it: Callable[[], None]


@pytest.fixture
def client(aws: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    return aws_client(settings_of(aws), "sagemaker")


@pytest.fixture
def kept(aws: str, client: Any) -> Kept:
    name = f"fraud-{next(_names)}"
    client.create_model_package_group(ModelPackageGroupName=name)
    for place in range(2):
        client.create_model_package(
            ModelPackageGroupName=name,
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={
                "Containers": [{"Image": "image", "ModelDataUrl": f"s3://models/{place}"}],
                "SupportedContentTypes": ["application/json"],
                "SupportedResponseMIMETypes": ["application/json"],
            },
            CustomerMetadataProperties={"validation_status": "failed"},
        )
    registry = SagemakerRegistry("aws", settings_of(aws), client)

    def break_it() -> None:
        registry._client = aws_client(settings_of("http://127.0.0.1:9"), "sagemaker")

    return Kept(registry, name, (1, 2), break_it)


class TestSagemaker(RegistryConformance):
    """SageMaker's registry."""

    def test_what_the_alias_points_to_is_approved(self, kept: Kept, client: Any) -> None:
        kept.registry.point(kept.name, "champion", 2, deadline())
        listed = client.list_model_packages(ModelPackageGroupName=kept.name)["ModelPackageSummaryList"]
        states = {row["ModelPackageVersion"]: row["ModelApprovalStatus"] for row in listed}
        assert states == {1: "PendingManualApproval", 2: "Approved"}
