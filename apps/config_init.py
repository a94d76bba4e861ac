"""`opswarden config init`: a commented starting file, out of the systems that somebody names and nothing else."""

from __future__ import annotations

import json
import os
import re
import tomllib
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from ..core.clock import Clock, Deadline
from ..core.config_problems import worded
from ..core.errors import BackendError, InputError
from ..core.http_exchange import is_this_machine
from ..core.systems.checks import Checked
from .live.system_checks import look_at
from .live.systems import Surroundings, SystemSettings
from .settings import Settings

_MODEL_KEYS = {
    "ANTHROPIC_API_KEY": "anthropic",
    "OPENAI_API_KEY": "openai",
    "AZURE_API_KEY": "azure",
    "GEMINI_API_KEY": "gemini",
    "MISTRAL_API_KEY": "mistral",
}
"""Variables that LiteLLM's providers use; only whether they are set is looked at."""
_TIMEOUT_S = 15.0
_SHOWN = 160
_KUBECONFIG_LIMIT_BYTES = 1_000_000


@dataclass(frozen=True)
class Named:
    """A system that somebody named.

    Args:
        name: under `[systems.NAME]`.
        kind: of system.
        settings: as far as they are told.
    """

    name: str
    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)


def known_kinds() -> dict[str, type[BaseModel]]:
    """The kinds of system that this version reads."""
    union = typing.get_args(SystemSettings)[0]
    return {
        str(typing.get_args(member.model_fields["kind"].annotation)[0]): member for member in typing.get_args(union)
    }


def over_http(name: str, kind: str, url: str, credential: Mapping[str, str]) -> Named:
    """A system at an address; one without TLS beyond this machine says so in its settings."""
    plain = urlsplit(url).scheme == "http" and not is_this_machine(urlsplit(url).hostname or "")
    return Named(name, kind, {"url": url, **({"plain": True} if plain else {}), **credential})


def cluster_in(kubeconfig: Path, context: str | None) -> Named:
    """A context of a kubeconfig; of its users and their credentials nothing is read.

    Raises:
        InputError: the file cannot be read, or has no such context.
    """
    import yaml  # noqa: PLC0415 - only where a cluster is named

    try:
        content = kubeconfig.read_bytes()[: _KUBECONFIG_LIMIT_BYTES + 1]
        if len(content) > _KUBECONFIG_LIMIT_BYTES:
            raise ValueError("too large")
        document = yaml.safe_load(content)
        contexts = {entry["name"]: entry.get("context") or {} for entry in document["contexts"]}
        chosen = context or str(document.get("current-context") or "")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, yaml.YAMLError) as error:
        raise InputError(
            f"{kubeconfig} is no kubeconfig ({type(error).__name__})", remedy="name the file that kubectl uses"
        ) from error
    if chosen not in contexts:
        raise InputError("the kubeconfig has no such context", remedy=f"one of {', '.join(sorted(map(str, contexts)))}")
    return Named("cluster", "kubernetes", {"kubeconfig": str(kubeconfig.resolve()), "context": str(chosen)})


def starting_file(
    named: Sequence[Named],
    environment: str,
    team: str,
    surroundings: Surroundings,
    variables: Mapping[str, str] = os.environ,
) -> str:
    """The text of a configuration file, each system with what it said when it was asked.

    Args:
        named: the systems; only they are asked.
        environment: of all of them.
        team: whose the installation is.
        surroundings: what systems are made with.
        variables: the process environment.

    Raises:
        InputError: an address or a name cannot stand in a configuration.
    """
    parts = [_HEAD.format(team=_toml(team)), _live(environment)]
    parts += [_section(each, environment, surroundings) for each in named]
    if not named:
        parts.append(_NO_SYSTEM)
    parts.append(_models(variables))
    text = "\n".join(parts)
    try:
        Settings.model_validate(tomllib.loads(text))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        told = worded(error.errors(include_input=False)[0]) if isinstance(error, ValidationError) else "a name"
        raise InputError(f"that cannot stand in a configuration: {told}", remedy="see docs/live.md") from error
    return text


