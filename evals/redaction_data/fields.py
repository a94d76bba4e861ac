"""A value under a key in the dress of many formats, with the place where it then lies."""

# ruff: noqa: S608 - the SQL is a text to scan, run by nobody
from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape

from .draw import HEX, LOWER, Draw
from .generator import Made

NEUTRAL_KEYS = ("xq7", "field_12", "f", "v", "payload.items[3].f", "col9", "zz_k", "data.attributes.a1", "p2", "kbx")
"""Keys that tell nothing."""


class Placed(NamedTuple):
    """A text, and where in it the value lies (whatever it was encoded to)."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Format:
    """How one field is written.

    Args:
        write: the field with other fields around it, for a key, a value and what chance adds.
        is_lines: several lines, so no line of a service goes around it.
        takes_wide: long values with signs of their own are at home in it.
    """

    name: str
    write: Callable[[str, Made, Draw], Placed]
    is_lines: bool = False
    takes_wide: bool = True


def _written(front: str, made: Made, rear: str, encode: Callable[[str], str] = str) -> Placed:
    """Front and rear with the encoded value between them."""
    before, value, after = map(encode, made)
    start = len(front) + len(before)
    return Placed(f"{front}{before}{value}{after}{rear}", start, start + len(value))


def _json_text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _json_twice(value: str) -> str:
    return _json_text(_json_text(value))


def _last(key: str) -> str:
    """The key without the path in front of it."""
    return key.rpartition(".")[2]


def _name(key: str) -> str:
    """A name that XML, SQL and shells allow, also of keys in other scripts."""
    return "".join(part if part.isalnum() else "_" for part in _last(key)).strip("_") or "f"


def _needs_quotes(made: Made) -> bool:
    return any(part.isspace() or part in "\"'&;,=" for part in "".join(made))


def _logfmt(key: str, made: Made, draw: Draw) -> Placed:
    quote_sign = '"' if _needs_quotes(made) else ""
    front = f"level=info req={draw.text(HEX, 8)} {key.replace('[', '.').replace(']', '')}={quote_sign}"
    return _written(front, made, f"{quote_sign} took_ms={draw.number(1, 900)}", _json_text if quote_sign else str)


def _colon(key: str, made: Made, draw: Draw) -> Placed:
    return _written(
        f"attempt {draw.number(1, 5)} {_last(key)}: ", made, f" status {draw.pick(('ok', 'failed', 'retry'))}"
    )


def _json_flat(key: str, made: Made, draw: Draw) -> Placed:
    front = f'{{"level":"info","n":{draw.number(1, 99)},"{_last(key)}":"'
    return _written(front, made, f'","took_ms":{draw.number(1, 900)}}}', _json_text)


def _json_nested(key: str, made: Made, draw: Draw) -> Placed:
    front = f'{{"event":"update","body":{{"items":[{{"id":{draw.number(1, 99)},"{_last(key)}": "'
    return _written(front, made, '"}]},"ok":true}', _json_text)


def _json_escaped(key: str, made: Made, draw: Draw) -> Placed:
    front = f'{{"severity":"WARNING","message":"rejected {{\\"n\\":{draw.number(1, 99)},\\"{_last(key)}\\":\\"'
    return _written(front, made, '\\",\\"retry\\":false}"}', _json_twice)


def _query(key: str, made: Made, draw: Draw) -> Placed:
    front = f"GET /v{draw.number(1, 3)}/{draw.text(LOWER, 6)}?page={draw.number(1, 9)}&{quote(_last(key))}="
    return _written(
        front, made, f"&limit=50 HTTP/1.1 {draw.pick((200, 400, 500))}", lambda value: quote(value, safe="")
    )


def _csv(key: str, made: Made, draw: Draw) -> Placed:
    sign = '"' if "," in "".join(made) or "\n" in "".join(made) else ""
    front = f"row,status,{_name(key)},attempts\n{draw.number(1, 999)},ok,{sign}"
    return _written(front, made, f"{sign},{draw.number(1, 9)}")


def _sql(key: str, made: Made, draw: Draw) -> Placed:
    front = f"UPDATE accounts SET retries = {draw.number(0, 9)} WHERE {_name(key)} = '"
    return _written(front, made, "' LIMIT 1", lambda value: value.replace("'", "''"))


def _sql_insert(key: str, made: Made, draw: Draw) -> Placed:
    front = f"INSERT INTO accounts (id, {_name(key)}, active) VALUES ({draw.number(1, 999)}, '"
    return _written(front, made, "', true)", lambda value: value.replace("'", "''"))


def _xml(key: str, made: Made, draw: Draw) -> Placed:
    name = _name(key)
    return _written(f'<row n="{draw.number(1, 99)}"><{name}>', made, f"</{name}></row>", escape)


def _header(key: str, made: Made, draw: Draw) -> Placed:
    name = "-".join(part.capitalize() for part in _name(key).split("_"))
    return _written(f"Accept: */*\nX-{name}: ", made, f"\nContent-Length: {draw.number(10, 900)}")


def _trace(key: str, made: Made, draw: Draw) -> Placed:
    front = f"java.lang.IllegalStateException: {_last(key)} rejected: {_name(key)}="
    rear = f"\n\tat com.example.{draw.text(LOWER, 6)}.Validator.check(Validator.java:{draw.number(10, 400)})"
    return _written(front, made, rear)


def _yaml(key: str, made: Made, draw: Draw) -> Placed:
    front = f"spec:\n  replicas: {draw.number(1, 9)}\n  {_name(key)}: "
    return _written(front, made, "\n  active: true")


def _python(key: str, made: Made, draw: Draw) -> Placed:
    return _written(
        f"{{'n': {draw.number(1, 99)}, '{_last(key)}': '", made, "', 'ok': False}", lambda value: repr(value)[1:-1]
    )


def _java(key: str, made: Made, draw: Draw) -> Placed:
    return _written(f"Account(id={draw.number(1, 999)}, {_name(key)}=", made, ", active=true)")


def _base64(key: str, made: Made, draw: Draw) -> Placed:
    """The value cannot be told from the rest: the whole blob has to go."""
    document = json.dumps({"n": draw.number(1, 99), _last(key): "".join(made)}, ensure_ascii=False)
    blob = base64.b64encode(document.encode()).decode()
    return _written("published payload=", Made("", blob.rstrip("=")), " partition=3")


FORMATS: tuple[Format, ...] = (
    Format("logfmt", _logfmt),
    Format("colon", _colon),
    Format("json", _json_flat),
    Format("json nested", _json_nested),
    Format("json escaped", _json_escaped),
    Format("url query", _query),
    Format("csv", _csv, is_lines=True),
    Format("sql where", _sql),
    Format("sql insert", _sql_insert),
    Format("xml", _xml),
    Format("http header", _header, is_lines=True),
    Format("stack trace", _trace, is_lines=True),
    Format("yaml", _yaml, is_lines=True),
    Format("python repr", _python),
    Format("java toString", _java, takes_wide=False),
    Format("base64", _base64),
)
