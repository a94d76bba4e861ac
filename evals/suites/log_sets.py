"""Find labelled logs in a folder, by the names that loghub and loghub-2.0 give them, and read them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import InputError

MAX_LINES = 200_000
"""Of each file the first so many lines; the slowest contender needs ten seconds for them."""

_MAX_FILES = 500
_MAX_BYTES = 8 * 2**30
_NAME = re.compile(r"(?P<system>.+?)(?:_(?:2k|full))?\.log_structured(?P<corrected>_corrected)?\.csv")
_COLUMNS = ("Content", "EventTemplate")


@dataclass(frozen=True)
class LabelledLog:
    """One file; `is_corrected` if its labels were corrected after they were published."""

    system: str
    path: Path
    is_corrected: bool


def find_logs(root: Path) -> tuple[list[LabelledLog], tuple[str, ...]]:
    """The files to measure on and what to tell about the choice: corrected labels go before the others.

    Raises:
        InputError: there is none.
    """
    paths = [root] if root.is_file() else sorted(root.rglob("*_structured*.csv"))[:_MAX_FILES]
    best: dict[tuple[Path, str], LabelledLog] = {}
    for path in paths:
        match = _NAME.fullmatch(path.name)
        if match is None or not path.is_file():
            continue
        log = LabelledLog(match["system"], path, match["corrected"] is not None)
        key = (path.parent, log.system)
        if key not in best or log.is_corrected:
            best[key] = log
    if not best:
        raise InputError(
            f"{root} holds no labelled log",
            remedy="name a folder with files *.log_structured.csv that have the columns Content and EventTemplate",
        )
    logs = sorted(best.values(), key=lambda log: (log.system, str(log.path)))
    notes = [f"{sum(log.is_corrected for log in logs)} of {len(logs)} logs with corrected labels"]
    return logs, tuple(notes)


def read_log(log: LabelledLog) -> tuple[list[str], list[str], bool]:
    """Lines, labels, and whether the file holds more.

    Raises:
        InputError: the file cannot be read as such a table.
    """
    import pyarrow as pa  # noqa: PLC0415 - as below
    import pyarrow.csv as csv  # noqa: PLC0415 - the other suites do without

    if log.path.stat().st_size > _MAX_BYTES:
        raise InputError(f"{log.path.name} is larger than 8 GB", remedy="cut it")
    tables: list[Any] = []
    rows = 0
    try:
        with csv.open_csv(
            log.path,
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                include_columns=_COLUMNS, column_types=dict.fromkeys(_COLUMNS, pa.string()), strings_can_be_null=False
            ),
        ) as reader:
            for batch in reader:
                tables.append(batch)
                rows += batch.num_rows
                if rows > MAX_LINES:
                    break
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError) as error:
        raise InputError(
            f"{log.path.name} is no table with the columns Content and EventTemplate",
            remedy="the file must be CSV in UTF-8 with a head",
        ) from error
    if not rows:
        raise InputError(f"{log.path.name} has no line", remedy="leave the file away")
    table = pa.Table.from_batches(tables).slice(0, MAX_LINES)
    return table["Content"].to_pylist(), table["EventTemplate"].to_pylist(), rows > MAX_LINES
