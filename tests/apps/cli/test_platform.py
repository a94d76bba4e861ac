"""`opswarden platform`: models from development to production and back, on a real MLflow server."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opswarden.apps.platform.models import check_model
from opswarden.apps.platform.rollouts import check_rollout
from opswarden.core.errors import ConfigError
from opswarden.tests.apps.answers import PERSON, Answer
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.doubles.traffic_server import TrafficServer
from opswarden.tests.mlflow_peer import MlflowPeer
from opswarden.tools.snapshots.manifest import Manifest, Window
from opswarden.tools.snapshots.writer import SnapshotWriter

SETTINGS = """\
version = 1
model_checks = "checks"
[registries.dev]
kind = "mlflow"
environment = "development"
url = "{url}"
prefix = "dev."
artifacts = ["{artifacts}"]
[registries.stage]
kind = "mlflow"
environment = "staging"
url = "{url}"
prefix = "stage."
comes_from = "dev"
token_env = "STAGE_TOKEN"
artifacts = ["{artifacts}"]
[registries.prod]
kind = "mlflow"
environment = "production"
url = "{url}"
prefix = "prod."
comes_from = "stage"
token_env = "PROD_TOKEN"
artifacts = ["{artifacts}"]
[rollouts]
rules = "rollouts"
aborts_a_day = 1
[traffic.cluster]
kind = "kserve"
environment = "production"
url = "{cluster}"
namespace = "ml"
[people.{person}]
roles = ["oncall", "model-risk"]
[people.bo]
roles = ["oncall"]
[gate.stages.platform.staging]
"models.promote" = "act"
[gate.stages.platform.production]
"models.promote" = "act"
"models.rollback" = "act"
"rollouts.abort" = "act"
"""
CHECKS = """\
version: 1
model: {model}
checks:
  - {{name: auc, kind: metric, metric: auc, margin: 0.02, floor: 0.7}}
  - {{name: latency, kind: budget, metric: latency_p99_ms, most: 40}}
  - {{name: inputs, kind: schema, features: ["amount:double", "country:string"]}}
  - {{name: artefact, kind: artefact}}
  - {{name: model risk, kind: approvals, roles: [model-risk], environments: [production]}}
