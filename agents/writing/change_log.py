"""The change log of models: every move of an alias, with its checks and with what people and policies said of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .document import Document
from .sources import Source, Sources, cited, code, moment, number, rows

Recorded = Callable[[str], Sequence[Mapping[str, Any]]]
"""What the ledger has of a run: `at`, `kind`, `what` and `outcome` each."""
_MOST_MOVES = 50
_ENTRIES = {"approval.answered": "a person answered", "call.outcome": "what came of it"}
_STATES = {"open": "not ended yet", "void": "never done", "overtaken": "overtaken by another move"}
_KINDS = {"promote": "promoted", "rollback": "given back", "seen": "moved by somebody outside of opswarden"}


def change_log(models: Sequence[str], sources: Sources, recorded: Recorded) -> Document:
    """Write the change log.

    Args:
        models: as the registry names them.
        sources: where what it rests on is kept.
        recorded: of the run of a move.
    """
    log = Document("Change log of models", sources)
    for model in models:
        source = sources.ask("models.history", {"model": model, "limit": _MOST_MOVES})
        lines = _moves(model, source, sources, recorded)
        log.say(_part(model), f"Model {model}", lines, f"No registry answered{cited(source)}")
        if not source.is_whole:
            log.notes.append(f"all moves of {code(model)}: there are more than one answer holds{cited(source)}")
        if not source.is_read:
            log.notes.append(f"what became of {code(model)}: no registry answered{cited(source)}")
        elif source.content.get("is_elsewhere"):
            log.notes.append(f"who moved {code(model)} last: it was moved outside of opswarden{cited(source)}")
    return log


def _moves(model: str, source: Source, sources: Sources, recorded: Recorded) -> list[str]:
    if not source.is_read:
        return []
    mark = cited(source)
    now = source.content.get("version")
    lines = [f"- champion now: {'none' if now is None else f'version {number(now)}'}{mark}"]
    for move in rows(source, "moves"):
        lines.append(f"- {said_of_move(move)}{mark}")
        if move.get("reason"):
            lines.append(f"  - why: {code(move['reason'])}{mark}")
        if move.get("digest"):
            lines.append(f"  - its checks are kept under {code(str(move['digest'])[:16])}{mark}")
        elif move["kind"] == "promote":
            lines.append(f"  - its checks: unknown{mark}")
        run = str(move.get("run_id") or "")
        entries = recorded(run) if run else ()
        ledger = sources.add(f"ledger of {run}", [dict(each) for each in entries]) if entries else None
        lines += [
            f"  - {_recorded_as(each)}: {code(each['outcome'])}{cited(ledger)}" for each in entries if each["outcome"]
        ]
    return lines


def said_of_move(move: Mapping[str, Any]) -> str:
    """A move of an alias as people say it."""
    before, after = (_version(move.get(name)) for name in ("version_before", "version_after"))
    state = _STATES.get(str(move["state"]), str(move["state"]))
    return f"{moment(move['begun'])}: {_KINDS[str(move['kind'])]}, from {before} to {after}, {state}"


def _version(number_of_it: object) -> str:
    return "nothing" if number_of_it is None else f"version {number(number_of_it)}"


def _recorded_as(entry: Mapping[str, Any]) -> str:
    """What an entry of the ledger is, and when it was written."""
    return f"{_ENTRIES.get(str(entry['kind']), str(entry['kind']))}, {moment(entry['at'])}"


def _part(model: str) -> str:
    """A name for the part of a model, of small letters alone."""
    digest = hashlib.sha256(model.encode()).digest()[:8]
    return "model-" + "".join(chr(ord("a") + byte % 26) for byte in digest)
