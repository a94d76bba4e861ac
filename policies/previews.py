"""Looking at what a call would change, by the tool's own preview: bounded in time and size, and cleaned.

A look has a keyed hash over what it saw. The same hash when an approved call is about to run means that the person
who approved it would see the same again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..core.canonical import JsonValue, canonical_json
from ..core.errors import RedactionError
from ..redaction.types import Redactor
from ..tools.preview import Preview
from ..tools.shown import flat, shortened
from .cautions import cautions
from .execution import BoundedThreads, DeadlinePassed
from .fingerprints import Fingerprints, hashable
from .subjects import told_of_withheld
from .summaries import plain_json

LONGEST_S = 10.0
"""A person's question does not wait longer for a preview, whatever the tool's own deadline is."""
_MOST_BYTES = 262_144
_MOST_CHANGES = 50
_MOST_WARNINGS = 20
_TEXT_TOKENS = 120
_VALUE_TOKENS = 200


@dataclass(frozen=True)
class Look:
    """What a preview came to.

    Args:
        status: `failed` too where it came too late, was too large or could not be cleaned.
        shown: for the person: what, where, changes, warnings; or why it failed. Redacted and bounded.
        state_hmac: keyed hash of everything that was seen but the warnings; empty where nothing was.
    """

    status: Literal["ok", "failed"]
    shown: Mapping[str, JsonValue] = field(default_factory=dict)
    state_hmac: str = ""


class _Unusable(Exception):
    """A preview that cannot be shown; the text says why."""


def look(
    preview: Callable[[], object],
    *,
    threads: BoundedThreads,
    timeout_s: float,
    redactor: Redactor,
    fingerprints: Fingerprints,
) -> Look:
    """Ask a tool's preview. Never raises for what the tool does: a look that failed says why, and nothing more.

    Args:
        preview: the tool's, with its arguments.
        threads: where it runs.
        timeout_s: of the tool.
        redactor: for the eyes of people of the run's team.
        fingerprints: for the hash of what it saw.
    """
    try:
        seen = threads.run(preview, min(timeout_s, LONGEST_S))
        if not isinstance(seen, Preview):
            raise _Unusable("the tool returned something that is no preview")
        return _cleaned(seen, redactor, fingerprints)
    except _Unusable as error:
        return _failed(str(error))
    except DeadlinePassed:
        return _failed(f"no answer within {min(timeout_s, LONGEST_S):g} s")
    except RedactionError:
        return _failed("it could not be cleaned")
    except Exception as error:  # noqa: BLE001 - a tool is anybody's code; its text can hold anything, so the class is told
        return _failed(f"it broke ({type(error).__name__})")


def _failed(why: str) -> Look:
    return Look("failed", {"status": "failed", "why": why})


def _cleaned(seen: Preview, redactor: Redactor, fingerprints: Fingerprints) -> Look:
    # The name of a field tells redaction what stands under it, so the values hang on it.
    raw: dict[str, JsonValue] = {
        "what": str(seen.what),
        "where": str(seen.where),
        "before": [{str(change.field): _plain(change.before)} for change in seen.changes],
        "after": [{str(change.field): _plain(change.after)} for change in seen.changes],
        "warnings": [str(warning) for warning in seen.warnings],
    }
    raw = {name: plain_json(value) for name, value in raw.items()}
    if len(canonical_json(raw)) > _MOST_BYTES:
        raise _Unusable("it is too large to be shown")
    salvaged = redactor.value_salvaged(raw)
    clean = salvaged.value
    if not isinstance(clean, Mapping):
        raise _Unusable("it could not be cleaned")
    changes = _changes(clean["before"], clean["after"])
    warnings = [_text(warning) for warning in _list(clean["warnings"])][:_MOST_WARNINGS]
    what, where = _text(clean["what"]), _text(clean["where"])
    warnings += [line for name, text in (("what", what), ("where", where)) for line in cautions(text, name)]
    warnings += [line for change in changes[:_MOST_CHANGES] for line in cautions(change, "a change")]
    if len(changes) > _MOST_CHANGES:
        warnings.append(f"{len(changes) - _MOST_CHANGES} of {len(changes)} changes are not shown")
    if salvaged.withheld:
        warnings.append(told_of_withheld(salvaged.withheld))
    shown: dict[str, JsonValue] = {
        "status": "ok",
        "what": what,
        "where": where,
        "changes": [_short(change) for change in changes[:_MOST_CHANGES]],
        "warnings": list(dict.fromkeys(warnings)),
    }
    state = {name: hashable(raw[name], clean[name]).value for name in ("what", "where", "before", "after")}
    return Look("ok", shown, fingerprints.of(state))


def _plain(value: object) -> JsonValue:
    """A value as one cell of a table."""
    plain = plain_json(value)
    return canonical_json(plain).decode() if isinstance(plain, (Mapping, list)) else plain


def _changes(before: JsonValue, after: JsonValue) -> list[dict[str, JsonValue]]:
    found: list[dict[str, JsonValue]] = []
    for old, new in zip(_list(before), _list(after), strict=True):
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            ((name, was),), (will,) = old.items(), new.values()
            found.append({"field": name, "before": was, "after": will})
    return found


def _short(change: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {
        name: shortened(flat(value), _VALUE_TOKENS, " ") if isinstance(value, str) else value
        for name, value in change.items()
    }


def _text(value: JsonValue) -> str:
    return shortened(flat(str(value)), _TEXT_TOKENS, " ")


def _list(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else []
