"""Whatever comes: cleaning twice is cleaning once, offsets lie inside, and nothing planted survives."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum import iban, luhn
from stdnum.br import cpf

from opswarden.redaction.engine import Redaction
from opswarden.redaction.run import RunRedactor
from opswarden.redaction.vault import MemoryVault

REDACTION = Redaction()
SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

PIECES = [
    *"aZ09@.:=/+-_,;<>()[]{}\"'\\%&# \n\t\r|*·‹›\x00\x1a\x1b",
    *"\u200b\u00a0４é張İﬁ＜＞＠",
    *(
        "%40 \\u0040 &lt; &#64; \\n :// :: name customer_name password token cpf phone card cvv lat lon key order_id"
    ).split(),
    *("Jane Doe CPF ana@example.com ana example.com 4111 1111 111111111111 4111111111111111 hunter2 Bearer").split(),
    *("529.982.247-25 52998224725 10.1.2.3 fe80::1 +5511987654321 GB29NWBK60161331926819 YW5hQGV4YW1wbGUuY29t").split(),
    *("abc123def456 eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0. <EMAIL_ADDRESS_1· <EMAIL_ADDRESS> <PERSON_1·abcd>").split(),
    *("PERSON_1·abcd <SECRET· abcd> {NONCE}>").split(),
    "-----BEGIN PRIVATE KEY-----",
]
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.characters(codec="utf-8")), max_size=25).map("".join)


FILLER = (
    "2026-11-23T19:47:41.123Z INFO payments-api status=200 latency_ms=41 route=/v1/charges retries=0 pool=main " * 3
)
LONG_TEXTS = st.lists(TEXTS, min_size=2, max_size=4).map(f"\n{FILLER}\n".join)


def _run() -> RunRedactor:
    return REDACTION.for_run("run_1", vault=MemoryVault(b"fixed for the tests, 32 bytes ok"))


def _with_nonce(text: str) -> str:
    return text.replace("{NONCE}", MemoryVault(b"fixed for the tests, 32 bytes ok").nonce("run_1"))


@SETTINGS
@given(st.one_of(TEXTS, LONG_TEXTS))
def test_cleaning_cleaned_text_changes_nothing(text: str) -> None:
    run = _run()
    cleaned = run.clean(_with_nonce(text)).text
    again = run.clean_ours(cleaned)
    assert again.text == cleaned
    assert again.spans == ()


@SETTINGS
@given(TEXTS)
def test_cleaning_our_own_text_twice_changes_nothing(text: str) -> None:
    run = _run()
    run.text("ana@example.com")  # so that one placeholder is known
    once = run.clean_ours(_with_nonce(text)).text
    assert run.clean_ours(once).text == once


@SETTINGS
@given(st.one_of(TEXTS, LONG_TEXTS))
def test_scrubbing_twice_changes_nothing(text: str) -> None:
    once = REDACTION.scrub(text)
    assert REDACTION.scrub(once) == once


@SETTINGS
@given(TEXTS)
def test_spans_are_sorted_apart_and_inside(text: str) -> None:
    end = 0
    for span in REDACTION.analyze(text):
        assert end <= span.start < span.end <= len(text)
        end = span.end


@SETTINGS
@given(TEXTS)
def test_the_text_around_the_spans_is_kept(text: str) -> None:
    spans = REDACTION.analyze(text)
    cleaned = _run().clean(text)
    assert cleaned.spans == spans
    if "·" not in text and "b7" not in text.lower() and "&" not in text:
        at = 0
        for start, end in zip(
            [0, *(span.end for span in spans)], [*(span.start for span in spans), len(text)], strict=True
        ):
            assert text[start:end] in cleaned.text[at:]
            at = cleaned.text.index(text[start:end], at) + end - start


DIGITS = st.text("0123456789", min_size=20, max_size=20)
CARD_PREFIXES = [
    "4",
    "51",
    "55",
    "2221",
    "2720",
    "34",
    "37",
    "36",
    "3530",
    "62",
    "6011",
    "65",
    "5067",
    "606282",
    "2200",
    "9792",
]
LENGTHS = {"34": 15, "37": 15, "36": 14}


def _card(prefix: str, digits: str) -> str:
    body = (prefix + digits)[: LENGTHS.get(prefix, 16) - 1]
    return body + luhn.calc_check_digit(body)


def _cpf(digits: str) -> str:
    return next(number for last in range(100) if cpf.is_valid(number := f"{digits[:9]}{last:02}"))


PLANTED = st.one_of(
    st.builds(_card, st.sampled_from(CARD_PREFIXES), DIGITS),
    st.builds(
        lambda a, b: f"{a}.{b}@example.com", *[st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=8)] * 2
    ),
    DIGITS.map(lambda digits: "DE" + iban.calc_check_digits(f"DE00{digits[:18]}") + digits[:18]),
    DIGITS.map(lambda digits: "AKIA" + "".join(chr(65 + int(digit)) for digit in digits[:16])),
    DIGITS.map(lambda digits: "gh" + "p_" + "aB" * 9 + digits[:18]),
    DIGITS.map(lambda digits: f"+5511 9{digits[:4]} {digits[4:8]}"),
)
WRAPPINGS = [
    lambda value: value,
    lambda value: f'{{"x": "{value}"}}',
    lambda value: f"x={value}&y=1",
    lambda value: f"_{value}_" if value[0].isdigit() else value,
    lambda value: f"\\n{value}\\n",
    lambda value: f"<{value}>",
    lambda value: f"({value}),",
    lambda value: "\u200b".join(value),
    lambda value: "".join(chr(ord(part) + 0xFEE0) if "!" <= part <= "~" else part for part in value),
    lambda value: quote(value, safe=""),
    lambda value: "".join(f"\\u{ord(part):04x}" for part in value),
    lambda value: "".join(f"&#{ord(part)};" for part in value),
    lambda value: base64.b64encode(f"the value is {value}".encode()).decode(),
]
PROSE = st.text("abcxyz ,.!?", max_size=20)


@SETTINGS
@given(PROSE, PLANTED, st.sampled_from(WRAPPINGS), PROSE)
def test_nothing_planted_survives(before: str, value: str, wrap: object, after: str) -> None:
    assert callable(wrap)
    wrapped = wrap(value)
    cleaned = _run().text(f"{before} {wrapped} {after}")
    assert value not in cleaned
    assert wrapped not in cleaned
    assert value[3:-3] not in cleaned


@SETTINGS
@given(st.lists(st.tuples(PLANTED, PROSE), min_size=1, max_size=6))
def test_the_same_value_gets_the_same_placeholder(rows: list[tuple[str, str]]) -> None:
    run = _run()
    first = [run.text(f"{prose} | {value} | {prose}") for value, prose in rows]
    assert [run.text(f"{prose} | {value} | {prose}") for value, prose in rows] == first


@SETTINGS
@given(
    DIGITS.filter(lambda digits: int(digits[:3]) > 9).map(_cpf), st.sampled_from(["cpf", "customerCpf", "documento"])
)
def test_json_numbers_under_telling_keys(number: str, key: str) -> None:
    cleaned = _run().value({"rows": [{key: number}, {key: int(number)}]})
    assert number.lstrip("0") not in str(cleaned) or len(set(number)) == 1


@pytest.mark.parametrize("text", ["customer_name=<PERSON_1·{NONCE}> Doe", "cpf <BR_CPF_1·{NONCE}> 52998224725"])
def test_placeholders_are_no_context(text: str) -> None:
    run = _run()
    cleaned = run.clean_ours(_with_nonce(text)).text
    assert run.clean_ours(cleaned).text == cleaned
