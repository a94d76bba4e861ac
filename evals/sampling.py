"""A smaller run over the same data: the same few cases of every set each time."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from ..core.errors import InputError
from .cases import Case


def sample(cases: Sequence[Case], limit: int | None, seed: int) -> tuple[Case, ...]:
    """At most `limit` cases of every set, in the order of their ids.

    Which ones follows from a hash of seed and id, so adding cases to a set or leaving out another set changes little.
    Cases with a known problem are drawn like the others: leaving them out would hide errors.

    Raises:
        InputError: a limit below 1.
    """
    if limit is not None and limit < 1:
        raise InputError("the number of cases per set is below 1", remedy="leave the limit away to take all cases")
    by_set: dict[str, list[Case]] = defaultdict(list)
    for case in sorted(cases, key=lambda case: _draw(case, seed)):
        by_set[case.set_name].append(case)
    taken = [case for members in by_set.values() for case in members[:limit]]
    return tuple(sorted(taken, key=lambda case: case.id))


def _draw(case: Case, seed: int) -> tuple[bytes, str]:
    return hashlib.blake2b(f"{seed}|{case.id}".encode(), digest_size=16).digest(), case.id
