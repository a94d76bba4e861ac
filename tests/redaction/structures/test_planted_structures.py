"""Values planted in structures, and those wrapped in encodings, leave in no form."""

from __future__ import annotations

import base64
import gzip
import html
import json
import random
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opswarden.redaction.engine import Redaction
from opswarden.redaction.views.encoded import blobs
from opswarden.redaction.views.normalise import views

REDACTION = Redaction()
SETTINGS = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# Key, value, and whether the value is found without its key.
VALUES: list[tuple[str, str, bool]] = [
    ("email", "zoe.quist@example.org", True),
    ("card_number", "4012888888881881", True),
    ("iban", "DE89370400440532013000", True),
    ("password", "hunter2-Zk3x", False),
    ("api_key", "k3y-of-the-house-77", False),
    ("customer_name", "Zoe Quist", False),
]

Wrap = Callable[[str, str], str]
STRUCTURES: dict[str, Wrap] = {
    "JSON": lambda key, value: json.dumps({"n": 1, key: value, "ok": True}),
    "JSON below": lambda key, value: json.dumps({"a": {"b": [{key: value}]}}),
    "JSON with indent": lambda key, value: json.dumps({"a": {key: value}}, indent=2),
    "Python": lambda key, value: str({"n": 1, key: value}),
    "logfmt": lambda key, value: f'ts=1 {key}="{value}" ok=1',
    "dataclass": lambda key, value: f"Thing(n=1, {key}='{value}')",
    "YAML": lambda key, value: f"a:\n  b:\n    {key}: {value}\n    n: 1\n",
    "YAML block": lambda key, value: f"a:\n  {key}: |\n    {value}\n  n: 1\n",
    "named": lambda key, value: json.dumps([{"name": key, "value": value}]),
    "environment": lambda key, value: f"env:\n- name: {key.upper()}\n  value: {value}\n",
    "CSV": lambda key, value: f'id,{key},n\n1,"{value}",2\n',
    "TSV": lambda key, value: f"id\t{key}\n1\t{value}\n",
    "Markdown": lambda key, value: f"| id | {key} |\n|---|---|\n| 1 | {value} |\n",
    "insert": lambda key, value: f"INSERT INTO t (id, {key}) VALUES (1, '{value}')",
    "where": lambda key, value: f"SELECT 1 FROM t WHERE {key} LIKE '{value}'",
    "update": lambda key, value: f"UPDATE t SET {key} = '{value}' WHERE id = 1",
    "XML": lambda key, value: f"<a><{key}>{value}</{key}></a>",
    "attribute": lambda key, value: f'<property name="{key}" value="{value}"/>',
    "Secret": lambda _, value: json.dumps({"data": {"x": base64.b64encode(value.encode()).decode()}, "kind": "Secret"}),
}
ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "hexadecimal": lambda text: text.encode().hex(),
    "bytes": lambda text: text.encode().hex(" "),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "gzip": lambda text: base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode(),
    "percent": lambda text: quote(text, safe=""),
    "JSON text": lambda text: json.dumps(text),
    "HTML": lambda text: html.escape(text),
    "entities": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "JavaScript": lambda text: "".join(f"\\u{ord(one):04x}" for one in text),
    "octal": lambda text: "".join(f"\\{ord(one):03o}" for one in text),
    "full width": lambda text: "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text),
    "zero width": lambda text: "\u200b".join(text),
}


def forms(text: str, depth: int = 3) -> list[str]:
    """Everything that can be read in a text."""
    read = [view.text for view in views(text)]
    if depth:
        for view in tuple(read):
            for _, _, decoded in blobs(view):
                read += forms(decoded, depth - 1)
    return read


def is_clean(text: str, value: str) -> bool:
    return not any(value in form for form in forms(text))


@pytest.mark.parametrize("structure", STRUCTURES.values(), ids=STRUCTURES)
@pytest.mark.parametrize(("key", "value"), [row[:2] for row in VALUES], ids=[row[0] for row in VALUES])
def test_in_every_structure(structure: Wrap, key: str, value: str) -> None:
    scrubbed = REDACTION.scrub(structure(key, value))
    assert is_clean(scrubbed, value)
    assert REDACTION.scrub(scrubbed) == scrubbed


@pytest.mark.parametrize("encoding", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("structure", STRUCTURES.values(), ids=STRUCTURES)
def test_a_structure_in_every_encoding(structure: Wrap, encoding: Callable[[str], str]) -> None:
    for key, value, _ in VALUES:
        text = f"body {encoding(structure(key, value))} end"
        assert is_clean(REDACTION.scrub(text), value), key


@pytest.mark.parametrize("outer", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("inner", ENCODINGS.values(), ids=ENCODINGS)
def test_a_value_in_two_encodings(inner: Callable[[str], str], outer: Callable[[str], str]) -> None:
    for _, value, alone in VALUES:
        if alone:
            text = f"body {outer(inner(f'the value {value} is here'))} end"
            assert is_clean(REDACTION.scrub(text), value)


@SETTINGS
@given(st.integers(0, 2**32), st.text(alphabet="ab1 ,;|\"'{}[]()<>=:\n\t\\/-_&%", max_size=40))
def test_offsets_lie_inside_and_twice_is_once(seed: int, noise: str) -> None:
    drawn = random.Random(seed)
    key, value, _ = drawn.choice(VALUES)
    text = drawn.choice([*STRUCTURES.values()])(key, value)
    cut = drawn.randrange(len(text) + 1)
    text = drawn.choice([*ENCODINGS.values()])(f"{text[:cut]}{noise}{text[cut:]}")
    end = 0
    for span in REDACTION.analyze(text):
        assert end <= span.start < span.end <= len(text)
        end = span.end
    once = REDACTION.scrub(text)
    assert REDACTION.scrub(once) == once
