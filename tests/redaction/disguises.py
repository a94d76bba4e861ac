"""The formats in which logs hold values, and the encodings in which programs hide them."""

from __future__ import annotations

import base64
import gzip
import html
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from opswarden.tests.redaction.planting import Planted

Format = Callable[[str, str], str]
"""A log line, or several, with a value under a key."""

_STAMP = "2026-11-29T10:15:00.123Z"


def _nested(key: str, value: str) -> str:
    inner = json.dumps({"status": 402, "customer": {key: value, "tier": "gold"}})
    return json.dumps({"ts": _STAMP, "level": "error", "message": f"partner said {inner}"})


def _event(key: str, value: str) -> str:
    event = {
        "kind": "Event",
        "type": "Warning",
        "reason": "FailedHook",
        "involvedObject": {"kind": "Pod", "name": "payouts-7d9f8b6c5d-x2x9z"},
        "message": f"hook failed: {key}={value} exit code 1",
    }
    return json.dumps(event)


def _trace(key: str, value: str) -> str:
    return (
        f'Traceback (most recent call last):\n  File "/app/pay.py", line 71, in charge\n'
        f"    send(order, {key}={value!r})\n"
        f"pay.errors.Declined: {key}={value!r} was declined\n"
    )


FORMATS: Mapping[str, Format] = {
    "logfmt": lambda key, value: f'ts={_STAMP} level=info msg="payout prepared" {key}={json.dumps(value)} took=41ms',
    "json": lambda key, value: json.dumps({"ts": _STAMP, "level": "info", "msg": "payout prepared", key: value}),
    "nested escaped json": _nested,
    "stack trace": _trace,
    "access log": lambda key, value: (
        f'192.0.2.7 - - [29/Nov/2026:10:15:00 +0000] "GET /v1/pay?{key}={quote(value, safe="")}&n=1 HTTP/1.1" 200 512'
    ),
    "csv": lambda key, value: f'ts,{key},status\n{_STAMP},"{value}",ok\n',
    "xml": lambda key, value: f"<payment><{key}>{html.escape(value)}</{key}><status>ok</status></payment>",
    "sql": lambda key, value: f"INSERT INTO payers (id, {key}, state) VALUES (7, '{value}', 'ok')",
    "syslog": lambda key, value: f"<134>1 {_STAMP} node-7 payouts 8123 - - prepared {key}={value}; next",
    "k8s event": _event,
    "yaml": lambda key, value: f"payer:\n  {key}: {json.dumps(value)}\n  state: ok\n",
}


def _coloured(text: str) -> str:
    middle = len(text) // 2
    return f"{text[:middle]}\x1b[31m\x1b[1m{text[middle:]}\x1b[0m"


BLOCKS: Mapping[str, Callable[[str], str]] = {
    "base64": lambda text: base64.b64encode(f"data: {text}".encode()).decode(),
    "base64 for urls": lambda text: base64.urlsafe_b64encode(f"data: {text}".encode()).decode().rstrip("="),
    "hex": lambda text: f"data: {text}".encode().hex(),
    "gzip": lambda text: base64.b64encode(gzip.compress(f"data: {text} end".encode(), mtime=0)).decode(),
}
"""Encodings of a text as a whole; half of what they make is half of the value."""
SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "percent": lambda text: "".join(f"%{code:02X}" for code in text.encode()),
    "unicode escapes": lambda text: "".join(f"\\u{ord(part):04x}" for part in text),
    "entities": lambda text: "".join(f"&#{ord(part)};" for part in text),
    "zero-width": "\u200b".join,
    "full width": lambda text: "".join(chr(ord(part) + 0xFEE0) if "!" <= part <= "~" else part for part in text),
}
"""Other ways to write each character; what is found keeps its place."""


@dataclass(frozen=True)
class Hidden:
    """A value in disguise: what to write under which key, and what of it must not come out."""

    key: str
    value: str
    telling: tuple[str, ...]


def hidden(planted: Planted, *encodings: str) -> Hidden:
    """A value under some encodings, the first of them innermost.

    Encodings of whole texts take the key along, which says what some of the values are.
    """
    found = Hidden(planted.key, planted.value, planted.telling)
    for name in encodings:
        if name in BLOCKS:
            text = found.value if found.key == "payload" else f"{found.key}={found.value}"
            value = BLOCKS[name](text)
            found = Hidden("payload", value, (*planted.telling, value[: len(value) // 2], value[len(value) // 2 :]))
        else:
            spell = _coloured if name == "colours" else SPELLINGS[name]
            telling = () if name == "colours" else tuple(map(spell, found.telling))
            found = Hidden(found.key, spell(found.value), (*planted.telling, *telling))
    return found
