"""Texts made to be slow or to break something: work grows with the length and no faster."""

from __future__ import annotations

import time

import pytest

from opswarden.redaction.engine import Redaction

UNITS = [
    ("digits", "4"),
    ("card after card", "4111111111111111 "),
    ("card digits apart", "4 1 1 1 "),
    ("at signs", "@"),
    ("addresses", "a@b.co,"),
    ("addresses in one", "a@b"),
    ("dots", "1."),
    ("colons", ":"),
    ("double colons", "a::"),
    ("pluses", "+1 "),
    ("brackets", "<"),
    ("open tags", "<a>"),
    ("keys in a row", "password="),
    ("weak keys in a row", "key="),
    ("names in a row", "name="),
    ("open quotes", 'name="'),
    ("open escaped quotes", r"name=\""),
    ("nulls", "\x00"),
    ("zero-width characters", "a\u200b"),
    ("full width", "４"),
    ("backslashes", "\\"),
    ("percent signs", "%25"),
    ("entities", "&amp;"),
    ("base64", "QUFBQUFBQUFBQUFBQUFBQQ== "),
    ("one long word", "aB3"),
    ("schemes", "://"),
    ("schemes with users", "a://b:c"),
    ("begun keys", "-----BEGIN PRIVATE KEY-----"),
    ("begun tokens", "eyJ"),
    ("begun placeholders", "<A_1·"),
    ("placeholders", "<EMAIL_ADDRESS_1·abcd>"),
    ("bearer", "Bearer "),
    ("ibans", "GB29 "),
    ("brackets and digits", "(11) 9 "),
    ("cvv", "cvv "),
    ("phone", "phone "),
    ("minus signs", "--a "),
    ("line breaks", "1\n"),
]
SMALL = 4_000
FACTOR = 8


def _cpu_s(redaction: Redaction, text: str) -> float:
    best = float("inf")
    for count in range(2):
        fresh = text + " " * (count + 1)  # what was seen before costs nothing
        start = time.process_time()
        redaction.scrub(fresh)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize("unit", [row[1] for row in UNITS], ids=[row[0] for row in UNITS])
def test_time_grows_with_the_length_and_no_faster(redaction: Redaction, unit: str) -> None:
    small = unit * (SMALL // len(unit))
    redaction.scrub(small)
    once, many = _cpu_s(redaction, small), _cpu_s(redaction, small * FACTOR)
    # Linear is 8; the square would be 64. The constant keeps tiny times from deciding.
    assert many < once * FACTOR * 3 + 0.05


@pytest.mark.parametrize("unit", ['name="', "key=", 'password="', "customer_name='", "token=", r"secret=\""])
def test_values_inside_values_are_not_copied_over_and_over(redaction: Redaction, unit: str) -> None:
    once, many = (_cpu_s(redaction, unit * (length // len(unit))) for length in (20_000, 160_000))
    assert many < once * 8 * 2 + 0.05


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n",
        "\x00",
        "\x1a",
        "=",
        '"',
        "a=",
        '":"',
        "\u200b",
        "\ufeff",
        "<",
        "·",
        "<·>",
        "%",
        "%4",
        "\\u",
        "&#;",
        "+",
    ],
)
def test_scraps(redaction: Redaction, text: str) -> None:
    assert redaction.scrub(text) == text


@pytest.mark.parametrize("digits", [200_000, pytest.param(1_000_000, marks=pytest.mark.soak)])
def test_very_many_digits(redaction: Redaction, digits: int) -> None:
    assert redaction.analyze("7" * digits) == ()


def test_a_begun_private_key_takes_no_prose_with_it(redaction: Redaction) -> None:
    text = "-----BEGIN PRIVATE KEY-----\nthe scorer ran out of memory at 19:47 and was restarted\n" * 3
    assert redaction.scrub(text).count("ran out of memory at 19:47 and was restarted") == 3


def test_nulls_hide_nothing(redaction: Redaction) -> None:
    assert "hunter2" not in redaction.scrub("pass\x00word=hunter2\x00next")
