"""A catalogue as Backstage keeps it: `catalog-info.yaml`.

Read are the kinds Component, API, Resource and System, and Group for how a team is reached, of the fields that
https://backstage.io/docs/features/software-catalog/descriptor-format names. Other kinds are passed over, as are
annotations that hold keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ..plain_yaml import Document, DocumentError
from .catalogue import Catalogue, Entry, Team

_KINDS = frozenset(("component", "api", "resource", "system"))
_REFERENCE = re.compile(r"(?:(?P<kind>[a-z]+):)?(?:[\w.-]+/)?(?P<name>[\w.-]+)", re.IGNORECASE)
# Whoever is paged, as the plugins of PagerDuty and Opsgenie are told; never `integration-key`, which is a secret.
_PAGED_BY = (
    ("pagerduty.com/service-id", "PagerDuty service"),
    ("opsgenie.com/team", "Opsgenie team"),
    ("opsgenie.com/component-selector", "Opsgenie"),
)
_CHANNELS = ("slack.com/channel", "slack.com/channel-name", "slack/channel")
_RUNBOOKS = ("runbook", "playbook")
_LONGEST = 512


def is_backstage(document: Document) -> bool:
    """Whether a document is an entity of Backstage."""
    value = document.value
    return isinstance(value, Mapping) and str(value.get("apiVersion", "")).startswith("backstage.io/")


def read(documents: Iterable[Document]) -> Catalogue:
    """The entities of documents, all of them Backstage's.

    Raises:
        DocumentError: one has no name.
    """
    entries, teams = [], []
    for document in documents:
        kind = str(document.value.get("kind", "")).casefold()
        if kind in _KINDS:
            entries.append(_entry(document))
        elif kind == "group":
            teams.append(_team(document))
    return Catalogue(tuple(entries), tuple(teams))


def _entry(document: Document) -> Entry:
    metadata, spec = _mapping(document, "metadata"), _mapping(document, "spec")
    annotations, name = _within(metadata, "annotations"), _name(document, metadata)
    return Entry(
        name=name,
        source="backstage",
        owner=_referred(_text(spec, "owner"), "group"),
        system=_referred(_text(spec, "system"), "system"),
        lifecycle=_text(spec, "lifecycle"),
        description=" ".join(_text(metadata, "description").split()),
        channel=_first(annotations, _CHANNELS),
        on_call=next((f"{says} {text}" for key, says in _PAGED_BY if (text := _text(annotations, key))), ""),
        aliases=tuple(
            alias
            for alias in (_text(metadata, "title"), _text(annotations, "backstage.io/kubernetes-id"))
            if alias not in ("", name)
        ),
        depends_on=tuple(filter(None, (_referred(text, "") for text in _texts(spec.get("dependsOn"))))),
        runbooks=tuple(_runbooks(metadata)),
    )


def _runbooks(metadata: Mapping[str, Any]) -> Iterable[str]:
    links = metadata.get("links")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, Mapping):
            about = f"{_text(link, 'type')} {_text(link, 'title')}".casefold()
            if any(word in about for word in _RUNBOOKS) and _text(link, "url"):
                yield _text(link, "url")


def _team(document: Document) -> Team:
    metadata, spec = _mapping(document, "metadata"), _mapping(document, "spec")
    annotations = _within(metadata, "annotations")
    return Team(
        name=_name(document, metadata),
        people=tuple(filter(None, (_referred(text, "user") or text for text in _texts(spec.get("members"))))),
        on_call=next((f"{says} {text}" for key, says in _PAGED_BY if (text := _text(annotations, key))), ""),
        channel=_first(annotations, _CHANNELS),
        page=_text(_within(spec, "profile"), "email"),
    )


def _name(document: Document, metadata: Mapping[str, Any]) -> str:
    name = _text(metadata, "name")
    if not name:
        raise DocumentError(f"line {document.line_of(('metadata', 'name'))}: metadata.name is missing")
    return name


def _mapping(document: Document, key: str) -> Mapping[str, Any]:
    return _within(document.value, key)


def _within(value: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def _referred(reference: str, kind: str) -> str:
    """The name in a reference (`group:default/payments`); nothing if it refers to another kind, such as a person."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return ""
    return match["name"] if not kind or (match["kind"] or kind).casefold() == kind else ""


def _first(values: Mapping[str, Any], keys: Iterable[str]) -> str:
    return next((text for key in keys if (text := _text(values, key))), "")


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text for text in value[:200] if isinstance(text, str)) if isinstance(value, list) else ()


def _text(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    return value.strip()[:_LONGEST] if isinstance(value, str) else ""
