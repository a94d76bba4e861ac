"""A double of the command journalctl of systemd 252: a script that is put into the search path; it is no journalctl.

It takes the options that we pass and no others, and writes lines of a snapshot as `--output=json` does: numbers as
text, bytes that are no printable text as a list of numbers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from opswarden.tools.logs.levels import level_of

_PRIORITIES = {"error": "3", "warning": "4", "info": "6", "debug": "7"}
_SCRIPT = """#!{python} -SE
import json, re, sys
options = dict(word.partition("=")[::2] for word in sys.argv[1:])
flags = {{"--no-pager", "--quiet", "--utc", "--all"}}
known = flags | {{"--output", "--output-fields", "--directory", "--since", "--until", "--cursor", "--lines"}}
if set(options) - known or not flags <= set(options) or options["--output"] != "json":
    sys.exit("journalctl: unrecognized option")
fields = set(options["--output-fields"].split(","))
left = int(options.get("--lines", 10**9))
for raw in open({lines!r}):
    line = json.loads(raw)
    us = int(line["__REALTIME_TIMESTAMP"])
    if "--since" in options and us < int(options["--since"].removeprefix("@")) * 10**6:
        continue
    if "--until" in options and us > int(options["--until"].removeprefix("@")) * 10**6:
        continue
    if "--cursor" in options and line["__CURSOR"] != options["--cursor"]:
        continue
    if not left:
        break
    left -= 1
    print(json.dumps({{k: v for k, v in line.items() if k.startswith("__") or k in fields}}))
"""


def cursor(number: int) -> str:
    """As a real one looks."""
    return f"s={7:032x};i={number:x};b={8:032x};m={number:x};t={number:x};x={9:x}"


def install(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the command and what it knows into a folder."""
    folder.mkdir(exist_ok=True)
    lines = folder / "lines.jsonl"
    ordered = sorted(enumerate(rows), key=lambda item: (item[1]["ts"], item[0]))
    lines.write_text("".join(json.dumps(_line(row, number)) + "\n" for number, row in ordered))
    command = folder / "journalctl"
    command.write_text(_SCRIPT.format(python=sys.executable, lines=str(lines)))
    command.chmod(0o700)


def _line(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    at: datetime = row["ts"]
    body = row["body"] or ""
    line = {
        "__CURSOR": cursor(number),
        "__REALTIME_TIMESTAMP": str(round(at.timestamp() * 1e6)),
        "MESSAGE": body if body.isprintable() else list(body.encode()),
        "_SYSTEMD_UNIT": f"{row['entity']}.service",
        "_HOSTNAME": "bakery",
        "_MACHINE_ID": "never asked for",
        "PRIORITY": _PRIORITIES.get(level_of(row["level"])),
        "TRACE_ID": row.get("trace_id"),
        "SPAN_ID": row.get("span_id"),
    }
    return {name: value for name, value in line.items() if value is not None}
