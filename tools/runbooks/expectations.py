"""Whether what a step gave is what its page expects."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Literal

Held = Literal["held", "not held", "not judged"]

_PART = re.compile(r"([a-z_][a-z0-9_]*)(?:\[([0-9]{1,3})\])?")


def judged(expected: Mapping[str, Any], status: str, summary: Any) -> Held:
    """Whether an expectation holds.

    Args:
        expected: `status`, `path`, `is` and `value` as `page_form.Expected` has them; none of them is not judged.
        status: of the call; after an error nothing can be judged.
        summary: of the call, as an agent sees it.
    """
    if status not in ("ok", "truncated", "no_data"):
        return "not judged"
    wanted = expected.get("status")
    if wanted is not None and (wanted == "no_data") != (status == "no_data"):
        return "not held"
    path, comparison = expected.get("path"), expected.get("is")
    if not path or not comparison:
        return "held" if wanted is not None else "not judged"
    found = _at(summary, str(path))
    answer = None if found is None else _compared(found, str(comparison), expected.get("value"))
    return "not judged" if answer is None else "held" if answer else "not held"


def _at(summary: Any, path: str) -> Any:
    current = summary
    for part in path.split("."):
        match = _PART.fullmatch(part)
        if match is None or not isinstance(current, Mapping):
            return None
        current = current.get(match[1])
        if match[2] is not None:
            place = int(match[2])
            current = current[place] if isinstance(current, list | tuple) and place < len(current) else None
    return current


def _compared(found: Any, comparison: str, value: Any) -> bool | None:
    if comparison in ("below", "above"):
        if isinstance(found, bool) or not isinstance(found, int | float) or not isinstance(value, int | float):
            return None
        if not math.isfinite(found):
            return None
        return found < value if comparison == "below" else found > value
    if comparison == "contains":
        return str(value) in found if isinstance(found, str | list | tuple) else None
    if isinstance(found, int | float) and isinstance(value, int | float):
        return float(found) == float(value)
    return str(found) == str(value)