"""
RULE = "metrics: [{name: declines, kind: rate, role: critical, margin: 0.01}]\n"
KSERVE = "/apis/serving.kserve.io/v1beta1/namespaces/ml/inferenceservices/{model}"
_numbers = iter(range(1_000))


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowPeer]:
    peer = MlflowPeer(tmp_path_factory.mktemp("mlflow"))
    yield peer
    peer.close()


@pytest.fixture
def cluster() -> Iterator[TrafficServer]:
    server = TrafficServer({})
    yield server
    server.close()


@pytest.fixture
def model(home: Path, mlflow: MlflowPeer, cluster: TrafficServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """A model with a check file and a rule, in an installation with three registries."""
    name = f"fraud{next(_numbers)}"
    monkeypatch.setenv("STAGE_TOKEN", "stage-secret")
    monkeypatch.setenv("PROD_TOKEN", "prod-secret")
    text = SETTINGS.format(url=mlflow.url, artifacts=mlflow.artifacts, cluster=cluster.url, person=PERSON)
    (home / "opswarden.toml").write_text(text)
    for folder, content in (("checks", CHECKS.format(model=name)), ("rollouts", RULE)):
        (home / folder).mkdir()
        (home / folder / f"{name}.yaml").write_text(content)
    return name


def scored(strength: float = 1.5) -> bytes:
    rng = np.random.default_rng(1)
    label = (rng.random(3_000) < 0.2).astype(float)
    logit = strength * label + rng.standard_normal(3_000)
    champion = 1.4 * label + rng.standard_normal(3_000)
    out = io.BytesIO()
    pq.write_table(pa.table({"label": label, "score": logit, "champion_score": champion}), out)
    return out.getvalue()


def train(mlflow: MlflowPeer, model: str, strength: float = 1.5, against: int | None = None) -> int:
    tags = {} if against is None else {"evaluated_against": str(against)}
    files = {"evaluation/scored.parquet": scored(strength)}
    return mlflow.train(f"dev.{model}", metrics={"latency_p99_ms": 21.0}, run_tags=tags, files=files)


def moved(cli: Cli, monkeypatch: pytest.MonkeyPatch, *command: str, by: str = "bo") -> str:
    """A move that waits, is approved by somebody else, and is gone on with; what it said at last."""
    waiting = cli("platform", *command, "--format", "json")
    assert waiting.code == 5, waiting
    monkeypatch.setattr("opswarden.apps.installation.current_person", lambda: by)
    approved = cli("approvals", "approve", waiting.json["approval_id"])
    monkeypatch.setattr("opswarden.apps.installation.current_person", lambda: PERSON)
    assert approved.code == 0, approved
    done = cli("platform", *command, "--run", waiting.json["run_id"])
    assert done.code == 0, done
    return done.out


def undo_the_last(cli: Cli) -> None:
    """Take the last promotion back, with leave."""
    tail = cli("audit", "tail", "-n", "20", "--format", "json").json
    seqs = [one["seq"] for one in tail if one["kind"] == "call.outcome" and one["body"]["tool"] == "models.promote"]
    asked = cli("undo", str(seqs[-1]))
    assert asked.code == 5, asked
    assert cli("approvals", "approve", re.findall(r"apr_\w+", asked.out + asked.err)[0]).code == 0
    assert cli("undo", str(seqs[-1])).code == 0


def confirmed(cli: Cli, folder: Path, model: str, versions: dict[str, int]) -> Answer:
    """What `confirm` says of a snapshot with so many predictions of each version in the minute after now."""
    start = datetime.now(UTC)
    window = Window(start=start - timedelta(hours=1), end=start + timedelta(minutes=1))
    given = [version for version, count in versions.items() for _ in range(count)]
    rows = {
        "ts": [start + timedelta(milliseconds=10 * place) for place in range(len(given))],
        "entity": ["scorer"] * len(given),
        "model": [model] * len(given),
        "version": given,
        "score": [0.5] * len(given),
        "labels": [[]] * len(given),
    }
    manifest = Manifest(title="t", environment="production", window=window, source="test", licence="internal")
    with SnapshotWriter(folder, manifest) as writer:
        writer.write("predictions", rows)
    return cli("platform", "confirm", model, "--snapshot", str(folder), "--environment", "production")


def test_from_development_to_production_and_back(
    cli: Cli, home: Path, model: str, mlflow: MlflowPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = train(mlflow, model)
    weak = train(mlflow, model, 0.3)
    refused = cli("platform", "check", model, str(weak), "--environment", "staging")
    assert (refused.code, "fail" in refused.out) == (1, True), refused
    assert cli("platform", "check", model, str(first), "--environment", "staging").code == 0
    assert check_model(model, first, "staging") is True
    assert check_model(model, weak, "staging") is False
    to_stage = ("promote", model, str(first), "--environment", "staging")
    assert "from version None to 1" in moved(cli, monkeypatch, *to_stage)

    unsigned = cli("platform", "check", model, "1", "--environment", "production", "--format", "json")
    assert unsigned.code == 1
    assert {one["name"]: one["result"] for one in unsigned.json["checks"]}["model risk"] == "fail"
    with (home / "opswarden.toml").open("a") as text:
        text.write(f'[platform.champions]\nprod = ["{model}"]\n')
    asked = cli("platform", "ask", f"may {model} go to production?", "--no-model").out
    assert f"version 1 of {model} may not go to production now: model risk: fail" in asked
    assert cli("platform", "sign-off", model, "1", "--role", "nobody", "--environment", "staging").code == 4
    assert cli("platform", "sign-off", model, "1", "--role", "model-risk", "--environment", "staging").code == 0
    to_prod = ("promote", model, "1", "--environment", "production", "--reason", "quarterly retraining")
    asked = cli("platform", "ask", f"may version 1 of {model} be promoted?", "--no-model").out
    assert f"version 1 of {model} passes all 5 checks of production; a person still has to agree" in asked
    assert "from version None to 1" in moved(cli, monkeypatch, *to_prod)

    second = train(mlflow, model, against=1)
    moved(cli, monkeypatch, "promote", model, str(second), "--environment", "staging")
    cli("platform", "sign-off", model, "2", "--role", "model-risk", "--environment", "staging")
    moved(cli, monkeypatch, "promote", model, "2", "--environment", "production")
    assert mlflow.alias(f"prod.{model}") == 2
    undo_the_last(cli)
    assert mlflow.alias(f"prod.{model}") == 1
    moved(cli, monkeypatch, "promote", model, "2", "--environment", "production")
    moved(cli, monkeypatch, "rollback", model, "--environment", "production", by=PERSON)
    assert mlflow.alias(f"prod.{model}") == 1

    shown = confirmed(cli, home / "after", model, {"1": 97, "2": 3})
    assert (shown.code, shown.out.startswith("confirmed")) == (0, True), shown
    late = confirmed(cli, home / "before", model, {"1": 60, "2": 40})
    assert (late.code, late.out.startswith("not yet: version 1 gives 60%")) == (1, True), late
    none = confirmed(cli, home / "none", model, {"1": 5})
    assert (none.code, none.out.startswith("unknown")) == (1, True), none

    told = cli("platform", "history", model, "--environment", "production", "--format", "json")
    assert (told.code, told.json["version"], told.json["is_elsewhere"]) == (0, 1, False)
    assert [(move["kind"], move["version_after"]) for move in told.json["moves"]] == [
        ("rollback", 1),
        ("promote", 2),
        ("rollback", 1),
        ("promote", 2),
        ("promote", 1),
    ]
    mlflow.post("registered-models/alias", {"name": f"prod.{model}", "alias": "champion", "version": "2"})
    outside = cli("platform", "history", model, "--environment", "production")
    assert (outside.code, "outside of opswarden" in outside.out) == (1, True)
    assert cli("audit", "verify").code == 0
    tail = cli("audit", "tail", "-n", "200", "--format", "json").out
    assert "quarterly retraining" in tail
    assert "prod-secret" not in tail


def test_who_starts_a_promotion_to_production_cannot_approve_it(
    cli: Cli, model: str, mlflow: MlflowPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = train(mlflow, model)
    moved(cli, monkeypatch, "promote", model, str(version), "--environment", "staging", by=PERSON)
    cli("platform", "sign-off", model, "1", "--role", "model-risk", "--environment", "staging")
    waiting = cli("platform", "promote", model, "1", "--environment", "production", "--format", "json")
    assert waiting.code == 5
    assert cli("approvals", "approve", waiting.json["approval_id"]).code != 0
    assert cli("platform", "promote", model, "7", "--environment", "production").code in (1, 5)
    assert mlflow.alias(f"stage.{model}") == 1


def test_environments_with_one_credential_are_refused(cli: Cli, model: str, home: Path) -> None:
    text = (home / "opswarden.toml").read_text()
    (home / "opswarden.toml").write_text(text.replace("PROD_TOKEN", "STAGE_TOKEN"))
    same = cli("platform", "check", model, "1", "--environment", "production")
    assert (same.code, "share a credential" in same.err) == (2, True)


def test_one_value_in_two_variables_is_one_credential(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROD_TOKEN", "stage-secret")
    with pytest.raises(ConfigError, match="share a credential"):
        check_model(model, 1, "production")


def numbers(home: Path, declines: float) -> Path:
    rng = np.random.default_rng(2)
    rows = []
    start = datetime(2026, 1, 5, 12, tzinfo=UTC)
    for look in range(60):
        at = start + timedelta(minutes=look)
        for side, rate in (("champion", 0.05), ("canary", declines)):
            n = 1_000
            rows.append({"ts": at, "side": side, "metric": "requests", "n": n, "total": 0.0})
            events = float(rng.binomial(n, rate))
            rows.append({"ts": at, "side": side, "metric": "declines", "n": n, "total": events})
    path = home / "numbers.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def test_a_harmful_canary_is_aborted_by_itself_and_only_so_often(
    cli: Cli, model: str, home: Path, mlflow: MlflowPeer, cluster: TrafficServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(cli, monkeypatch, "promote", model, str(train(mlflow, model)), "--environment", "staging")
    cli("platform", "sign-off", model, "1", "--role", "model-risk", "--environment", "staging")
    moved(cli, monkeypatch, "promote", model, "1", "--environment", "production")
    canary = mlflow.train(f"prod.{model}")
    path = KSERVE.format(model=model)
    notes = {"opswarden.io/champion-version": "1", "opswarden.io/canary-version": str(canary)}

    def deploy() -> None:
        cluster.objects[path] = {
            "metadata": {"resourceVersion": "7", "annotations": notes},
            "spec": {"predictor": {"canaryTrafficPercent": 10}},
        }

    deploy()
    asked = ("platform", "canary", model, "--since", "2026-01-05T12:00:00Z", "--until", "2026-01-05T13:00:00Z")
    fine = cli(*asked, "--numbers", str(numbers(home, 0.05)), "--abort")
    assert (fine.code, fine.out.startswith("pass")) == (0, True), fine
    assert cluster.patches == []
    harmful = numbers(home, 0.08)
    hour = [datetime(2026, 1, 5, hour, tzinfo=UTC) for hour in (12, 13)]
    assert check_rollout(model, harmful, hour[0], hour[1], "production") is False
    only_told = cli(*asked, "--numbers", str(harmful))
    assert (only_told.code, cluster.patches) == (1, [])
    aborted = cli(*asked, "--numbers", str(harmful), "--abort", "--format", "json")
    assert (aborted.code, aborted.json["aborted"]["status"]) == (1, "ok"), aborted
    assert aborted.json["aborted"]["summary"] == {
        "champion": 1,
        "canary": canary,
        "share_before": 0.1,
        "share_after": 0.0,
        "aborts_today": 1,
    }
    deploy()
    again = cli(*asked, "--numbers", str(harmful), "--abort", "--format", "json")
    assert "too often today" in again.json["aborted"]["message"]
    assert cluster.objects[path]["spec"]["predictor"]["canaryTrafficPercent"] == 10
    garbage = home / "garbage.csv"
    garbage.write_text("ts,side\n<script>,x\n")
    assert cli(*asked, "--numbers", str(garbage)).code == 3
    assert json.loads(cli("audit", "tail", "--format", "json").out)
