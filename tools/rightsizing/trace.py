"""A raw trace, CSV or Parquet, read by a mapping that says which column or expression of columns is what.

Expressions know columns, numbers, `+ - * /` and parentheses, and nothing else: they are parsed here, never handed on as
they are.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...core.errors import InputError
from ..in_memory import in_memory
from .use import SampledUse, SizedResource

if TYPE_CHECKING:
    import duckdb

MOST_SAMPLES = 30_000_000
_TOKEN = re.compile(r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<column>[A-Za-z_]\w*)|(?P<sign>[-+*/()]))")
_NEEDED = ("workload", "ts")
FIELDS = (*_NEEDED, "cpu", "cpu_size", "memory", "memory_size")
_LONGEST = 200
_MOST_MAPPING_BYTES = 20_000
_DAY_S = 86_400
_MOST_DAYS = 4_000
_MOST_CELLS = 4_000_000


def read_mapping(file: Path) -> dict[str, str]:
    """A mapping from a TOML table: `cpu = "used_mhz / 1000"`.

    Raises:
        InputError: it is none.
    """
    try:
        with file.open("rb") as stream:
            text = stream.read(_MOST_MAPPING_BYTES + 1)
        table = tomllib.loads(text.decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise InputError("the mapping file cannot be read", remedy='write TOML: cpu = "used_mhz / 1000"') from None
    if len(text) > _MOST_MAPPING_BYTES or not all(isinstance(value, str) for value in table.values()):
        raise InputError("the mapping file is no table of texts", remedy='write TOML: cpu = "used_mhz / 1000"')
    return table


def read_trace(path: Path, mapping: Mapping[str, str]) -> dict[SizedResource, SampledUse]:
    """The usage of a file by resource.

    Days begin at the first sample, so that weeks are whole. One moment of one workload counts once, with the largest
    value. Of usage above what was reserved at that moment only that much counts; samples without a size do not count.

    Args:
        path: a Parquet or CSV file.
        mapping: expressions for `workload` and `ts`, and for `cpu` and `cpu_size` (cores), `memory` and `memory_size`
            (bytes), or one pair of them.

    Raises:
        InputError: the file or the mapping cannot be used.
    """
    resources = [one for one in ("cpu", "memory") if one in mapping]
    _check(mapping, resources)
    if not path.is_file():
        raise InputError("there is no such file", remedy="give a Parquet or CSV file, or a fleet folder")
    import duckdb  # noqa: PLC0415 - 200 ms that only queries need

    reader = "read_csv_auto" if path.suffix.lower() in (".csv", ".gz", ".tsv") else "read_parquet"
    connection = in_memory(2)
    try:
        connection.execute(f"CREATE VIEW trace AS SELECT * FROM {reader}({_quoted(str(path))})")  # noqa: S608 - a quoted path
        columns = {row[0] for row in connection.execute("DESCRIBE trace").fetchall()}
        sql = {field: to_sql(text, columns, field) for field, text in mapping.items()}
        names, rows = _read(connection, sql, resources)
    except duckdb.Error:
        raise InputError(
            "the file cannot be read with this mapping",
            remedy="check that it is Parquet or CSV, and the columns' types",
        ) from None
    finally:
        connection.close()
    return {"cpu" if one == "cpu" else "memory": _grid(one, names, rows) for one in resources}


def _check(mapping: Mapping[str, str], resources: list[str]) -> None:
    unknown = sorted(set(mapping) - set(FIELDS))
    missing = [one for one in _NEEDED if one not in mapping]
    missing += [f"{one}_size" for one in resources if f"{one}_size" not in mapping]
    if unknown or missing or not resources:
        what = f"has unknown fields ({len(unknown)})" if unknown else f"lacks {', '.join(missing) or 'cpu or memory'}"
        raise InputError(f"the mapping {what}", remedy=f"fields: {', '.join(FIELDS)}; see docs/rightsizing.md")


def to_sql(text: str, columns: set[str], field: str) -> str:
    """An expression of a mapping as SQL over quoted columns.

    Raises:
        InputError: it is none, or names a column that there is not.
    """
    if len(text) > _LONGEST:
        raise InputError(f"the expression for {field} is too long", remedy=f"write at most {_LONGEST} letters")
    if text in columns:
        return _name(text)
    parts, at = [], 0
    while at < len(text.rstrip()):
        found = _TOKEN.match(text, at)
        if found is None:
            raise InputError(
                f"the expression for {field} cannot be read", remedy="use columns, numbers, + - * / and parentheses"
            )
        if found["column"] is not None and found["column"] not in columns:
            raise InputError(
                f"the expression for {field} names a column that the file has not", remedy="see the file's header"
            )
        # A division by a size of 0 gives no value, instead of an error or an infinite one.
        parts.append(
            f"CAST({_name(found['column'])} AS DOUBLE)" if found["column"] else found["number"] or found["sign"]
        )
        at = found.end()
    _check_shape(parts, field)
    return " ".join(parts)


def _check_shape(parts: list[str], field: str) -> None:
    """Operands and signs take turns, parentheses close."""
    depth, wants_operand = 0, True
    for part in parts:
        is_operand = part not in ("+", "-", "*", "/", "(", ")")
        if part == "(" and wants_operand:
            depth += 1
        elif part == ")" and not wants_operand and depth > 0:
            depth -= 1
        elif is_operand and wants_operand:
            wants_operand = False
        elif part in ("+", "-", "*", "/") and not wants_operand:
            wants_operand = True
        else:
            depth = -1
            break
    if depth != 0 or wants_operand:
        raise InputError(f"the expression for {field} cannot be read", remedy="check operators and parentheses")


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _read(
    connection: duckdb.DuckDBPyConnection, sql: Mapping[str, str], resources: list[str]
) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The names of the workloads, and a row per workload and moment."""
    connection.execute(
        "CREATE TABLE named AS SELECT row_number() OVER (ORDER BY workload) - 1 AS number, workload"  # noqa: S608 - parsed above
        f" FROM (SELECT DISTINCT CAST({sql['workload']} AS VARCHAR) AS workload FROM trace)"
        " WHERE workload IS NOT NULL"
    )
    values = ", ".join(
        f"CAST({sql[field]} AS DOUBLE) AS {field}" for one in resources for field in (one, f"{one}_size")
    )
    most = ", ".join(f"max({field}) AS {field}" for one in resources for field in (one, f"{one}_size"))
    rows = connection.execute(
        f"WITH samples AS (SELECT CAST({sql['workload']} AS VARCHAR) AS workload,"  # noqa: S608 - parsed above
        f" epoch_us(CAST({sql['ts']} AS TIMESTAMP)) // 1000000 AS moment, {values} FROM trace)"
        f" SELECT number, moment, {most} FROM samples JOIN named USING (workload) WHERE moment IS NOT NULL"
        f" GROUP BY number, moment ORDER BY number, moment LIMIT {MOST_SAMPLES + 1}"
    ).fetchnumpy()
    if len(rows["moment"]) > MOST_SAMPLES:
        raise InputError(
            f"the file has more than {MOST_SAMPLES} samples", remedy="make a fleet of it first; see docs/rightsizing.md"
        )
    names = connection.execute("SELECT workload FROM named ORDER BY number").fetchall()
    return tuple(name for (name,) in names), rows