def _section(named: Named, environment: str, surroundings: Surroundings) -> str:
    model = known_kinds()[named.kind]
    settings = {key: value for key, value in named.settings.items() if key in model.model_fields}
    try:
        whole: Any = model.model_validate({"kind": named.kind, "environment": environment, **settings})
    except ValidationError as error:
        told_first = error.errors(include_input=False)[0]
        where = ".".join(map(str, told_first["loc"])) or "settings"
        raise InputError(
            f"the system {named.name!r} cannot be configured like that: `{where}`: {worded(told_first)}",
            remedy="write an address as https://host[:port][/path], without a credential in it",
        ) from error
    found = look_at(named.name, whole, surroundings, Deadline(surroundings.clock, _TIMEOUT_S))
    comments = [line for each in found for line in _comment(each)]
    lines = [f"[systems.{named.name}]", f'kind = "{named.kind}"', f"environment = {_toml(environment)}"]
    lines += [f"{key} = {_toml(value)}" for key, value in settings.items()]
    lines += _suggested(model, settings)
    return "\n".join([*comments, *lines, ""])


def _comment(found: Checked) -> list[str]:
    mark = {"ok": "", "warning": "Mind: ", "failed": "NOT WELL: "}[found.state]
    lines = [f"# {mark}{found.aspect}: {found.text}"]
    if found.state != "ok" and found.remedy:
        lines.append(f"#   {found.remedy}")
    return [re.sub(r"[\x00-\x1f\x7f]", " ", line)[:_SHOWN] for line in lines]


def worries(text: str) -> list[str]:
    """What is not well with the systems of a starting file, each with the name of its system.

    Args:
        text: as `starting_file` makes it.
    """
    found: list[str] = []
    waiting: list[str] = []
    for line in text.splitlines():
        if line.startswith(("# Mind: ", "# NOT WELL: ")):
            waiting.append(line.removeprefix("# "))
        elif line.startswith("[systems."):
            found += [f"{line.removeprefix('[systems.').removesuffix(']')}: {told}" for told in waiting]
            waiting.clear()
    return found


def _suggested(model: type[BaseModel], settings: Mapping[str, Any]) -> list[str]:
    """What people change first, with its default, as comments."""
    lines = []
    credential = {"token_file", "token_env", "user"}
    if "token_file" in model.model_fields and not credential & set(settings):
        lines.append('# token_file = "/var/run/secrets/opswarden/token"  # read again for every question')
    for key in ("scope", "entity_labels", "resolution_s", "ref", "entities"):
        if key in model.model_fields and key not in settings:
            default = model.model_fields[key].get_default(call_default_factory=True)
            told = (model.model_fields[key].description or "").replace("\n", " ")
            lines.append(f"# {key} = {_toml(default)}  # {told}")
    return lines


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return (
            "{ " + ", ".join(f"{_toml(name)} = {_toml(inner)}" for name, inner in value.items()) + " }"
            if value
            else "{}"
        )
    if isinstance(value, list | tuple | frozenset | set):
        return "[" + ", ".join(_toml(inner) for inner in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)


def _live(environment: str) -> str:
    return (
        f"# Which stretch of time a triage of {re.sub(r'[^A-Za-z0-9 _.-]', '?', environment)} looks at; "
        "see docs/live.md.\n"
        "# [live]\n"
        "# before_s = 900\n"
        "# after_s = 900\n"
        "# baseline_s = 21600\n"
    )


def _models(variables: Mapping[str, str]) -> str:
    found = [name for name in _MODEL_KEYS if variables.get(name)]
    lines = ["# A language model is optional; triage works without one. See docs/configuration.md."]
    for name in found or ["ANTHROPIC_API_KEY"]:
        provider = _MODEL_KEYS[name]
        if name in found:
            lines.append(f"# {name} is set here.")
        lines += [
            "# [[models.endpoints]]",
            f'# name = "{provider}"',
            f'# model = "{provider}/NAME"',
            f'# api_key_env = "{name}"',
        ]
    return "\n".join([*lines, ""])


def surroundings_for(folder: Path, clock: Clock, team: str) -> Surroundings:
    """What systems are asked with before there is an installation: locks in a folder that is thrown away."""
    return Surroundings(folder / "locks", clock, team)


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet, for its owner alone.

    Raises:
        InputError: it exists.
        BackendError: it cannot be written.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise InputError(f"{path} exists already", remedy="choose another --out, or change that file") from error
    except OSError as error:
        raise BackendError(f"{path} cannot be written: {error.strerror}", remedy="choose another --out") from error


_HEAD = """\
# Settings of opswarden. Everything has a safe default: read only, nothing is sent anywhere.
# `opswarden config check` explains mistakes, `opswarden doctor` asks the systems below.
version = 1
team = {team}
"""

_NO_SYSTEM = """\
# No system was named, so none was asked. For example:
# [systems.metrics]
# kind = "prometheus"
# environment = "production"
# url = "https://prometheus.internal"
"""
