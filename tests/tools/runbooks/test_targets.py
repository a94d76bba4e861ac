"""What pages are aimed at and is gone, planted in copies of our own pages; pages left fresh have no finding."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from opswarden.tools.runbooks.checks.findings import Cluster, Finding, Platform
from opswarden.tools.runbooks.checks.pages import check_page
from opswarden.tools.runbooks.checks.targets import command_targets
from opswarden.tools.runbooks.page import read_page

BOOKS = Path(__file__).parents[3] / "docs" / "runbooks"
TEXTS = {file.name: file.read_text(encoding="utf-8") for file in BOOKS.glob("*.md")}
RUNS = (
    "payment-orchestrator", "settlement-worker", "report-builder", "feature-server", "token-vault", "rules-engine",
    "provider-router", "inference-gpu-a", "feature-stream", "payment-links-api",
)  # fmt: skip
CLUSTER = Cluster(
    {
        "Deployment": frozenset(("payments", name) for name in RUNS),
        "CronJob": frozenset({("features", "feature-batch")}),
    },
    frozenset({"node-1", "node-2", "gpu-node-1", "gpu-node-2"}),
)
VERSIONS = {"card-fraud": frozenset({75, 76, 77})}
PLATFORM = Platform(
    today=date(2026, 11, 30),
    cluster=CLUSTER,
    pipelines=frozenset({"feature_batch", "model_trainer"}),
    views=frozenset({"cards", "merchants"}),
    model_versions=lambda model: VERSIONS.get(model, frozenset()),
    renamed={"fraud-scorer-old": "fraud-scorer"},
    channels={"ml-platform": "ml-platform", "infrastructure": "infra-calls"},
    archived=frozenset({"infra-old"}),
)


def findings(texts: dict[str, str], platform: Platform = PLATFORM) -> list[Finding]:
    pages = {name: read_page(name, text) for name, text in texts.items()}
    there = replace(platform, others=pages)
    return [found for page in pages.values() for found in check_page(page, there)]


def changed(name: str, old: str, new: str) -> dict[str, str]:
    assert old in TEXTS[name], (name, old)
    return {**TEXTS, name: TEXTS[name].replace(old, new, 1)}


def test_pages_left_fresh_have_no_finding() -> None:
    assert len(TEXTS) == 39
    assert findings(TEXTS) == []
    assert findings(TEXTS, Platform(today=PLATFORM.today)) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "says"),
    [
        ("canary-abort.md", "kubectl argo rollouts abort payment-orchestrator",
         "kubectl -n payment rollout undo deploy/rules-engine", "command.namespace",
         "nothing runs in the namespace payment; there is payments"),
        ("queue-deep.md", "deployment/settlement-worker --replicas=4", "deployment/settlement-workers --replicas=4",
         "command.target", "no Deployment settlement-workers; there is settlement-worker"),
        ("machine-lost.md", "cordon node-1", "cordon node-9", "command.target", "no machine node-9"),
        ("model-promotion-bad.md", "platform rollback card-fraud", "platform rollback card-frauds", "command.target",
         "the registry has no model card-frauds"),
        ("model-promotion-bad.md", "platform rollback card-fraud", "platform rollback card-fraud --to 12",
         "command.target", "no version 12 of card-fraud; the newest is 77"),
        ("model-promotion-bad.md", "services: [", "services: [fraud-scorer-old, ", "service.renamed",
         "fraud-scorer-old is called fraud-scorer now"),
        ("machine-lost.md", "Every service with a pod there", "Ask in #infra-old. Every service with a pod there",
         "channel.archived", "#infra-old is archived"),
    ],
)  # fmt: skip
def test_what_is_gone_is_found(name: str, old: str, new: str, code: str, says: str) -> None:
    (found,) = findings(changed(name, old, new))
    assert (found.page, found.code, says in found.text) == (name, code, True), found
    assert findings(changed(name, old, new), Platform(today=PLATFORM.today)) == [], "nothing is known, nothing is said"


def test_the_channel_of_an_owner_that_is_closed_is_found() -> None:
    closed = replace(PLATFORM, archived=frozenset({"infra-calls"}))
    found = findings(TEXTS, closed)
    assert {each.code for each in found} == {"channel.archived"}
    assert len(found) == sum("owner: infrastructure" in text for text in TEXTS.values())


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("kubectl -n payments rollout undo deployment/rules-engine", ""),
        ("kubectl rollout restart deploy rules-engine -n features", "no Deployment rules-engine in the namespace f"),
        ("kubectl logs -n gone -l app=x", "nothing runs in the namespace gone"),
        ("kubectl -n gone get certificates", ""),
        ("kubectl -n NAMESPACE get pods", ""),
        ("kubectl -n <namespace> rollout undo deployment/<name>", ""),
        ("kubectl create deployment brand-new --image=x", ""),
        ("kubectl apply -f deployment/none.yaml", ""),
        ("kubectl exec deploy/rules-engine -- cat deployment/none", ""),
        ("kubectl delete job feature-batch-again", ""),
        ("kubectl drain node-9 --ignore-daemonsets", "no machine node-9"),
        ("kubectl get deployment rules-engine -o yaml | kubectl neat", ""),
        ("sudo kubectl scale sts/gone --replicas=1", "no StatefulSet gone"),
        ("airflow dags trigger feature_batch", ""),
        ("airflow dags trigger feature_batches", "no pipeline is called feature_batches; there is feature_batch"),
        ("airflow tasks clear -y -t load gone", "no pipeline is called gone"),
        ("airflow tasks list model_trainer", ""),
        ("airflow variables set a b", ""),
        ("feast materialize-incremental 2026-11-30T00:00:00 --views cards", ""),
        ("feast materialize-incremental 2026-11-30T00:00:00 -v card", "no view card; there is cards"),
        ("opswarden platform promote MODEL VERSION", ""),
        ("opswarden platform promote card-fraud VERSION", ""),
        ("opswarden platform rollback card-fraud --to 76", ""),
        ("'unfinished", ""),
    ],
)  # fmt: skip
def test_commands_are_held_against_what_is_there(line: str, says: str) -> None:
    found = [text for _, text in command_targets(line, PLATFORM)]
    assert [says in text for text in found] == ([True] if says else []), found


def test_what_is_not_read_is_not_gone() -> None:
    platform = replace(PLATFORM, cluster=replace(CLUSTER, read=frozenset({"features"}), nodes=None))
    for line in ("kubectl -n gone scale deploy/x", "kubectl scale deploy/x --replicas=1", "kubectl cordon node-9"):
        assert [*command_targets(line, platform)] == [], line
    assert [code for code, _ in command_targets("kubectl -n features scale deploy/x", platform)] == ["command.target"]
