"""Owners out of the labels of Kubernetes objects.

Read are the recommended labels (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/) and
the two names under which teams write themselves into labels and annotations most often: `team` and `owner`, with any
prefix (`example.org/team`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..plain_yaml import DocumentError, documents
from .catalogue import Catalogue, Entry

_OWNERS = ("team", "owner")
_CHANNELS = ("slack-channel", "channel")
_LONGEST = 256


def read(objects: Iterable[tuple[str, str]]) -> Catalogue:
    """The entities of manifests, JSON or YAML; one that cannot be read says nothing.

    Args:
        objects: entity and manifest; of several of one entity the first that names an owner or a system counts.
    """
    found: dict[str, Entry] = {}
    for entity, manifest in objects:
        if entity in found:
            continue
        try:
            texts = documents(manifest)
        except DocumentError:
            continue
        for document in texts:
            entry = _entry(entity, document.value)
            if entry is not None:
                found.setdefault(entity, entry)
    return Catalogue(tuple(found.values()))


def _entry(entity: str, value: Any) -> Entry | None:
    metadata = _mapping(value, "metadata")
    pairs = {**_mapping(metadata, "annotations"), **_mapping(metadata, "labels")}
    owner, system = _named(pairs, _OWNERS), _text(pairs.get("app.kubernetes.io/part-of"))
    if not owner and not system:
        return None
    return Entry(name=entity, source="labels", owner=owner, system=system, channel=_named(pairs, _CHANNELS))


def _named(pairs: Mapping[str, Any], names: Iterable[str]) -> str:
    for name in names:
        for key in sorted(pairs, key=lambda key: ("/" in key, key)):
            if key.rpartition("/")[2] == name and (text := _text(pairs[key])):
                return text
    return ""


def _mapping(value: Any, key: str) -> Mapping[str, Any]:
    found = value.get(key) if isinstance(value, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _text(value: Any) -> str:
    return value.strip()[:_LONGEST] if isinstance(value, str) else ""
