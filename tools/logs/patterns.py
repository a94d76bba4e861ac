"""Which kinds of lines came, went or surged, for each entity: templates and scores over counted lines."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..arrow import compute as pc
from ..metrics.counts import count_shift
from .families import family_of
from .grouped import BLOCKS, GroupedLines
from .levels import speaks_of_trouble
from .mining import MAX_TEXTS, templates_of
from .novelty import surprise
from .stacktraces import FRAMES

PATTERN_COLUMNS = pa.schema(
    [
        ("entity", pa.string()),
        ("template", pa.string()),
        ("level", pa.string()),  # of most of its lines: error, warning, info, debug or unknown
        ("kind", pa.string()),  # new, surged, vanished, steady; null where there is nothing to compare with
        ("score", pa.float64()),  # usual wobbles, < 0 for fewer; null where there is nothing to compare with
        ("count_before", pa.int64()),
        ("count_after", pa.int64()),
        ("rate_before_per_s", pa.float64()),
        ("rate_after_per_s", pa.float64()),
        ("rate_ratio", pa.float64()),  # half a line added to both sides, so it is finite
        ("errors_before", pa.int64()),  # lines at level error, or without a level and speaking of failure
        ("errors_after", pa.int64()),
        ("levels_after", pa.map_(pa.string(), pa.int64())),
        ("first_us", pa.int64()),  # in the baseline or the window
        ("onset_us", pa.int64()),  # in the window; null if not there
        ("last_us", pa.int64()),  # in the baseline or the window
        ("family", pa.string()),  # of the failure that it speaks of, one of families.Family; else null
        ("exception", pa.string()),  # class of what was thrown, from the example; null if nothing was
        ("frame", pa.string()),  # the innermost frame of its trace that is in no runtime or well-known library
        ("example_id", pa.string()),
        ("example", pa.string()),  # null beyond the first thousand patterns
    ]
)
"""Columns of the artifact of `logs.patterns`: a row per entity and template, the most interesting first.

