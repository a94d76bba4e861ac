"""Where a draft goes: a new file, or one beside the page in force, with what differs; never over a page."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import InputError
from ...tools.plain_files import read_plain_text
from ..people.senders import write_whole

_LIMIT_BYTES = 2_000_000


@dataclass(frozen=True)
class Kept:
    """What became of a draft.

    Args:
        path: where it is; `None` where nothing was written.
        is_beside: whether a page in force was there, so that the draft lies beside it.
        is_same: whether the page in force says the same already.
        diff: from the page in force to the draft, as lines; empty without one.
    """

    path: Path | None
    is_beside: bool
    is_same: bool
    diff: tuple[str, ...]


def keep_draft(text: str, out: Path) -> Kept:
    """Write a draft to a file that is not there yet, else beside it as `NAME.draft.md`.

    Raises:
        InputError: a link, no plain file, or another draft is there.
        BackendError: it cannot be written; then nothing is there that was not there before.
    """
    before = read_plain_text(str(out), _LIMIT_BYTES)
    if before is None and (out.exists() or out.is_symlink()):
        raise InputError("what is there is no plain file", remedy="name another file with --out")
    if before == text:
        return Kept(None, True, True, ())
    path = out if before is None else out.with_name(f"{out.stem}.draft{out.suffix}")
    if path.is_symlink():
        raise InputError("a link stands where the draft would go", remedy="take it away, or name another --out")
    there = read_plain_text(str(path), _LIMIT_BYTES)
    if there is not None and there != text:
        raise InputError(
            f"another draft is there that somebody may have gone on with: {path.name}",
            remedy="publish it or take it away, or name another --out",
        )
    if there is None and not write_whole(path, text, is_new=True):
        raise InputError("somebody else wrote a draft there meanwhile", remedy="run the same command again")
    return Kept(path, before is not None, False, difference(before, text) if before is not None else ())


def difference(before: str, after: str) -> tuple[str, ...]:
    """A unified diff, without file names."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "in force", "draft", lineterm="", n=2)
    return tuple(lines)
