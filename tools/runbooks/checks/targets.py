"""What commands and calls of a page are aimed at, held against what is there: workloads, namespaces, machines,
pipelines, feature views, models and their versions.

Only what a system says of itself counts: where a system is not configured, or told not everything, nothing is said.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .findings import Cluster, Code, Platform

_KINDS = {
    "deployment": "Deployment", "deployments": "Deployment", "deploy": "Deployment",
    "statefulset": "StatefulSet", "statefulsets": "StatefulSet", "sts": "StatefulSet",
    "daemonset": "DaemonSet", "daemonsets": "DaemonSet", "ds": "DaemonSet",
    "cronjob": "CronJob", "cronjobs": "CronJob", "cj": "CronJob",
    "node": "Node", "nodes": "Node", "no": "Node",
}  # fmt: skip
"""Kinds by the words for them; of a job and of other kinds nothing is said, as commands make them."""
_PODS = frozenset(("pod", "pods", "po"))
_OF_PODS = frozenset(("logs", "exec", "rollout", "scale", "top", "port-forward"))
_OF_NODES = frozenset(("cordon", "uncordon", "drain"))
_MAKES = frozenset(("create", "apply", "run", "expose", "set-context", "config", "plugin", "explain"))
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_VALUED = frozenset(("-n", "--namespace", "-l", "--selector", "-o", "--output", "-c", "--container", "-f", "--filename",
                     "-p", "--patch", "--context", "--type", "--replicas", "--to-revision"))  # fmt: skip
"""Options of kubectl whose value is the next word, as they stand in runbooks."""
_VALUED_OF_AIRFLOW = frozenset(("-c", "--conf", "-d", "--dag-id", "-e", "--end-date", "-s", "--start-date", "-t",
                                "--task-regex", "-r", "--run-id", "-o", "--output", "--logical-date"))  # fmt: skip
_DAGS = frozenset(("trigger", "pause", "unpause", "backfill", "state", "show", "list-runs", "next-execution"))
_TASKS = frozenset(("clear", "run", "test", "list", "states-for-dag-run"))
_MODEL_TOOLS = frozenset(("models.promote", "models.rollback", "models.check", "models.history"))
Told = Iterator[tuple[Code, str]]


def command_targets(line: str, platform: Platform) -> Told:
    """What one line of a shell is aimed at and is not there; nothing where it cannot be told."""
    for part in re.split(r"&&|\|\||[|;]", line.strip().removeprefix("$ ")):
        try:
            words = shlex.split(part, comments=True)
        except ValueError:
            continue
        while words and (words[0] == "sudo" or re.fullmatch(r"[A-Z_][A-Z0-9_]*=.*", words[0])):
            words = words[1:]
        if words[:1] == ["kubectl"] and platform.cluster is not None:
            yield from _kubectl(words[1:], platform.cluster)
        elif words[:1] == ["airflow"] and platform.pipelines is not None:
            yield from _airflow(words[1:], platform.pipelines)
        elif words[:1] == ["feast"] and platform.views is not None:
            yield from _feast(words[1:], platform.views)
        elif words[:2] == ["opswarden", "platform"]:
            yield from _platform(words[2:], platform)


def call_targets(tool: str, args: Mapping[str, Any], platform: Platform) -> Told:
    """The same for a call of a tool that moves a model; calls that read are made, and say so themselves."""
    if tool in _MODEL_TOOLS and isinstance(args.get("model"), str) and not args["model"].startswith("$"):
        to = args.get("to") if tool == "models.rollback" else None
        yield from _model(args["model"], to if isinstance(to, int) else None, platform)


def _kubectl(words: Sequence[str], cluster: Cluster) -> Told:
    plain, options = _sorted(words)
    if not plain or plain[0] in _MAKES:
        return
    namespace = options.get("-n") or options.get("--namespace") or ""
    if namespace and not _NAME.fullmatch(namespace):
        return  # a blank that somebody fills in
    is_read = cluster.read is None or namespace in cluster.read
    named = [*_objects(plain)]
    is_of_pods = bool(named) or plain[0] in _OF_PODS or any(word in _PODS for word in plain)
    if namespace and is_read and is_of_pods and namespace not in cluster.namespaces:
        yield "command.namespace", f"nothing runs in the namespace {namespace}{_near(namespace, cluster.namespaces)}"
        return
    for kind, name in named:
        if kind == "Node":
            if cluster.nodes is not None and name not in cluster.nodes:
                yield "command.target", f"the cluster has no machine {name}{_near(name, cluster.nodes)}"
            continue
        if not is_read:
            continue
        there = {found for where, found in cluster.workloads.get(kind, ()) if namespace in ("", where)}
        if name not in there:
            where = f" in the namespace {namespace}" if namespace else ""
            yield "command.target", f"the cluster has no {kind} {name}{where}{_near(name, there)}"


def _sorted(words: Sequence[str], valued: frozenset[str] = _VALUED) -> tuple[list[str], dict[str, str]]:
    """Words of a command, and its options with their values."""
    plain: list[str] = []
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if word == "--":
            break
        if not word.startswith("-"):
            plain.append(word)
        elif "=" in word:
            name, _, options_value = word.partition("=")
            options[name] = options_value
        elif word in valued:
            options[word] = next(rest, "")
        else:
            options[word] = ""
    return plain, options


def _objects(plain: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Kind and name of what a command of kubectl is about; templates and patterns are none."""
    if plain[0] in _OF_NODES:
        yield from (("Node", name) for name in plain[1:] if _NAME.fullmatch(name))
        return
    for place, word in enumerate(plain[1:], start=1):
        kind, slash, name = word.partition("/")
        if slash and kind.casefold() in _KINDS and _NAME.fullmatch(name):
            yield _KINDS[kind.casefold()], name
        elif not slash and word.casefold() in _KINDS and place + 1 < len(plain) and _NAME.fullmatch(plain[place + 1]):
            yield _KINDS[word.casefold()], plain[place + 1]
            return


