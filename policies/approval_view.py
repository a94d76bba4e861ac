"""What a person needs to see of a question, from the sealed record alone; every surface shows this one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..core.canonical import JsonValue
from ..redaction.placeholders import places
from .approvals import Approval

_MOST_PLACEHOLDERS = 20
_ENDINGS = (".", "[", "{")

NOT_SHOWN = "the tool could not show what this would change ({why}): whoever agrees, agrees blindly"
NO_PREVIEW = "the tool does not say what this would change; only the arguments are known"
TAINTED = "the run has read text that outsiders can write, and may be acting on it"
UNTRUSTED = "nobody knows that {names} came from somebody who may decide it: read exactly what stands there"
STALE = "an earlier answer ({id}) became void because {what} changed"
_CHANGED = {
    "policy": "the policies",
    "tool": "the tool",
    "taint": "what the run has read",
    "state": "what the call would change",
    "call": "the call",
}


def view(approval: Approval, endorsed: frozenset[str] = frozenset()) -> dict[str, JsonValue]:
    """The question in parts: `what`, `where`, `changes`, `arguments`, `evidence`, `warnings`, `placeholders`.

    `arguments` has one row per argument: `name`, `value`, `trust` (`trusted`, `untrusted`, `endorsed`, `plain`: nothing
    speaks against it), `origins` (`seq`, `call_id`, `tool`, `field`) and `via`. `evidence` lists the ledger places of
    origins. All texts are clean; none of them is inert yet, each surface escapes them in its own way.

    Args:
        approval: the record.
        endorsed: arguments whose values a person has endorsed since.
    """
    preview, look = approval.preview, _mapping(approval.preview.get("look"))
    arguments = list(_arguments(approval, endorsed))
    return {
        "what": _text(look.get("what")) or f"{approval.action} {_text(preview.get('resource'))}".strip(),
        "where": _text(look.get("where")) or approval.environment,
        "resource": _text(preview.get("resource")),
        "environment": approval.environment,
        "team": approval.team,
        "stage": _text(preview.get("stage")),
        "role": _text(preview.get("role")),
        "effect": _text(preview.get("effect")) or ("send" if approval.verb == "tell" else ""),
        "preview_status": _text(look.get("status")) or "none",
        "changes": [dict(change) for change in map(_mapping, _list(look.get("changes")))],
        "arguments": arguments,
        "evidence": sorted({seq for row in arguments for seq in _seqs(row)}),
        "warnings": list(_warnings(approval, endorsed)),
        "placeholders": [*_placeholders(preview)],
    }


def _arguments(approval: Approval, endorsed: frozenset[str]) -> Iterator[dict[str, JsonValue]]:
    args = approval.preview.get("args")
    if not isinstance(args, Mapping):
        args = _mapping(approval.preview.get("body"))
    provenance = _mapping(approval.preview.get("provenance"))
    untrusted = set(_list(approval.preview.get("untrusted_args")))
    for name, value in args.items():
        known = [_mapping(item) for path, item in provenance.items() if _is_in(name, path)]
        doubted = name in untrusted or any(item.get("is_trusted") is False for item in known)
        ways = sorted({_text(item.get("via")) for item in known} - {""})
        yield {
            "name": name,
            "value": value,
            "trust": "endorsed" if name in endorsed else "untrusted" if doubted else "trusted" if known else "plain",
            "via": ", ".join(ways),
            "sources": sorted({_text(item.get("source")) for item in known} - {""}),
            "origins": [dict(_mapping(origin)) for item in known for origin in _list(item.get("origins"))],
        }


def _is_in(name: str, path: str) -> bool:
    return path == name or (path.startswith(name) and path[len(name) :].startswith(_ENDINGS))


def _warnings(approval: Approval, endorsed: frozenset[str]) -> Iterator[str]:
    preview, look = approval.preview, _mapping(approval.preview.get("look"))
    if look.get("status") == "failed":
        yield NOT_SHOWN.format(why=_text(look.get("why")))
    elif not look and approval.verb == "call" and preview.get("effect") != "read":
        yield NO_PREVIEW
    yield from map(_text, _list(look.get("warnings")))
    if preview.get("run_tainted"):
        yield TAINTED
    untrusted = [_text(name) for name in _list(preview.get("untrusted_args")) if name not in endorsed]
    if untrusted:
        yield UNTRUSTED.format(names=", ".join(untrusted))
    yield from map(_text, _list(preview.get("cautions")))
    if preview.get("instead_of"):
        changed = _CHANGED.get(_text(preview.get("changed")), "something")
        yield STALE.format(id=_text(preview.get("instead_of")), what=changed)


def _seqs(row: Mapping[str, JsonValue]) -> Iterator[int]:
    for origin in _list(row.get("origins")):
        seq = _mapping(origin).get("seq")
        if isinstance(seq, int) and seq >= 0:
            yield seq


def _placeholders(preview: Mapping[str, JsonValue]) -> list[str]:
    """Those that stand for a value which can be revealed, in the order in which they appear."""
    found = dict.fromkeys(
        str(place.placeholder) for text in _texts(preview) for place in places(text) if place.placeholder.number
    )
    return list(found)[:_MOST_PLACEHOLDERS]


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    else:
        for item in _list(value):
            yield from _texts(item)


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, Mapping) else {}


def _list(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else []


def _text(value: JsonValue) -> str:
    return "" if value is None else str(value)
