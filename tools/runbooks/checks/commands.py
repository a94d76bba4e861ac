"""Commands and manifests that no longer work.

Sources: Kubernetes, "Deprecated API Migration Guide" (kubernetes.io/docs/reference/using-api/deprecation-guide) for
versions of the API that were removed; the changelogs of kubectl for its commands and flags.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from .findings import Code, Platform
from .old_commands import old_command

_REMOVED_KUBECTL = {
    "rolling-update": "`kubectl rolling-update` was removed in 1.18; use `kubectl rollout`",
    "run-container": "`kubectl run-container` was removed; use `kubectl run`",
    "stop": "`kubectl stop` was removed; use `kubectl delete`",
    "resize": "`kubectl resize` was removed; use `kubectl scale`",
    "clusterinfo": "`kubectl clusterinfo` was renamed; use `kubectl cluster-info`",
}
_REMOVED_FLAGS = (
    ("get", "--export", "`kubectl get --export` was removed in 1.18"),
    ("run", "--generator", "`kubectl run --generator` was removed in 1.21; it makes a pod"),
    ("top", "--heapster-", "Heapster's flags of `kubectl top` were removed"),
    ("", "--include-uninitialized", "`--include-uninitialized` was removed in 1.16"),
    ("apply", "--server-dry-run", "`kubectl apply --server-dry-run` was removed in 1.19; use `--dry-run=server`"),
)
_REMOVED_APIS = (
    "extensions/v1beta1",
    "apps/v1beta1",
    "apps/v1beta2",
    "batch/v1beta1",
    "batch/v2alpha1",
    "policy/v1beta1",
    "networking.k8s.io/v1beta1",
    "rbac.authorization.k8s.io/v1beta1",
    "apiextensions.k8s.io/v1beta1",
    "admissionregistration.k8s.io/v1beta1",
    "scheduling.k8s.io/v1beta1",
    "storage.k8s.io/v1alpha1",
    "autoscaling/v2beta1",
    "autoscaling/v2beta2",
    "discovery.k8s.io/v1beta1",
    "coordination.k8s.io/v1beta1",
)
_API = re.compile(r"^\s*apiVersion:\s*[\"']?([\w./-]+)[\"']?\s*$")
_SCRIPT = re.compile(r"^\.{0,2}/?(?:[\w.-]+/)+[\w.-]+\.(?:sh|py|rb|pl)$|^\./[\w.-]+$")
_NO_SCRIPT: tuple[Code, str] = ("command.file", "it runs a script that is not there")
_BEFORE = frozenset(("sudo", "time", "watch", "$", "exec", "nohup"))


def command_problems(line: str, platform: Platform) -> Iterator[tuple[Code, str]]:
    """What is wrong with one line of a shell; nothing with what cannot be told."""
    try:
        words = shlex.split(line.strip().removeprefix("$ "), comments=True)
    except ValueError:
        return
    while words and (words[0] in _BEFORE or re.fullmatch(r"[A-Z_][A-Z0-9_]*=.*", words[0])):
        words = words[1:]
    if not words:
        return
    for text in old_command(words):
        yield "command.removed", text
    if words[0] == "kubectl":
        yield from _kubectl(words[1:])
    elif words[0] == "opswarden" and platform.commands is not None:
        yield from _opswarden(words[1:], platform.commands)
    elif _SCRIPT.match(words[0]) and platform.has_file is not None and not words[0].startswith(("/", "..")):
        yield from () if platform.has_file(words[0].removeprefix("./")) else [_NO_SCRIPT]


def removed_api(line: str) -> str:
    """The version of the API that a line of a manifest names, if it was removed; else empty."""
    found = _API.match(line)
    return found[1] if found and found[1] in _REMOVED_APIS else ""


def _kubectl(words: list[str]) -> Iterator[tuple[Code, str]]:
    plain = [word for word in words if not word.startswith("-")]
    verb = plain[0] if plain else ""
    if verb in _REMOVED_KUBECTL:
        yield "command.removed", _REMOVED_KUBECTL[verb]
    for of, flag, text in _REMOVED_FLAGS:
        if of in ("", verb) and any(
            word == flag or word.startswith((f"{flag}=", flag)) for word in words if flag in word
        ):
            yield "command.removed", text


def _opswarden(words: list[str], commands: frozenset[str]) -> Iterator[tuple[Code, str]]:
    plain = []
    for word in words:
        if not re.fullmatch(r"[a-z][a-z-]*", word):
            break
        plain.append(word)
    names = {command.split(" ")[0] for command in commands}
    groups = {
        command.split(" ")[0] for command in commands if " " in command and not command.split(" ")[1].startswith("-")
    }
    if not plain:
        return
    if plain[0] not in names:
        yield "command.unknown", "opswarden has no such command"
    elif plain[0] in groups and len(plain) > 1 and " ".join(plain[:2]) not in commands:
        yield "command.unknown", f"`opswarden {plain[0]}` has no such command"
    else:
        path = " ".join(plain[: 2 if plain[0] in groups else 1])
        yield from _options(path, words, commands)


def _options(path: str, words: list[str], commands: frozenset[str]) -> Iterator[tuple[Code, str]]:
    """Options that a command no longer has, where its options are known."""
    if not any(each.startswith(f"{path} --") for each in commands):
        return
    for word in words:
        option = word.partition("=")[0]
        if re.fullmatch(r"--[a-z][a-z-]*", option) and option != "--help" and f"{path} {option}" not in commands:
            yield "command.unknown", f"`opswarden {path}` has no option {option}"
