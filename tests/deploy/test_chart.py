"""The chart renders what Kubernetes takes, with no more rights than are needed, whatever its values hold."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import click
import jsonschema
import pytest
import yaml

from opswarden.apps.cli.main import cli
from opswarden.apps.settings import Settings

from .chart import Chart, merged
from .conftest import FOLDER
from .schema import problems

DIGEST = "sha256:" + "a" * 64
LEAST: dict[str, Any] = {"image": {"repository": "registry.example/opswarden", "digest": DIGEST}}
EVERYTHING: dict[str, Any] = {
    "image": {"repository": "registry.example/opswarden", "tag": "0.1.0", "pullSecrets": ["pull"]},
    "files": [{"name": "prometheus", "secret": "prometheus-token"}],
    "variables": [{"name": "HOUSE_KEY", "secret": "models", "key": "house"}],
    "state": {"storageClassName": "fast"},
    "services": [
        {
            "name": "mcp",
            "args": ["mcp", "--http", "0.0.0.0:8480"],
            "port": 8480,
            "clients": [{"podSelector": {"matchLabels": {"app": "x"}}}],
        }
    ],
    "triage": {"service": "checkout", "at": "2031-05-06T12:00:00Z"},
    "cluster": {"read": True, "namespaces": ["shop", "pay"]},
    "network": {
        "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": 9090, "protocol": "TCP"}]}]
    },
    "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "ops", "operator": "Exists"}],
}
OTHERWISE: dict[str, Any] = {
    **LEAST,
    "state": {"existingClaim": "records"},
    "services": [{"name": "mcp", "args": ["mcp", "--http", "0.0.0.0:8480"], "port": 8480, "clients": []}],
    "triage": {"service": "checkout"},
    "cluster": {"read": True},
    "jobs": [],
}
"""What the other two leave out."""
HOSTILE = "x\"\n  privileged: true\n---\nkind: Secret # {{ .Values }} ${HOME} \u2028 \\ '"


@pytest.fixture(scope="module")
def schema() -> Any:
    return json.loads((FOLDER / "values.schema.json").read_text())


def pods(documents: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for each in documents:
        spec = each.get("spec", {})
        if each["kind"] == "CronJob":
            yield spec["jobTemplate"]["spec"]["template"]
        elif each["kind"] in ("Job", "Deployment"):
            yield spec["template"]


@pytest.mark.parametrize("values", [LEAST, EVERYTHING, OTHERWISE], ids=["least", "everything", "otherwise"])
def test_kubernetes_takes_what_is_rendered(chart: Chart, schema: Any, values: dict[str, Any]) -> None:
    jsonschema.validate(merged(chart.defaults, values), schema)
    documents = chart.documents(values)
    assert [found for each in documents for found in problems(each)] == []
    names = [(each["kind"], each["metadata"].get("namespace"), each["metadata"].get("name")) for each in documents]
    assert len(set(names)) == len(names)
    wanted = {"ConfigMap", "PersistentVolumeClaim", "ServiceAccount", "NetworkPolicy", "CronJob"}
    if values is EVERYTHING:
        wanted |= {"Deployment", "Service", "Job", "ClusterRole", "RoleBinding"}
    if values is OTHERWISE:
        wanted |= {"Deployment", "Service", "Job", "ClusterRole", "ClusterRoleBinding"}
        wanted -= {"PersistentVolumeClaim", "CronJob"}
    assert {each["kind"] for each in documents} == wanted


def test_every_template_is_among_what_is_checked(chart: Chart) -> None:
    rendered = chart.rendered_files(EVERYTHING)
    assert set(rendered) == {path.name for path in (FOLDER / "templates").glob("*.yaml")}
    for name, text in rendered.items():
        assert [each for each in yaml.safe_load_all(text) if each], name


@pytest.mark.parametrize(
    ("kind", "spoil"),
    [
        ("NetworkPolicy", lambda found: found["spec"].update(egrss=[])),
        ("NetworkPolicy", lambda found: found["spec"]["egress"][0]["ports"][0].update(prt=53)),
        ("ClusterRole", lambda found: found["rules"][0].update(verb=["list"])),
        ("ClusterRole", lambda found: found["rules"][0].pop("verbs")),
        ("RoleBinding", lambda found: found.pop("roleRef")),
        ("RoleBinding", lambda found: found["subjects"][0].update(nmespace="x")),
        ("Deployment", lambda found: found["spec"]["template"]["spec"]["securityContext"].update(runAsNonroot=True)),
        ("Deployment", lambda found: _container(found)["securityContext"].update(privileged="no?")),
        ("Deployment", lambda found: _container(found)["securityContext"]["capabilities"].update(dropp=["ALL"])),
        ("PersistentVolumeClaim", lambda found: found["spec"].update(storageClass="fast")),
        ("Service", lambda found: found["spec"]["ports"][0].pop("port")),
        ("ServiceAccount", lambda found: found.update(automountServiceAccountTokn=False)),
    ],
)
def test_a_slip_in_any_kind_of_object_is_found(chart: Chart, kind: str, spoil: Callable[[dict[str, Any]], Any]) -> None:
    found = next(each for each in chart.documents(EVERYTHING) if each["kind"] == kind)
    assert problems(found) == []
    spoil(found)
    assert problems(found) != []


def _container(deployment: dict[str, Any]) -> dict[str, Any]:
    container: dict[str, Any] = deployment["spec"]["template"]["spec"]["containers"][0]
    return container


def test_the_schema_check_refuses_what_kubernetes_would(chart: Chart) -> None:
    job = next(each for each in chart.documents(LEAST) if each["kind"] == "CronJob")
    job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["imge"] = "x"
    job["spec"]["schedle"] = job["spec"].pop("schedule")
    job["spec"]["concurrencyPolicy"] = 3
    found = {each.partition(":")[0].rpartition(".")[2] for each in problems(job)}
    assert found == {"imge", "schedle", "concurrencyPolicy", "schedule"}


def test_every_pod_runs_as_nobody_on_a_root_that_cannot_be_written(chart: Chart) -> None:
    found = list(pods(chart.documents(EVERYTHING)))
    assert len(found) == 5
    for pod in found:
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] > 0
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["securityContext"]["fsGroupChangePolicy"] == "OnRootMismatch"
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        assert not [volume for volume in spec["volumes"] if "hostPath" in volume]
        for container in spec["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "memory" in container["resources"]["limits"]
            mounted = {mount["name"]: mount for mount in container["volumeMounts"]}
            assert set(mounted) == {volume["name"] for volume in spec["volumes"]}
            assert mounted["config"]["readOnly"]
            assert {entry["name"]: entry.get("value") for entry in container["env"]}["OPSWARDEN_STATE_DIR"].startswith(
                mounted["state"]["mountPath"] + "/"
            ), "a folder below the disk, which is nobody's own"


def test_rights_are_to_list_and_never_secrets(chart: Chart) -> None:
    assert not [each for each in chart.documents(LEAST) if "Role" in each["kind"]], "no right unless it is asked for"
    assert not any(pod["spec"]["automountServiceAccountToken"] for pod in pods(chart.documents(LEAST)))
    documents = chart.documents(EVERYTHING)
    (role,) = [each for each in documents if each["kind"] == "ClusterRole"]
    for rule in role["rules"]:
        assert rule["verbs"] == ["list"]
        assert not {"*", "secrets", "pods/exec", "serviceaccounts/token"} & set(rule["resources"] + rule["apiGroups"])
    example = yaml.safe_load_all((FOLDER.parents[1] / "docs" / "examples" / "kubernetes-rbac.yaml").read_text())
    assert role["rules"] == next(each["rules"] for each in example if each["kind"] == "ClusterRole")
    bound = [each for each in documents if each["kind"] == "RoleBinding"]
    assert {each["metadata"]["namespace"] for each in bound} == {"shop", "pay"}
    whole = chart.documents(merged(EVERYTHING, {"cluster": {"namespaces": []}}))
    assert [each["kind"] for each in whole if "Binding" in each["kind"]] == ["ClusterRoleBinding"]
    assert not [each for each in whole if each["kind"] == "Secret"], "secrets exist already, or do not"


def test_nobody_reaches_a_pod_and_it_reaches_nobody_unless_told(chart: Chart) -> None:
    (policy,) = [each for each in chart.documents(LEAST) if each["kind"] == "NetworkPolicy"]
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert policy["spec"]["ingress"] == []
    assert [port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]] == [53, 53]
    labels = policy["spec"]["podSelector"]["matchLabels"].items()
    for pod in pods(chart.documents(LEAST)):
        assert labels <= pod["metadata"]["labels"].items(), "the policy has to select every pod"
    first, second = [each for each in chart.documents(EVERYTHING) if each["kind"] == "NetworkPolicy"]
    assert len(first["spec"]["egress"]) == 2
    assert second["spec"]["ingress"][0]["ports"] == [{"port": 8480, "protocol": "TCP"}]


def test_every_argument_is_one_of_our_commands(chart: Chart) -> None:
    for pod in pods(chart.documents(EVERYTHING)):
        command: click.Command = cli
        context = click.Context(cli)
        words = pod["spec"]["containers"][0]["args"]
        for place, word in enumerate(words):
            if isinstance(command, click.Group) and not word.startswith("--") and not words[place - 1].startswith("--"):
                found = command.get_command(context, word)
                assert found is not None, words
                command = found
            elif word.startswith("--"):
                options = {option for param in command.params for option in param.opts}
                assert word in options, words
            else:
                assert words[place - 1].startswith("--"), words


def test_the_configuration_is_one(chart: Chart) -> None:
    (config,) = [each for each in chart.documents(LEAST) if each["kind"] == "ConfigMap"]
    Settings.model_validate(tomllib.loads(config["data"]["opswarden.toml"]))


def test_no_value_changes_the_structure(chart: Chart) -> None:
    plain = merged(EVERYTHING, {"config": "version = 1\n", "triage": {"service": "checkout"}})
    hostile = merged(EVERYTHING, {"config": HOSTILE, "triage": {"service": HOSTILE}, "scratch": HOSTILE})
    hostile["jobs"] = [{"name": "doctor", "schedule": HOSTILE, "args": [HOSTILE]}]
    plain["jobs"] = [{"name": "doctor", "schedule": "x", "args": ["x"]}]

    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shape(inner) for name, inner in value.items()}
        return [shape(inner) for inner in value] if isinstance(value, list) else type(value).__name__

    ours, theirs = chart.documents(plain), chart.documents(hostile)
    assert shape(ours) == shape(theirs)
    (config,) = [each for each in theirs if each["kind"] == "ConfigMap"]
    assert config["data"]["opswarden.toml"] == HOSTILE


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"image": {"repository": "x"}},
        {"image": {"repository": "x", "tag": "latest"}},
        {"image": {"repository": "x", "digest": "sha256:short"}},
        {**LEAST, "imge": {}},
        {**LEAST, "files": [{"name": "../etc", "secret": "x"}]},
        {**LEAST, "variables": [{"name": "A B", "secret": "x", "key": "k"}]},
        {**LEAST, "services": [{"name": "x", "args": ["doctor"], "port": 80}]},
        {**LEAST, "cluster": {"read": "yes"}},
    ],
)
def test_wrong_values_are_refused(chart: Chart, schema: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(merged(chart.defaults, wrong), schema)


class TestImage:
    TEXT = (FOLDER.parent / "Dockerfile").read_text()

    def stages(self) -> list[list[str]]:
        joined = self.TEXT.replace("\\\n", " ")
        lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
        starts = [place for place, line in enumerate(lines) if line.startswith("FROM ")]
        return [lines[start:end] for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)]

    def test_the_base_is_whoever_builds_it_says(self) -> None:
        assert self.TEXT.count("\nARG BASE\n") == 1, "no default: a base is named by its digest"
        assert [stage[0].split()[1] for stage in self.stages()] == ["${BASE}", "${BASE}"]

    def test_it_runs_as_nobody_and_holds_no_secret(self) -> None:
        build, run = self.stages()
        user = [line for line in run if line.startswith("USER ")]
        assert user == ["USER 10001:10001"]
        assert run.index(user[0]) > max(place for place, line in enumerate(run) if line.startswith("RUN "))
        assert [line for line in run if line.startswith("COPY ")] == ["COPY --from=build /opt/opswarden /opt/opswarden"]
        assert any("--require-hashes" in line for line in build)
        assert not [line for line in (*build, *run) if line.startswith("ADD ")]
        for word in ("TOKEN", "PASSWORD", "SECRET", "API_KEY"):
            assert word not in self.TEXT

    def test_only_what_is_named_comes_in(self) -> None:
        root = FOLDER.parents[1]
        lines = [line for line in (FOLDER.parent / "Dockerfile.dockerignore").read_text().splitlines() if line]
        rules = [line for line in lines if not line.startswith("#")]
        assert rules[0] == "*"
        let_in = {line[1:] for line in rules if line.startswith("!")}
        assert all((root / name).exists() for name in let_in)
        assert not let_in & {".git", ".venv", "tests", "opswarden.toml"}
        packages = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
        assert {name.split(".")[1] for name in packages if "." in name} <= let_in