def _grid(resource: str, names: tuple[str, ...], rows: Mapping[str, Any]) -> SampledUse:
    value, size = (np.ma.filled(rows[one].astype(np.float64), np.nan) for one in (resource, f"{resource}_size"))
    at, number = np.asarray(rows["moment"], np.int64), np.asarray(rows["number"], np.int64)
    start = int(at.min()) if len(at) else 0
    with np.errstate(invalid="ignore"):
        counts = np.isfinite(value) & np.isfinite(size) & (value >= 0) & (size > 0)
    if not counts.any():
        raise InputError(f"no sample of {resource} is left", remedy="a sample needs a value, not negative, and a size")
    value, size, number = value[counts], size[counts], number[counts]
    day = (at[counts] - start) // _DAY_S
    # A last day of a few minutes is a whole one of which nearly all is missing: it would only shift the weeks.
    days = int((at.max() - start + _DAY_S // 2) // _DAY_S)
    if not 1 <= days <= _MOST_DAYS or len(names) * days > _MOST_CELLS:
        raise InputError(
            "the file covers no whole day, or too many days and workloads", remedy="give more of it, or less"
        )
    kept = day < days
    value, size, key = value[kept], size[kept], (number * days + day)[kept]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    length = np.diff(np.concatenate([starts, [len(key)]]))
    sizes = np.full(len(names) * days, np.nan)
    np.fmax.at(sizes, key, size)
    values = np.full((len(names) * days, int(length.max())), np.nan, np.float32)
    values[key, np.arange(len(key)) - np.repeat(starts, length)] = np.minimum(value, size)
    shape = (len(names), days)
    return SampledUse(
        "cpu" if resource == "cpu" else "memory",
        names,
        values.reshape(*shape, -1),
        sizes.reshape(shape),
        float(np.median(length)),
    )
