"""Whether an object is one that Kubernetes takes: every field known, of its type, and none missing.

The schemas are those of the official client, which are generated from the API's OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubernetes.client import models
from pydantic import BaseModel, ValidationError


def problems(document: Mapping[str, Any]) -> list[str]:
    """What Kubernetes would refuse; empty if nothing."""
    version = str(document["apiVersion"]).rpartition("/")[2]
    model = getattr(models, f"{version[0].upper()}{version[1:]}{document['kind']}")
    assert issubclass(model, BaseModel)
    try:
        model.model_validate(document)
    except ValidationError as error:
        places = [(".".join(map(str, each["loc"])), each["msg"]) for each in error.errors(include_url=False)]
        return [f"{document['kind']}.{place}: {told}" for place, told in places]
    return []
