"""Variants of a SageMaker endpoint: two of them share the requests by weight.

The endpoint has the model's name, and tags that say which versions of the registry its variants serve.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.systems.aws import ask_aws
from .traffic import CANARY_NOTE, CHAMPION_NOTE, Split


class SagemakerEndpoint:
    """The endpoints of one account and region.

    Args:
        name: what people call it.
        environment: that the credential reaches.
        client: of boto3, for `sagemaker`.
        champion: name of the variant that the champion has; every other one is the canary.
    """

    def __init__(self, name: str, environment: str, client: Any, champion: str = "champion") -> None:
        self.place = name
        self.environment = environment
        self._client = client
        self._champion = champion

    def split(self, name: str, deadline: Deadline) -> Split | None:
        """`DescribeEndpoint` and its tags."""
        found = self._ask("describe_endpoint", deadline, EndpointName=name)
        if found is None:
            return None
        weights = {str(one["VariantName"]): float(one.get("CurrentWeight") or 0) for one in found["ProductionVariants"]}
        if self._champion not in weights:
            raise BackendError("the endpoint has no variant of the champion", remedy="correct `champion_variant`")
        whole = sum(weights.values())
        listed = self._ask("list_tags", deadline, ResourceArn=found["EndpointArn"], MaxResults=50) or {}
        tags = {str(tag["Key"]): str(tag["Value"]) for tag in listed.get("Tags", ())}
        share = (whole - weights[self._champion]) / whole if whole > 0 else 0.0
        revision = ",".join(f"{variant}={weight:g}" for variant, weight in sorted(weights.items()))
        return Split(name, _number(tags.get(CHAMPION_NOTE)), _number(tags.get(CANARY_NOTE)), share, revision)

    def give_back(self, split: Split, deadline: Deadline) -> None:
        """`UpdateEndpointWeightsAndCapacities`. It has no condition, so the weights are read again right before."""
        if self.split(split.name, deadline) != split:
            raise BackendError("the endpoint has changed meanwhile", remedy="look at it, and try again")
        variants = [part.rpartition("=")[0] for part in split.revision.split(",")]
        wanted = [{"VariantName": one, "DesiredWeight": 1.0 if one == self._champion else 0.0} for one in variants]
        self._ask(
            "update_endpoint_weights_and_capacities",
            deadline,
            EndpointName=split.name,
            DesiredWeightsAndCapacities=wanted,
        )

    def _ask(self, operation: str, deadline: Deadline, **arguments: Any) -> Mapping[str, Any] | None:
        return ask_aws(self._client, self.place, operation, deadline, **arguments)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) < 9 else None