The row whose template is `OTHER` counts the lines of an entity that belong to no listed pattern.
"""

OTHER = "(other lines)"

_STANDS_OUT = 3.0
_GONE = 0.1
_LEVEL_NAMES = ("error", "warning", "info", "debug", "unknown")

Ints = npt.NDArray[np.int64]


def find_patterns(found: GroupedLines, baseline_s: float, window_s: float) -> tuple[pa.Table, bool]:
    """Templates per entity, scored.

    Args:
        found: counted lines.
        baseline_s: length of the baseline.
        window_s: length of the window.

    Returns:
        `PATTERN_COLUMNS` with null examples, and whether all lines are in a pattern of their own.
    """
    rows, texts, all_texts = _with_template(found.rows)
    if not len(rows):
        table = PATTERN_COLUMNS.empty_table()
    else:
        table = _scored(_folded(rows, texts), texts, baseline_s, window_s, _is_comparable(found))
    complete = found.complete and all_texts
    if not complete:
        table = pa.concat_tables([table, _left_out(found.totals, table, baseline_s, window_s)])
    return table, complete


def _with_template(rows: pa.Table) -> tuple[pa.Table, list[str], bool]:
    """Add the number of its template to every row; rows of the rarest texts beyond the limit are dropped."""
    weights = pc.multiply(_total(rows), rows["weight"])
    counted = pa.table({"masked": rows["masked"], "lines": weights}).group_by("masked").aggregate([("lines", "sum")])
    ranked = counted.sort_by([("lines_sum", "descending"), ("masked", "ascending")])
    kept = ranked.slice(0, MAX_TEXTS)
    numbers, texts = templates_of(kept["masked"].to_pylist(), kept["lines_sum"].to_pylist())
    place = pc.index_in(rows["masked"], kept["masked"].combine_chunks())
    rows = rows.filter(pc.is_valid(place))
    numbered = pc.take(pa.array(numbers, pa.int64()), place.drop_null())
    return rows.append_column("template", numbered), texts, len(kept) == len(ranked)


def _total(rows: pa.Table) -> pa.ChunkedArray:
    total = rows["after"]
    for block in range(BLOCKS):
        total = pc.add(total, rows[f"before_{block}"])
    return total


def _folded(rows: pa.Table, texts: list[str]) -> pa.Table:
    """One row per entity and template, sums of everything."""
    trouble = pa.array([speaks_of_trouble(text) for text in texts], pa.bool_()).take(rows["template"].combine_chunks())
    level, before = rows["level"], pc.subtract(_total(rows), rows["after"])
    is_error = pc.or_(pc.equal(level, "error"), pc.and_(pc.equal(level, "unknown"), trouble))
    lines_after, lines_before = pc.multiply(rows["after"], rows["weight"]), pc.multiply(before, rows["weight"])
    columns = {
        "entity": rows["entity"],
        "template": rows["template"],
        "first_us": rows["first_us"],
        "onset_us": rows["onset_us"],
        "last_us": rows["last_us"],
        # The example comes from the group with most lines in the window.
        "best": pc.add(pc.multiply(rows["after"], 1_000), pc.min_element_wise(before, 999)),
        "row": pa.array(np.arange(len(rows))),
        "count_before": lines_before,
        "count_after": lines_after,
        "errors_before": pc.if_else(is_error, lines_before, 0),
        "errors_after": pc.if_else(is_error, lines_after, 0),
        "raw_after": rows["after"],
    }
    for block in range(BLOCKS):
        columns[f"raw_{block}"] = rows[f"before_{block}"]
    for name in _LEVEL_NAMES:
        mine = pc.equal(level, name)
        columns[f"after_{name}"] = pc.if_else(mine, lines_after, 0)
        columns[f"before_{name}"] = pc.if_else(mine, lines_before, 0)
    ordered = pa.table(columns).sort_by([("best", "descending"), ("row", "ascending")])
    ordered = ordered.append_column("example_id", rows["example_id"].take(ordered["row"]))
    sums = [name for name in columns if name.startswith(("count_", "errors_", "raw_", "after_", "before_"))]
    folded = ordered.group_by(["entity", "template"], use_threads=False).aggregate(
        [
            *((name, "sum") for name in sums),
            ("first_us", "min"),
            ("onset_us", "min"),
            ("last_us", "max"),
            ("example_id", "first"),
        ]
    )
    return folded.rename_columns([_plain(name) for name in folded.column_names])


def _plain(name: str) -> str:
    for ending in ("_sum", "_min", "_max", "_first"):
        name = name.removesuffix(ending)
    return name


def _ints(table: pa.Table, name: str) -> Ints:
    return np.asarray(table[name].to_numpy(), np.int64)


def _is_comparable(found: GroupedLines) -> bool:
    """Whether the baseline holds any line at all, and was read: without one everything would look new."""
    return not found.unread and (pc.sum(found.totals["before"]).as_py() or 0) > 0


def _scored(folded: pa.Table, texts: list[str], baseline_s: float, window_s: float, comparable: bool) -> pa.Table:
    before, after = _ints(folded, "count_before"), _ints(folded, "count_after")
    blocks = np.stack([_ints(folded, f"raw_{block}") for block in range(BLOCKS)], axis=1)
    raw_after = _ints(folded, "raw_after")
    owner = np.asarray(folded["entity"].combine_chunks().dictionary_encode().indices.to_numpy(), np.int64)
    score = count_shift(blocks, raw_after, np.full(BLOCKS, baseline_s / BLOCKS), window_s)
    share = _share_shift(blocks, raw_after, owner)
    # More of everything is more traffic: only failures count for themselves.
    failing = np.asarray(_is_failure(folded).to_numpy(), bool)
    score = np.where(
        failing | (np.abs(share) > np.abs(score)), score, np.where(np.sign(score) == np.sign(share), share, 0.0)
    )
    score = score * surprise(blocks, raw_after, owner, window_s * BLOCKS / baseline_s)
    rate_before, rate_after = before / baseline_s, after / window_s
    ratio = ((after + 0.5) / window_s) / ((before + 0.5) / baseline_s)
    kind = np.full(len(folded), "steady", dtype=object)
    kind[score >= _STANDS_OUT] = "surged"
    kind[(score <= -_STANDS_OUT) & (rate_after <= rate_before * _GONE)] = "vanished"
    kind[(before == 0) & (after > 0)] = "new"
    errors_after = _ints(folded, "errors_after")
    # Trouble first; what became rarer is half as interesting as what became more frequent.
    interest = np.where(score >= 0, score * (1 + errors_after / np.maximum(after, 1)), -score / 2)
    if not comparable:
        interest = errors_after * 1e9 + after
    levels, usual = _levels(folded)
    templates = pa.array(texts, pa.string()).take(folded["template"].combine_chunks())
    # How many frames a trace has is no news; the line above them is.
    unknown = np.asarray(pc.equal(templates, FRAMES).to_numpy(zero_copy_only=False), bool) | (not comparable)
    families = pa.array([family_of(text) for text in texts], pa.string()).take(folded["template"].combine_chunks())
    table = pa.table(
        {
            "entity": folded["entity"],
            "template": templates,
            "level": pa.array(_LEVEL_NAMES).take(pa.array(usual)),
            "kind": pa.array(kind, pa.string(), mask=unknown),
            "score": pa.array(score, mask=unknown),
            "count_before": before,
            "count_after": after,
            "rate_before_per_s": rate_before,
            "rate_after_per_s": rate_after,
            "rate_ratio": ratio,
            "errors_before": folded["errors_before"],
            "errors_after": folded["errors_after"],
            "levels_after": [[(n, int(c)) for n, c in zip(_LEVEL_NAMES, row, strict=True) if c] for row in levels],
            "first_us": folded["first_us"],
            "onset_us": folded["onset_us"],
            "last_us": folded["last_us"],
            "family": pc.if_else(_is_failure(folded), families, None),
            "exception": pa.nulls(len(folded), pa.string()),
            "frame": pa.nulls(len(folded), pa.string()),
            "example_id": folded["example_id"],
            "example": pa.nulls(len(folded), pa.string()),
            "interest": interest,
        },
        schema=pa.schema([*PATTERN_COLUMNS, ("interest", pa.float64())]),
    )
    order = [
        ("interest", "descending"),
        ("count_after", "descending"),
        ("entity", "ascending"),
        ("template", "ascending"),
    ]
    return table.sort_by(order).drop_columns("interest")


def _share_shift(blocks: Ints, after: Ints, owner: Ints) -> npt.NDArray[np.float64]:
    """How far each pattern moved against its entity's other lines; -inf where there are none to hold it against."""
    size = int(owner.max()) + 1
    before_all, after_all = np.zeros((size, blocks.shape[1]), np.int64), np.zeros(size, np.int64)
    np.add.at(before_all, owner, blocks)
    np.add.at(after_all, owner, after)
    before_others, after_others = before_all[owner] - blocks, after_all[owner] - after
    share = count_shift(blocks, after, before_others, after_others)
    return np.where((after_others > 0) & (before_others.sum(axis=1) > 0), share, -np.inf)


