"""A cluster is reached by a service account, a token or a kubeconfig, and its certificate is always checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from opswarden.core.clock import Deadline, FixedClock, SystemClock
from opswarden.core.errors import ConfigError
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tests.doubles.kubernetes_server import TOKEN, KubernetesServer
from opswarden.tools.kubernetes.backends.access import reached
from opswarden.tools.kubernetes.backends.check import KubernetesCheck
from opswarden.tools.kubernetes.backends.live import LiveCluster
from opswarden.tools.kubernetes.backends.settings import WITHIN, KubernetesSettings

from .bakery import NOW, bakery


def settings(**given: Any) -> KubernetesSettings:
    return KubernetesSettings.model_validate({"environment": "bakery", **given})


def kubeconfig(folder: Path, cluster: dict[str, Any], user: dict[str, Any]) -> Path:
    file = folder / "kubeconfig"
    file.write_text(
        yaml.safe_dump(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "clusters": [{"name": "c", "cluster": cluster}],
                "users": [{"name": "u", "user": user}],
                "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
                "current-context": "here",
            }
        )
    )
    return file


def test_a_pod_uses_its_own_account(tmp_path: Path) -> None:
    asked, proof = reached("x", settings(), tmp_path)
    assert (asked.url, asked.token_file, asked.ca_file) == (WITHIN, tmp_path / "token", tmp_path / "ca.crt")
    assert proof is None
    own, _ = reached("x", settings(url="https://cluster.example", token_env="T"), tmp_path)
    assert (own.token_file, own.ca_file) == (None, None)


def test_a_kubeconfig_is_read_by_the_official_client_and_asked_by_ours(tmp_path: Path, deadline: Deadline) -> None:
    server = KubernetesServer(bakery())
    token = tmp_path / "token"
    token.write_text(TOKEN)
    script = tmp_path / "login"
    said = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": TOKEN},
    }
    script.write_text(f"#!/bin/sh\necho '{json.dumps(said)}'\n")
    script.chmod(0o700)
    programme = {"apiVersion": "client.authentication.k8s.io/v1", "command": str(script), "interactiveMode": "Never"}
    for user in ({"token": TOKEN}, {"tokenFile": str(token)}, {"exec": programme}):
        file = kubeconfig(tmp_path, {"server": server.url}, user)
        asked, proof = reached("x", settings(kubeconfig=file, context="here", page=2), tmp_path)
        assert (asked.url, asked.page) == (server.url, 2)
        client = SystemClient("x", asked, tmp_path / "locks", proof=proof)
        assert len(LiveCluster(client, asked, FixedClock(NOW)).objects(("Pod",), deadline).objects) == 3
    server.close()


@pytest.mark.parametrize(
    ("cluster", "told"),
    [
        ({"server": "https://c.example", "insecure-skip-tls-verify": True}, "does not check the certificate"),
        ({"server": "https://c.example", "tls-server-name": "other"}, "does not check the certificate"),
        ({"server": "http://c.example"}, "without TLS"),
        ({"server": "ftp://c.example"}, "an address is written"),
        ({"server": "https://c.example", "certificate-authority-data": 7}, "cannot be used"),
    ],
)
def test_a_kubeconfig_that_is_not_safe_is_refused(cluster: dict[str, Any], told: str, tmp_path: Path) -> None:
    file = kubeconfig(tmp_path, cluster, {"token": "secret-token"})
    with pytest.raises(ConfigError, match=told) as caught:
        reached("x", settings(kubeconfig=file), tmp_path)
    assert "secret-token" not in f"{caught.value.message} {caught.value.remedy}"


@pytest.mark.parametrize("written", ["", "a: [", "- 1", "clusters: 3", "apiVersion: v1\nkind: Config\n"])
def test_what_is_no_kubeconfig_is_refused(written: str, tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(written)
    with pytest.raises(ConfigError, match="cannot be used"):
        reached("x", settings(kubeconfig=file), tmp_path)
    with pytest.raises(ConfigError, match="cannot be used"):
        reached("x", settings(kubeconfig=tmp_path / "nothing"), tmp_path)


@pytest.mark.parametrize(
    "given",
    [
        {"context": "here"},
        {"kubeconfig": "k", "url": "https://a.example"},
        {"namespaces": ["../pods"]},
        {"namespaces": ["a/b"]},
        {"entity_labels": ["a b"]},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**given)


def rights() -> list[dict[str, Any]]:
    """Those of the documentation."""
    file = Path(__file__).parents[3] / "docs/examples/kubernetes-rbac.yaml"
    found: list[dict[str, Any]] = next(
        each["rules"] for each in yaml.safe_load_all(file.read_text()) if each["kind"] == "ClusterRole"
    )
    return found


def test_doctor_tells_rights_that_are_missing_and_those_that_are_too_many(
    tmp_path: Path, deadline: Deadline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLUSTER_TOKEN", TOKEN)
    server = KubernetesServer(bakery(), rules=rights())
    asked = settings(url=server.url, token_env="CLUSTER_TOKEN", shared_s=0)
    client = SystemClient("x", asked, tmp_path)
    check = KubernetesCheck(client, asked, SystemClock())

    def told() -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for each in check.look(deadline):
            found.setdefault(f"{each.aspect} {each.state}", []).append(each.text)
        return found

    well = told()
    assert set(well) == {"reach ok", "clock ok", "version ok", "rights ok"}
    assert check.version == "1.33.1"
    assert {each.state for each in check.conformance(deadline)} == {"ok"}
    server.rules = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]
    assert len(told()["rights warning"]) == 2
    server.rules = [rule for rule in rights() if rule["apiGroups"] != ["batch"]]
    assert told()["rights warning"] == ["the credential may not list jobs, cronjobs"]
    server.rules = []
    assert "may not list pods" in told()["rights failed"][0]
    assert not [path for path in server.requests if "secrets" in path]
    server.close()
    whole = {"kind": "ConfigMapList", "items": [{"metadata": {"name": "a"}, "data": {}}]}
    sick = AilingServer(ailing.answer(json.dumps({**whole, "gitVersion": "v1.20.3"}).encode()))
    asked = settings(url=sick.url, shared_s=0)
    old = KubernetesCheck(SystemClient("x", asked, tmp_path), asked, SystemClock())
    states = {(each.aspect, each.state) for each in (*old.look(deadline), *old.conformance(deadline))}
    assert states >= {("version", "warning"), ("rights", "failed"), ("conformance", "failed")}
    sick.close()
