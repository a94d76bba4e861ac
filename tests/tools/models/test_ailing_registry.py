"""An MLflow on a bad day: each question fails as itself, nothing is taken for an answer, and nothing is repeated."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError
from opswarden.tests.apps.live.test_ailing_systems import AILMENTS, TOLD
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tests.doubles.certificates import self_signed
from opswarden.tools.models.backends.mlflow_server import MlflowServer
from opswarden.tools.models.backends.settings import MlflowSettings

QUESTIONS: dict[str, Callable[[MlflowServer, Deadline], Any]] = {
    "model": lambda server, deadline: server.model("score", deadline),
    "version": lambda server, deadline: server.version("score", 1, deadline),
    "versions": lambda server, deadline: server.versions("score", deadline),
    "run": lambda server, deadline: server.run("r1", deadline),
    "point": lambda server, deadline: server.point("score", "champion", 2, deadline),
}


def asked(url: str, what: str, **more: Any) -> Any:
    given = {"kind": "mlflow", "environment": "test", "url": url, "timeout_s": 0.5, "limit_mb": 1, **more}
    settings = MlflowSettings.model_validate(given)
    return QUESTIONS[what](MlflowServer("the registry", settings, "test"), Deadline(SystemClock(), 20))


@pytest.mark.parametrize("what", QUESTIONS)
@pytest.mark.parametrize("ailment", AILMENTS)
def test_an_ailing_registry_is_an_error_of_its_own(tmp_path: Path, what: str, ailment: str) -> None:
    pem, expired = self_signed(tmp_path, not_after=datetime.now(UTC) - timedelta(minutes=1))
    is_tls = ailment == "expired"
    with closing(AilingServer(AILMENTS[ailment][0], tls=expired if is_tls else None)) as server:
        with pytest.raises(BackendError) as caught:
            asked(server.url, what, **({"ca_file": pem} if is_tls else {}))
        assert len(server.requests) <= (0 if is_tls else 1), "a write is not made twice, and no redirect is followed"
    told = caught.value.message + caught.value.remedy
    assert "registry" in told
    for text in (TOLD, "169.254.169.254"):
        assert text not in told


@pytest.mark.parametrize("what", ["model", "version", "versions", "run"])
@pytest.mark.parametrize(
    "document",
    [
        [],
        "text",
        None,
        {},
        {"registered_model": ["planted"], "model_version": "planted", "model_versions": {"a": 1}, "run": 3},
        {
            "registered_model": {"name": {}, "aliases": [{"alias": 1}]},
            "model_version": {"version": "planted", "name": "score"},
            "model_versions": [{"version": "planted"}],
            "run": {"info": [], "data": 3},
        },
    ],
)
def test_what_has_another_shape_is_no_answer(what: str, document: Any) -> None:
    with closing(AilingServer(ailing.answer(json.dumps(document).encode()))) as server:
        if what == "versions" and document in ({}, None):
            return  # a page without versions is one
        with pytest.raises(BackendError) as caught:
            asked(server.url, what)
    assert "planted" not in caught.value.message + caught.value.remedy