def _airflow(words: Sequence[str], pipelines: frozenset[str]) -> Told:
    plain, options = _sorted(words, _VALUED_OF_AIRFLOW)
    verbs = {"dags": _DAGS, "tasks": _TASKS}.get(plain[0], frozenset()) if plain else frozenset()
    named = options.get("-d") or options.get("--dag-id") or (plain[2] if len(plain) > 2 else "")
    if len(plain) > 1 and plain[1] in verbs and re.fullmatch(r"[\w.-]{1,250}", named) and named not in pipelines:
        yield "command.target", f"no pipeline is called {named}{_near(named, pipelines)}"


def _feast(words: Sequence[str], views: frozenset[str]) -> Told:
    named = [words[place + 1] for place, word in enumerate(words[:-1]) if word in ("-v", "--views")]
    named += [word.partition("=")[2] for word in words if word.startswith("--views=")]
    if list(words[:2]) == ["feature-views", "describe"]:
        named += words[2:3]
    for name in named:
        if re.fullmatch(r"\w{1,250}", name) and name not in views:
            yield "command.target", f"the feature store has no view {name}{_near(name, views)}"


def _platform(words: Sequence[str], platform: Platform) -> Told:
    plain = [word for word in words if not word.startswith("-")]
    if len(plain) < 2 or plain[0] not in ("promote", "rollback", "check", "history"):
        return
    to = next((words[place + 1] for place, word in enumerate(words[:-1]) if word == "--to"), "")
    yield from _model(plain[1], int(to) if to.isdecimal() and plain[0] == "rollback" else None, platform)


def _model(model: str, version: int | None, platform: Platform) -> Told:
    if platform.model_versions is None or not re.fullmatch(r"[\w.:-]*[a-z0-9][\w.:-]*", model):
        return
    known = platform.model_versions(model)
    if known is None:
        return
    if not known:
        yield "command.target", f"the registry has no model {model[:60]}"
    elif version is not None and version not in known:
        yield "command.target", f"the registry has no version {version} of {model[:60]}; the newest is {max(known)}"


def _near(name: str, known: Sequence[str] | frozenset[str] | set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; there is {near[0]}" if near else ""
