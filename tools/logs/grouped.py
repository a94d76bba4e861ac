"""Lines counted by entity, level and masked text: what a backend hands to the search for patterns."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

BLOCKS = 8
"""Equal parts of the baseline that are counted apart; they show how much a count usually wanders."""

MAX_GROUPS = 50_000
"""Groups that a backend keeps: first those at level error in the window, then the largest."""

GROUP_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("level", pa.string()),  # one of levels.Level
        ("masked", pa.string()),
        ("weight", pa.int64()),  # how many lines each counted one stands for
        ("first_us", pa.int64()),  # in both windows
        ("onset_us", pa.int64()),  # in the window; null if not there
        ("last_us", pa.int64()),  # in both windows
        ("example_id", pa.string()),  # in the window if there, else in the baseline
        ("after", pa.int64()),
        *((f"before_{block}", pa.int64()) for block in range(BLOCKS)),
    ]
)
"""One row per entity, level and masked text; counts are lines looked at, to be multiplied by `weight`."""

TOTAL_COLUMNS = pa.schema([("entity", pa.string()), ("before", pa.int64()), ("after", pa.int64())])
"""Lines per entity in each window, all of them, whatever was sampled or left out."""


@dataclass(frozen=True)
class GroupedLines:
    """Counted lines.

    Args:
        rows: `GROUP_COLUMNS`, at most `MAX_GROUPS`.
        totals: `TOTAL_COLUMNS`.
        complete: whether every group is in `rows`.
        spanned: the lines that name a span (`backends.types.LINE_COLUMNS`, without attributes), as they streamed by;
            `None` where not every line was read, or where they lie beside the spans anyway.
        unread: what was left out because time ran out, in our words; empty if nothing was. What was read is then in
            `rows` as it is, the window before its baseline, and the two are not to be compared.
    """

    rows: pa.Table
    totals: pa.Table
    complete: bool
    spanned: pa.Table | None = None
    unread: str = ""
