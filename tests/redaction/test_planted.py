"""Seventy kinds of values in the formats of logs and the encodings of programs: no telling part of any comes out."""

from __future__ import annotations

import itertools
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.redaction.engine import Redaction
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.redaction.run import RunRedactor
from opswarden.tests.redaction.disguises import BLOCKS, FORMATS, SPELLINGS, hidden
from opswarden.tests.redaction.effort import LONG, tried
from opswarden.tests.redaction.planting import KINDS, WITHOUT_KEY, plant, survivors

REDACTION = Redaction()
SINGLE = (*BLOCKS, *SPELLINGS, "colours")
# Codes of colours that are cut by others, or spelled in signs that no terminal reads, are no codes any more.
NO_CODES = (("colours", "zero-width"), ("colours", "full width"), ("colours", "entities"))
PAIRS = [pair for pair in itertools.product(SINGLE, SINGLE) if pair[1] != "colours" and pair not in NO_CODES]
CARDS = tuple(kind for kind in KINDS if kind.startswith("card "))


def _run() -> RunRedactor:
    return REDACTION.for_run("run_1", vault=MemoryVault(b"fixed for the tests, 32 bytes ok"))


def _what_comes_out(kind: str, wrap: str, encodings: tuple[str, ...], seed: object) -> list[str]:
    value = hidden(plant(kind, f"{wrap} {encodings} {seed}"), *encodings)
    return survivors(value.telling, REDACTION.scrub(FORMATS[wrap](value.key, value.value)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_format(kind: str) -> None:
    leaks = {wrap: found for wrap in FORMATS if (found := _what_comes_out(kind, wrap, (), 0))}
    assert leaks == {}


@pytest.mark.parametrize("encoding", SINGLE)
def test_every_encoding(encoding: str) -> None:
    rng = random.Random(encoding)
    leaks = {}
    for kind in KINDS:
        for wrap in FORMATS if LONG else rng.sample(list(FORMATS), 2):
            if found := _what_comes_out(kind, wrap, (encoding,), 0):
                leaks[kind, wrap] = found
    assert leaks == {}


@tried(250)
@given(st.sampled_from(list(KINDS)), st.sampled_from(list(FORMATS)), st.sampled_from(PAIRS), st.integers(0, 10_000))
def test_an_encoding_of_an_encoding(kind: str, wrap: str, pair: tuple[str, str], seed: int) -> None:
    assert _what_comes_out(kind, wrap, pair, seed) == []


@pytest.mark.parametrize("key", ["xq7", "documento", "zorp_9"])
@pytest.mark.parametrize("kind", [*WITHOUT_KEY, *CARDS])
def test_keys_that_say_nothing(kind: str, key: str) -> None:
    leaks = {}
    for wrap, seed in itertools.product(("logfmt", "json", "nested escaped json", "xml"), range(40 if LONG else 4)):
        planted = plant(kind, f"{wrap} {seed}", key)
        cleaned = REDACTION.scrub(FORMATS[wrap](key, planted.value))
        if found := survivors(planted.telling, cleaned):
            leaks[planted.value, wrap] = found
    assert leaks == {}


@tried(60)
@given(
    st.lists(st.tuples(st.sampled_from(list(KINDS)), st.sampled_from(list(FORMATS))), min_size=2, max_size=8), st.data()
)
def test_many_in_one_text(wanted: list[tuple[str, str]], data: st.DataObject) -> None:
    """What stands beside a value, another value among it, hides neither; JSON values are cleaned like texts."""
    seed = data.draw(st.integers(0, 10_000))
    planted = [plant(kind, seed) for kind, _ in wanted]
    lines = [FORMATS[wrap](each.key, each.value) for each, (_, wrap) in zip(planted, wanted, strict=True)]
    run = _run()
    cleaned = (run.text("\n".join(lines)), str(run.value({"lines": lines})), str(run.value_ours({"lines": [lines]})))
    for each in planted:
        for text in cleaned:
            assert survivors(each.telling, text) == [], each.kind


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "k8s secret"])
def test_json_values_under_their_keys(kind: str) -> None:
    planted = plant(kind, "json")
    cleaned = str(_run().value({"rows": [{planted.key: planted.value, "status": "ok"}]}))
    assert survivors(planted.telling, cleaned) == []


def _in_json(text: str, levels: int) -> str:
    """A text of several lines as JSON loggers and container runtimes write it, once or one around the other."""
    for level in range(levels):
        text = json.dumps({"ts": "2026-11-29T10:15:00.123Z", "log" if level else "msg": text, "stream": "stdout"})
    return text


SEVERAL_LINES = {
    "a card on two lines": ("the card is {0} ok\n", "4539 3771\n3616 8550"),
    "rows of a table": ('ts,customer_name,state\n2026-11-29,"{0}",ok\n2026-11-29,"{0}",ok\n', "Zuqbyvdwo Jyrgwebkaf"),
    "a name and its value": ('{{\n  "name": "DB_PASSWORD",\n  "value": "{0}"\n}}\n', "zQ9kLm2PzRzz"),
    "a customer": ("customer:\n  - id: 7\n    full_name: {0}\n", "Zuqbyvdwo Jyrgwebkaf"),
}


@pytest.mark.parametrize("levels", [0, 1, 2])
@pytest.mark.parametrize(("text", "value"), SEVERAL_LINES.values(), ids=list(SEVERAL_LINES))
def test_lines_inside_of_json_texts(text: str, value: str, levels: int) -> None:
    cleaned = REDACTION.scrub(_in_json(text.format(value), levels))
    assert [part for part in value.split() if part in cleaned] == []


@pytest.mark.parametrize("levels", [1, 2])
@pytest.mark.parametrize("wrap", FORMATS)
def test_every_kind_inside_of_json_texts(wrap: str, levels: int) -> None:
    leaks = {}
    for kind in KINDS:
        planted = plant(kind, f"{wrap} {levels}")
        cleaned = REDACTION.scrub(_in_json(FORMATS[wrap](planted.key, planted.value), levels))
        if found := survivors(planted.telling, cleaned):
            leaks[kind] = found
    assert leaks == {}
