"""Traffic objects of Kubernetes: Argo Rollouts, KServe's InferenceService, SeldonDeployment.

The way back is the one that each of them documents: `status.abort` of a Rollout, `canaryTrafficPercent: 0` of an
InferenceService, the `traffic` of a SeldonDeployment's predictors. Each patch carries the `resourceVersion` that was
read, so that the server refuses it if anybody has changed the object since.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from pydantic import Field

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.http_exchange import Exchanged
from ....core.systems.credentials import authorization
from ....core.systems.exchange import Place
from ....core.systems.settings import HttpSettings
from .traffic import CANARY_NOTE, CHAMPION_NOTE, Split

TrafficKind = Literal["argo-rollouts", "kserve", "seldon"]
_LIMIT_BYTES = 8_000_000


class KubernetesTrafficSettings(HttpSettings):
    """An API server of Kubernetes with the objects of one namespace."""

    kind: TrafficKind
    environment: str = Field(min_length=1, max_length=64, description="that the credential reaches")
    namespace: str = Field(min_length=1, max_length=63, pattern=r"^[a-z0-9-]+$")


@dataclass(frozen=True)
class _Form:
    """How one kind of object says what the canary gets, and takes it away."""

    path: str
    share: Callable[[Mapping[str, Any]], float]
    back: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    subresource: str = ""


def _rollout_share(found: Mapping[str, Any]) -> float:
    weights = ((found.get("status") or {}).get("canary") or {}).get("weights") or {}
    is_back = bool((found.get("status") or {}).get("abort"))
    return 0.0 if is_back else float((weights.get("canary") or {}).get("weight") or 0) / 100


def _kserve_share(found: Mapping[str, Any]) -> float:
    predictor = (found.get("spec") or {}).get("predictor") or {}
    return float(predictor.get("canaryTrafficPercent") or 0) / 100


def _seldon_predictors(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [dict(one) for one in (found.get("spec") or {}).get("predictors") or ()]


def _seldon_share(found: Mapping[str, Any]) -> float:
    return sum(float(one.get("traffic") or 0) for one in _seldon_predictors(found)[1:]) / 100


def _seldon_back(found: Mapping[str, Any]) -> Mapping[str, Any]:
    predictors = _seldon_predictors(found)
    return {"spec": {"predictors": [{**one, "traffic": 0 if place else 100} for place, one in enumerate(predictors)]}}


_FORMS: Mapping[str, _Form] = {
    "argo-rollouts": _Form(
        "argoproj.io/v1alpha1/{ns}/rollouts", _rollout_share, lambda _: {"status": {"abort": True}}, "/status"
    ),
    "kserve": _Form(
        "serving.kserve.io/v1beta1/{ns}/inferenceservices",
        _kserve_share,
        lambda _: {"spec": {"predictor": {"canaryTrafficPercent": 0}}},
    ),
    "seldon": _Form("machinelearning.seldon.io/v1/{ns}/seldondeployments", _seldon_share, _seldon_back),
}


class KubernetesTraffic:
    """The objects of one kind in one namespace; each model's has the model's name.

    Args:
        name: what people call it.
        settings: of the API server.
    """

    def __init__(self, name: str, settings: KubernetesTrafficSettings) -> None:
        self.place = name
        self.environment = settings.environment
        self._settings = settings
        self._form = _FORMS[settings.kind]
        self._at = Place(name, settings)

    def split(self, name: str, deadline: Deadline) -> Split | None:
        """The object, read."""
        found = self._read(self._asked("GET", self._path(name), None, deadline))
        return None if found is None else _split(name, found, self._form.share(found))

    def give_back(self, split: Split, deadline: Deadline) -> None:
        """One merge patch, refused if the object has changed since `split` was read."""
        now = self._read(self._asked("GET", self._path(split.name), None, deadline))
        if now is None or _split(split.name, now, self._form.share(now)) != split:
            raise BackendError("the traffic object has changed meanwhile", remedy="look at it, and try again")
        patch = {**self._form.back(now), "metadata": {"resourceVersion": split.revision}}
        path = f"{self._path(split.name)}{self._form.subresource}"
        if self._read(self._asked("PATCH", path, json.dumps(patch).encode(), deadline)) is None:
            raise BackendError("the traffic object is gone", remedy="look into the cluster")

    def _path(self, name: str) -> str:
        group = self._form.path.format(ns=f"namespaces/{self._settings.namespace}")
        return f"/apis/{group}/{quote(name, safe='')}"

    def _read(self, answer: Exchanged) -> Mapping[str, Any] | None:
        if answer.status == 404:
            return None
        if answer.status == 409:
            raise BackendError("the traffic object has changed meanwhile", remedy="look at it, and try again")
        if answer.status >= 300:
            raise BackendError(f"{self.place} refused ({answer.status})", remedy="check the rights of its credential")
        try:
            found = json.loads(answer.content)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise BackendError(f"{self.place} did not answer JSON", remedy="check its `url`")
        return found

    def _asked(self, method: str, path: str, body: bytes | None, deadline: Deadline) -> Exchanged:
        seconds = min(self._settings.timeout_s, deadline.left_s)
        if seconds <= 0:
            raise BackendError(f"no time was left to ask {self.place}", remedy="try again")
        headers = {**self._settings.headers, "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/merge-patch+json"
        proof = authorization(self.place, self._settings)
        if proof is not None:
            headers["Authorization"] = proof.get_secret_value()
        return self._at.ask(method, f"{self._at.path}{path}", body, headers, seconds, _LIMIT_BYTES)


def _split(name: str, found: Mapping[str, Any], share: float) -> Split:
    metadata = found.get("metadata") or {}
    notes = metadata.get("annotations") or {}
    return Split(
        name,
        _number(notes.get(CHAMPION_NOTE)),
        _number(notes.get(CANARY_NOTE)),
        min(max(share, 0.0), 1.0),
        str(metadata.get("resourceVersion") or ""),
    )


def _number(text: Any) -> int | None:
    return int(text) if isinstance(text, str) and text.isdecimal() and len(text) < 9 else None
