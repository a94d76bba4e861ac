"""What a workload was before, revision by revision, and what each of them changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..json_parts import listed, number, part
from .objects import REVISIONS, Object

_NUMBERS = ("deployment.kubernetes.io/revision", "rollout.argoproj.io/revision")
_MOST_PARTS = 12


@dataclass(frozen=True)
class Revision:
    """One revision of a workload.

    Args:
        number: the higher, the newer.
        at: when it began to be rolled out; `None` where nothing tells.
        changed: against the revision before, one clause each; empty for the first that is known.
        is_back: an older revision that was taken up again.
        replicas: pods of it that are wanted now; `None` where the cluster does not say by revision.
    """

    kind: str
    namespace: str
    workload: str
    entity: str
    name: str
    number: int
    at: datetime | None
    images: tuple[str, ...]
    changed: tuple[str, ...]
    is_first: bool
    is_back: bool
    replicas: int | None
    author: str = ""


def revisions_of(objects: Iterable[Object]) -> list[Revision]:
    """The revisions of all workloads, by workload, the newest first.

    Args:
        objects: `REVISIONS`, and the workloads that they belong to.
    """
    objects = list(objects)
    owners = {one.place: one for one in objects if one.kind not in REVISIONS}
    held: dict[tuple[str, str, str], list[Object]] = defaultdict(list)
    for one in objects:
        if one.kind in REVISIONS and one.owner is not None and _number(one) > 0:
            held[one.owner.kind, one.namespace, one.owner.name].append(one)
    found: list[Revision] = []
    for place, members in sorted(held.items()):
        members.sort(key=lambda one: (_number(one), one.name))
        found += reversed(list(_in_order(place, members, owners.get(place))))
    return found


def _in_order(place: tuple[str, str, str], members: Sequence[Object], owner: Object | None) -> Iterator[Revision]:
    before: Object | None = None
    latest: datetime | None = None
    for one in members:
        is_back = latest is not None and one.created is not None and one.created < latest
        began, author = _began(one, owner, latest, is_newest=one is members[-1], is_back=is_back)
        containers = _containers(one)
        yield Revision(
            kind=place[0],
            namespace=place[1],
            workload=place[2],
            entity=owner.entity if owner is not None else one.entity,
            name=one.name,
            number=_number(one),
            at=began,
            images=tuple(dict.fromkeys(str(each.get("image", "")) for each in containers if not each.get("is_init"))),
            changed=tuple(differences(before, one)) if before is not None else (),
            is_first=before is None,
            is_back=is_back,
            replicas=number(one.manifest, "spec", "replicas") if one.kind == "ReplicaSet" else None,
            author=author,
        )
        before = one
        latest = max(filter(None, (latest, one.created)), default=None)


def _began(
    one: Object, owner: Object | None, latest: datetime | None, *, is_newest: bool, is_back: bool
) -> tuple[datetime | None, str]:
    """When a revision began, and who set it off.

    What is taken up again keeps the moment when it was first made; then only the workload tells, and only of its newest
    revision.
    """
    touches = [touch for touch in owner.touched if "spec.template" in touch.fields] if owner is not None else []
    if is_back:
        touch = next((each for each in touches if latest is None or each.at > latest), None) if is_newest else None
        return (touch.at, touch.manager) if touch is not None else (None, "")
    near = [each for each in touches if one.created and abs((each.at - one.created).total_seconds()) <= 120]
    return one.created, near[0].manager if near else ""


def _number(one: Object) -> int:
    if one.kind == "ControllerRevision":
        return number(one.manifest, "revision")
    written = next((one.annotations[name] for name in _NUMBERS if name in one.annotations), "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0


def _template(one: Object) -> Any:
    return (
        part(one.manifest, "template") if one.kind == "ControllerRevision" else part(one.manifest, "spec", "template")
    )


def _containers(one: Object) -> list[Mapping[str, Any]]:
    return list(listed(_template(one), "containers"))


def differences(before: Object, after: Object) -> Iterator[str]:
    """What one revision has that the other has not, one clause each; names of variables, never their values."""
    old = {str(each.get("name")): each for each in _containers(before)}
    new = {str(each.get("name")): each for each in _containers(after)}
    for name in sorted({*old, *new}):
        if name not in old:
            yield f"container {name} added ({new[name].get('image', '')})"
        elif name not in new:
            yield f"container {name} removed"
        else:
            yield from _of_container(name, old[name], new[name])
    if part(_template(before), "restarted") != part(_template(after), "restarted"):
        yield "restarted"
    if part(_template(before), "rest") != part(_template(after), "rest"):
        yield "other parts of the pod's specification"


def _of_container(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    if old.get("image") != new.get("image"):
        yield f"image of {name} {old.get('image', '')} to {new.get('image', '')}"
    for side in ("requests", "limits"):
        before, after = part(old, "resources", side) or {}, part(new, "resources", side) or {}
        for resource in sorted({*before, *after}) if isinstance(before, dict) and isinstance(after, dict) else ():
            if before.get(resource) != after.get(resource):
                told = f"{before.get(resource, 'none')} to {after.get(resource, 'none')}"
                yield f"{resource} {side.removesuffix('s')} of {name} {told}"
    before, after = part(old, "env") or {}, part(new, "env") or {}
    for word, names in (
        ("added", sorted({*after} - {*before})),
        ("removed", sorted({*before} - {*after})),
        ("changed", sorted(key for key in {*before} & {*after} if before[key] != after[key])),
    ):
        if names:
            more = f" and {len(names) - _MOST_PARTS} more" if len(names) > _MOST_PARTS else ""
            yield f"variables of {name} {word}: {', '.join(names[:_MOST_PARTS])}{more}"
    if old.get("started") != new.get("started"):
        yield f"command of {name}"
    if old.get("probes") != new.get("probes"):
        yield f"probes of {name}"
