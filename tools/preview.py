"""What a call would change, said by the tool before it does: for the person who is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Plain: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True)
class Change:
    """One value that would become another one.

    Args:
        field: what people call it: `replicas`, `alias production`.
        before: the value now; `None` where there is none.
        after: the value then; `None` where it goes.
    """

    field: str
    before: Plain
    after: Plain


@dataclass(frozen=True)
class Preview:
    """The effect of one call, seen from the system as it is now.

    If anything but the warnings is another when the call is about to run, the approval is void. So `before` holds what
    matters to whoever decides, and no counters or times that move by themselves.

    Args:
        what: the effect in one sentence, in the tool's own words.
        where: the system, cluster or account that it would happen in.
        changes: from which value to which.
        warnings: what a person should know before they agree: who else uses it, what cannot be undone.
    """

    what: str
    where: str
    changes: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()
