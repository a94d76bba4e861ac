"""Values in disguise are found, and removed where they stand."""

from __future__ import annotations

import base64
import gzip
import zlib

import pytest

from opswarden.redaction.engine import Redaction
from opswarden.redaction.run import RunRedactor

CARD, EMAIL = "4111111111111111", "ana@example.com"


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


CARDS: list[tuple[str, str]] = [
    ("zero-width spaces", "\u200b".join(CARD)),
    ("word joiners", "4111\u206011111111\u20601111"),
    ("bidirectional marks", f"\u202e{CARD}\u202c"),
    ("tag characters between", "4111\U000e0020111111111111"),
    ("full width", "４１１１１１１１１１１１１１１１"),
    ("Arabic-Indic digits", "٤١١١١١١١١١١١١١١١"),
    ("Devanagari digits", "४१११११११११११११११"),
    ("mathematical digits", "𝟒𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏𝟏"),
    ("no-break spaces", "4111\u00a01111\u00a01111\u00a01111"),
    ("percent spaces", "4111%201111%201111%201111"),
    ("percent digits", "%34%31%31%31111111111111"),
    ("a line break", "4111 1111\n1111 1111"),
    ("a Windows line break", "4111 1111\r\n1111 1111"),
    ("underscores around", f"pan_{CARD}_x"),
    ("dots", "4111.1111.1111.1111"),
    ("en dashes", "4111–1111–1111–1111"),
    ("terminal colours inside", "4111\x1b[31m1111\x1b[0m11111111"),
    ("a null character inside", "41111111\x0011111111"),
    ("HTML entities", "&#52;111111111111111"),
    ("JavaScript escapes", r"\u0034111111111111111"),
    ("digits on keys", "".join(f"{digit}\ufe0f\u20e3" for digit in CARD).removesuffix("\ufe0f\u20e3")),
    ("digits in circles", CARD.translate(str.maketrans("41", "④①"))),
    ("raised digits", CARD.translate(str.maketrans("41", "⁴¹"))),
    ("dots in the middle", "4111·1111·1111·1111"),
    ("em dashes", "4111—1111—1111—1111"),
    ("pipes", "4111 | 1111 | 1111 | 1111"),
    ("commas", "4111,1111,1111,1111"),
    ("colons", "4111:1111:1111:1111"),
    ("two strokes", "4111//1111//1111//1111"),
    ("a pipe behind every digit", "|".join(CARD)),
    ("fraction strokes", "4111⁄1111⁄1111⁄1111"),
    ("colours, escaped", r"4111\u001b[31m1111\u001b[0m11111111"),
    ("colours, as rsyslog has them", "4111#033[31m111111111111"),
    ("octal escapes", "".join(f"\\{ord(digit):03o}" for digit in CARD)),
    ("UTF-16 escapes", "".join(f"\\x{ord(digit):02x}\\x00" for digit in CARD)),
    ("tags", "4111<b>1111</b>11111111"),
    ("a continued line", "41111111\\\n11111111"),
    ("hexadecimal", f"pan={CARD}".encode().hex()),
    ("base32", base64.b32encode(CARD.encode()).decode()),
    ("gzip in base64", base64.b64encode(gzip.compress(f"pan={CARD}".encode(), mtime=0)).decode()),
    ("zlib in hexadecimal", zlib.compress(f"pan={CARD} of a payer".encode()).hex()),
    ("base64 in hexadecimal", base64_of(f"pan={CARD}").encode().hex()),
    ("base64 in percent", base64_of(f"pan={CARD}!").replace("=", "%3D")),
    ("base64", base64_of(f"pan={CARD}")),
    ("base64 twice", base64_of(base64_of(f"the pan is {CARD}"))),
    ("base64 of JSON", base64_of(f'{{"card": "{CARD}"}}')),
]


@pytest.mark.parametrize("text", [row[1] for row in CARDS], ids=[row[0] for row in CARDS])
def test_cards(run: RunRedactor, text: str) -> None:
    cleaned = run.clean(f"paid with {text} today")
    assert [span.entity_type for span in cleaned.spans] == ["CREDIT_CARD"]
    assert cleaned.text.startswith("paid with ")
    assert cleaned.text.endswith(" today")
    assert sum(part.isdigit() for part in cleaned.text) <= 3  # those of the nonce


def test_something_invisible_between_two_numbers_hides_neither(redaction: Redaction) -> None:
    assert "CREDIT_CARD" in redaction.scrub(f"12345\x00{CARD}\x0067890")


EMAILS: list[tuple[str, str]] = [
    ("zero-width space", "ana\u200b@example.com"),
    ("percent", "ana%40example.com"),
    ("percent twice", "ana%2540example.com"),
    ("JavaScript", r"ana\u0040example.com"),
    ("full-width sign", "ana＠example.com"),
    ("HTML", "ana&#64;example.com"),
    ("HTML by name", "ana&commat;example.com"),
    ("capitals", "Ana@Example.COM"),
    ("Cyrillic letters", "аnа@ехample.com"),
    ("percent and u", "ana%u0040example.com"),
    ("percent four deep", "ana%25252540example.com"),
    ("HTML and percent", "ana&#37;40example.com"),
    ("a style sheet", r"ana\40 example.com"),
    ("mail", "ana=40example.com"),
    ("in words", "ana (at) example [dot] com"),
    ("struck through, signs too", "ana@example.com".replace("", "\u0336")[1:]),
    ("mail, every character", "".join(f"={ord(part):02X}" for part in "ana@example.com")),
]


@pytest.mark.parametrize("text", [row[1] for row in EMAILS], ids=[row[0] for row in EMAILS])
def test_an_address_in_disguise_is_the_same_address(run: RunRedactor, text: str) -> None:
    known = run.text(EMAIL)
    assert run.text(f"from {text}, again") == f"from {known}, again"


@pytest.mark.parametrize("text", ["ana@localhost", "ana@payments.corp", base64_of("mail ana@example.com")])
def test_other_addresses(redaction: Redaction, text: str) -> None:
    assert redaction.scrub(f"from {text} again") == "from <EMAIL_ADDRESS> again"


@pytest.mark.parametrize(
    "text",
    [
        "pass\u200bword=hunter2",
        "ｐａｓｓｗｏｒｄ＝hunter2",
        "password%3Dhunter2",
        r"first line\npassword=hunter2\nlast line",
        r"password\u003dhunter2",
        "password&#61;hunter2",
        r"{\"password\":\"hunter2\"}",
        "postgres:\\/\\/app:hunter2@db/x",
        "pаssword=hunter2",
        "ᴘᴀꜱꜱᴡᴏʀᴅ=hunter2",
        "p\u0336a\u0336s\u0336s\u0336w\u0336o\u0336r\u0336d\u0336=hunter2",
        "🅿🅰🆂🆂🆆🅾🆁🅳=hunter2",
        'args: ["--password", "hunter2"]',
        "args:\n  - --password\n  - hunter2\n",
        "postgres%3A%2F%2Fapp%3Ahunter2%40db%2Fx",
    ],
)
def test_secrets(redaction: Redaction, text: str) -> None:
    assert "hunter2" not in redaction.scrub(text)


def test_an_escape_that_would_end_a_secret_early(redaction: Redaction) -> None:
    assert redaction.scrub("password=abc%26def next") == "password=<SECRET> next"
