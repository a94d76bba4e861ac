"""Commands of other tools that a newer major version no longer has.

Sources: Helm, "Migrating Helm v2 to v3" and "Changes since Helm 2" (helm.sh); Apache Airflow, "Upgrading from 1.10 to
2" and Amazon MWAA's "Apache Airflow CLI command reference"; Apache Kafka, "Notable changes in 3.0.0" (KIP-555,
KIP-604: no tool but those for ACLs and SCRAM takes `--zookeeper`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_HELM = {
    "init": "`helm init` and Tiller are gone since Helm 3; nothing takes their place",
    "reset": "`helm reset` and Tiller are gone since Helm 3",
    "serve": "`helm serve` is gone since Helm 3",
    "home": "`helm home` is gone since Helm 3; see `helm env`",
}
_HELM_FLAGS = {
    "--purge": "`--purge` is gone since Helm 3; `helm uninstall` does that by itself",
    "--tiller-namespace": "Tiller is gone since Helm 3",
    "--tiller-connection-timeout": "Tiller is gone since Helm 3",
}
_AIRFLOW = {
    "trigger_dag": "dags trigger",
    "list_dags": "dags list",
    "list_tasks": "tasks list",
    "list_dag_runs": "dags list-runs",
    "task_state": "tasks state",
    "dag_state": "dags state",
    "delete_dag": "dags delete",
    "initdb": "db migrate",
    "resetdb": "db reset",
    "upgradedb": "db migrate",
    "clear": "tasks clear",
    "pause": "dags pause",
    "unpause": "dags unpause",
}
_KAFKA = ("kafka-topics", "kafka-reassign-partitions", "kafka-console-consumer", "kafka-leader-election")


def old_command(words: Sequence[str]) -> Iterator[str]:
    """Why a command no longer works; nothing with what cannot be told."""
    program = words[0].rpartition("/")[2].removesuffix(".sh")
    below = next((word for word in words[1:] if not word.startswith("-")), "")
    flags = [word.partition("=")[0] for word in words[1:] if word.startswith("--")]
    if program == "helm":
        if below in _HELM:
            yield _HELM[below]
        yield from (_HELM_FLAGS[flag] for flag in flags if flag in _HELM_FLAGS)
        if below == "install" and "--name" in flags:
            yield "`helm install --name` is gone since Helm 3; the name stands before the chart"
    elif program == "airflow" and below in _AIRFLOW:
        yield f"`airflow {below}` is gone since Airflow 2; use `airflow {_AIRFLOW[below]}`"
    elif program in _KAFKA and "--zookeeper" in flags:
        yield f"`{program} --zookeeper` is gone since Kafka 3; use `--bootstrap-server`"
    elif program == "kafka-preferred-replica-election":
        yield "`kafka-preferred-replica-election` is gone since Kafka 3; use `kafka-leader-election`"
