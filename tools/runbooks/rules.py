"""Alerting rules out of Prometheus' rule files, and the page that each of them names.

Form: Prometheus documentation, "Alerting rules"; also as a Kubernetes `PrometheusRule`, whose `spec` has the groups.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ...core.errors import ConfigError
from ..plain_files import read_plain_text
from ..plain_yaml import DocumentError, documents

LINKS = ("runbook_url", "runbook", "runbook_link", "playbook_url", "playbook")
"""Annotations and labels that name a page."""
_SIZE_LIMIT_BYTES = 2_000_000
_MOST_FILES = 2_000
_MOST_RULES = 20_000
_LONGEST = 4_000


@dataclass(frozen=True)
class AlertRule:
    """An alerting rule.

    Args:
        links: pages that it names, the most fitting first.
        file: below the folder of rules.
    """

    name: str
    expression: str
    summary: str = ""
    description: str = ""
    severity: str = ""
    links: tuple[str, ...] = ()
    file: str = ""


@dataclass(frozen=True)
class Rules:
    """Rules, and files that cannot be read, one line each."""

    rules: tuple[AlertRule, ...] = ()
    problems: tuple[str, ...] = ()

    @cached_property
    def slugs(self) -> frozenset[str]:
        """The alerts' names as `slug_of` has them."""
        return frozenset(slug_of(rule.name) for rule in self.rules) - {""}

    def named(self, alert: str) -> tuple[AlertRule, ...]:
        """The rules of an alert; there are several where it has several severities."""
        return tuple(rule for rule in self.rules if rule.name == alert)


def slug_of(text: str) -> str:
    """A name without anything but letters and digits, and without case."""
    return "".join(char for char in text if char.isalnum()).casefold()


def read_rules(place: Path) -> Rules:
    """The rules of a file, or of every `.yml` and `.yaml` below a folder.

    Raises:
        ConfigError: there is no such place.
    """
    if not place.exists():
        raise ConfigError("the rule files are not there", remedy="correct `runbook_rules`: a file, or a folder of them")
    rules: list[AlertRule] = []
    problems: list[str] = []
    for name, text in _files(place):
        if text is None:
            problems.append(f"{name}: it is larger than {_SIZE_LIMIT_BYTES} bytes or no plain file")
            continue
        try:
            rules += rules_of(name, text)
        except DocumentError as error:
            problems.append(f"{name}: {error}")
        if len(rules) > _MOST_RULES:
            problems.append(f"{name}: more than {_MOST_RULES} rules; the rest is not read")
            break
    return Rules(tuple(rules[:_MOST_RULES]), tuple(problems))


def rules_of(file: str, text: str) -> list[AlertRule]:
    """The alerting rules of a text.

    Raises:
        DocumentError: it is no plain YAML within the limits.
    """
    found = []
    for document in documents(text):
        for rule in _rules(document.value):
            labels, annotations = _texts(rule.get("labels")), _texts(rule.get("annotations"))
            links = [texts[key] for texts in (annotations, labels) for key in LINKS if texts.get(key)]
            found.append(
                AlertRule(
                    name=str(rule["alert"])[:256],
                    expression=str(rule.get("expr") or "")[:_LONGEST],
                    summary=(annotations.get("summary") or "")[:_LONGEST],
                    description=(annotations.get("description") or annotations.get("message") or "")[:_LONGEST],
                    severity=(labels.get("severity") or "")[:64],
                    links=tuple(dict.fromkeys(link[:2_000] for link in links)),
                    file=file,
                )
            )
    return found


def _rules(value: Any) -> Iterator[Mapping[str, Any]]:
    if not isinstance(value, dict):
        return
    spec = value.get("spec")
    groups = (spec if isinstance(spec, dict) else value).get("groups")
    for group in groups if isinstance(groups, list) else ():
        listed = group.get("rules") if isinstance(group, dict) else None
        for rule in listed if isinstance(listed, list) else ():
            if isinstance(rule, dict) and isinstance(rule.get("alert"), str) and rule["alert"]:
                yield rule


def _texts(value: Any) -> dict[str, str]:
    return {key: text for key, text in value.items() if isinstance(text, str)} if isinstance(value, dict) else {}


def _files(place: Path) -> Iterator[tuple[str, str | None]]:
    if not place.is_dir():
        yield place.name, read_plain_text(str(place), _SIZE_LIMIT_BYTES)
        return
    left = _MOST_FILES
    for where, folders, names, handle in os.fwalk(place, follow_symlinks=False):
        folders.sort()
        for name in sorted(names):
            if name.endswith((".yml", ".yaml")) and left:
                left -= 1
                yield (
                    (Path(where) / name).relative_to(place).as_posix(),
                    read_plain_text(name, _SIZE_LIMIT_BYTES, folder=handle),
                )