def _levels(folded: pa.Table) -> tuple[Ints, Ints]:
    """Lines of the window by level, and the place of the level that most lines have."""
    after = np.stack([_ints(folded, f"after_{name}") for name in _LEVEL_NAMES], axis=1)
    before = np.stack([_ints(folded, f"before_{name}") for name in _LEVEL_NAMES], axis=1)
    return after, np.where(after.sum(axis=1) > 0, after.argmax(axis=1), before.argmax(axis=1))


def _is_failure(folded: pa.Table) -> pa.ChunkedArray:
    """Whether any of its lines is at level error or warning, or has no level and speaks of failure."""
    warnings = pc.add(folded["after_warning"], folded["before_warning"])
    return pc.greater(pc.add(warnings, pc.add(folded["errors_before"], folded["errors_after"])), 0)


def _left_out(totals: pa.Table, table: pa.Table, baseline_s: float, window_s: float) -> pa.Table:
    """What the totals of an entity say beyond its patterns."""
    listed = table.group_by("entity", use_threads=False).aggregate([("count_before", "sum"), ("count_after", "sum")])
    known = {row["entity"]: row for row in listed.to_pylist()}
    rest = []
    for row in totals.to_pylist():
        counted = known.get(row["entity"], {"count_before_sum": 0, "count_after_sum": 0})
        before = max(row["before"] - counted["count_before_sum"], 0)
        after = max(row["after"] - counted["count_after_sum"], 0)
        if before + after:
            rest.append(
                {
                    "entity": row["entity"],
                    "template": OTHER,
                    "level": "unknown",
                    "count_before": before,
                    "count_after": after,
                    "rate_before_per_s": before / baseline_s,
                    "rate_after_per_s": after / window_s,
                }
            )
    return pa.Table.from_pylist(rest, schema=PATTERN_COLUMNS)
