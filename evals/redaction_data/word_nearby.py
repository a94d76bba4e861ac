"""A value under a key that says nothing, beside a word that says what it is: all there is for ids without a check."""

from __future__ import annotations

import json
from collections.abc import Callable

from .draw import HEX, Draw
from .fields import Placed
from .generator import Made

# Name, and the text; `{word}` and `{key}` are filled in, `\0` is where the value goes.
_WORDINGS: tuple[tuple[str, str], ...] = (
    ("kind beside it, logfmt", 'level=info req={id} doc_type="{word}" {key}=\0 took_ms=31'),
    ("kind beside it, json", '{{"n":7,"docType":"{word}","{key}":"\0"}}'),
    ("type and value, json", '{{"document":{{"type":"{word}","value":"\0"}},"n":7}}'),
    ("kind beside it, escaped", '{{"message":"rejected {{\\"kind\\":\\"{word}\\",\\"{key}\\":\\"\0\\"}}"}}'),
    ("message before it", "{word} check failed {key}=\0 attempt 2"),
    ("in brackets", "invalid {word} [\0] for request {id}"),
    ("kind beside it, xml", '<row><doc kind="{word}"><{key}>\0</{key}></doc></row>'),
    ("kind beside it, sql", "UPDATE docs SET state = 2 WHERE kind = '{word}' AND {key} = '\0'"),
    ("kind beside it, csv", "n,kind,{key}\n7,{word},\0"),
    ("kind beside it, query", "GET /v1/docs?kind={word}&{key}=\0&limit=1 HTTP/1.1 404"),
    ("kind beside it, toString", "Document(kind={word}, {key}=\0, n=7)"),
    ("kind above it, yaml", "document:\n  kind: {word}\n  {key}: \0\n"),
)


def write_beside(number: int) -> tuple[str, Callable[[str, str, Made, Draw], Placed]]:
    """The format of the n-th line, formats taking turns: its name, and what writes word, key and value."""
    name, wording = _WORDINGS[number % len(_WORDINGS)]

    def write(word: str, key: str, made: Made, draw: Draw) -> Placed:
        said = json.dumps(word, ensure_ascii=False)[1:-1]
        text = wording.format(word=said, key=key.rpartition(".")[2], id=draw.text(HEX, 8))
        front, rear = text.split("\0")
        start = len(front) + len(made.before)
        return Placed(f"{front}{''.join(made)}{rear}", start, start + len(made.value))

    return name, write
