"""Card data in whole ISO 8583 messages and in dumps of their fields."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.iso8583_message import ISO8583_MESSAGE

FIELDS = {
    2: "164111111111111111",
    3: "000000",
    4: "000000010000",
    7: "1123194741",
    11: "123456",
    12: "194741",
    13: "1123",
    14: "2712",
    18: "5411",
    22: "051",
    32: "06411111",
    35: "374111111111111111=27121011234567890123",
    37: "432198765012",
    38: "A1B2C3",
    39: "00",
    41: "TERM0001",
    42: "MERCHANT0000001",
    43: "LOJA DO ZE               SAO PAULO    BR",
    49: "986",
    52: "0412AC89ABCDEF67",
    64: "A1B2C3D4E5F60718",
}
REMOVED = ["4111111111111111", "2712", FIELDS[35][2:], FIELDS[52], FIELDS[64]]


def message(fields: dict[int, str], kind: str = "0200") -> str:
    bits = sum(1 << (64 - number) for number in fields)
    return f"{kind}{bits:016X}" + "".join(fields[number] for number in sorted(fields))


def hex_of(text: str) -> str:
    return text.encode("ascii").hex().upper()


def in_pairs(text: str, size: int = 2) -> str:
    return " ".join(text[at : at + size] for at in range(0, len(text), size))


WHOLE = message(FIELDS)
WITHOUT_PAN = message({number: value for number, value in FIELDS.items() if number != 2})
PACKED = message(
    {
        2: "164111111111111111",
        3: "000000",
        4: "000000010000",
        7: "1123194741",
        11: "123456",
        37: hex_of("432198765012"),
        39: hex_of("00"),
        49: "0986",
        52: "0412AC89ABCDEF67",
    }
)
TERMINAL = message({number: FIELDS[number] for number in (3, 4, 11, 22, 35, 41, 42)})
ODD = message({2: "150378282246310005", 3: "000000", 4: "000000010000", 7: "1123194741", 11: "123456"})
BROKEN = message(FIELDS | {32: "99411111"})

TABLE: list[tuple[str, str, list[str]]] = [
    ("characters", f"sent {WHOLE} in 41 ms", REMOVED),
    (
        "a column of a statement",
        "INSERT INTO t (id, de52, ok) VALUES (554, '2321FE3D627D25CD', 1)",
        ["2321FE3D627D25CD"],
    ),
    ("in JSON", f'{{"raw":"{WHOLE}"}}', REMOVED),
    ("behind its length", f"0316{WHOLE}", REMOVED),
    ("behind a header", f"ISO016000055{WHOLE}", REMOVED),
    ("without a card number", WITHOUT_PAN, REMOVED[1:]),
    ("of a terminal, with track 2 alone", f"<{TERMINAL}>", [FIELDS[35][2:]]),
    ("packed decimals", f"hex={PACKED}.", ["4111111111111111", "0412AC89ABCDEF67"]),
    ("packed decimals of odd length", ODD, ["0378282246310005"]),
    ("field by number", "DE052=0412AC89ABCDEF67 DE039=05", ["0412AC89ABCDEF67"]),
    ("field in short", "F52:0412AC89ABCDEF67", ["0412AC89ABCDEF67"]),
    ("field in words", "field 35 = 4111111111111111=2712101123", ["4111111111111111=2712101123"]),
    ("bit", "bit 52: 0412AC89ABCDEF67", ["0412AC89ABCDEF67"]),
    ("field in brackets", "[052] 0412AC89ABCDEF67", ["0412AC89ABCDEF67"]),
    ("field as a key in JSON", '{"52":"0412AC89ABCDEF67","39":"05"}', ["0412AC89ABCDEF67"]),
    ("field in jPOS's XML", '<field id="52" value="0412AC89ABCDEF67"/>', ["0412AC89ABCDEF67"]),
    ("track 1", "DE45=B4111111111111111^DOE/JANE^27121011234", ["B4111111111111111^DOE/JANE^27121011234"]),
    ("a card number with a wrong check digit", "[002] 4111111111111112", ["4111111111111112"]),
    ("expiry", "DE014=2712", ["2712"]),
    ("chip data", "DE55=9F2608A1B2C3D4E5F60718", ["9F2608A1B2C3D4E5F60718"]),
    ("chip data that is read tag by tag", "DE55=9F2608A1B2C3D4E5F607189F3602001795050080008000", []),
    ("authentication code", "field_128=A1B2C3D4E5F60718", ["A1B2C3D4E5F60718"]),
    (
        "fields that tell what happened",
        "DE003=000000 DE004=000000010000 DE007=1123194741 DE011=123456 DE012=194741 DE013=1123 DE018=5411 DE022=051 "
        "DE037=432198765012 DE038=A1B2C3 DE039=05 DE041=TERM0001 DE042=MERCHANT0000001 DE049=986",
        [],
    ),
    ("features of a model", "f52=0.123 f35=12 f55=33 f64=0.5 f2=17 f14=8 f2=123456789012", []),
    ("an index", "items[52] = 17 and [35] done", []),
    ("long figures", "blk_5078186985701364842 20261123194741123456789012345678901234567890", []),
    ("columns", "02 00 17 18 19 20 21 22 23 24 25 26 27", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ISO8583_MESSAGE, text) == values


@pytest.mark.parametrize("text", [hex_of(WHOLE), in_pairs(hex_of(WHOLE)), in_pairs(PACKED), in_pairs(PACKED, 4)])
def test_dumps_in_hex(finds: Callable[..., list[str]], text: str) -> None:
    found = "".join(finds(ISO8583_MESSAGE, text)).replace(" ", "")
    assert hex_of("4111111111111111") in found or "4111111111111111" in found
    assert hex_of("0412AC89") in found or "0412AC89ABCDEF67" in found


def test_what_cannot_be_followed_goes_to_its_end(finds: Callable[..., list[str]]) -> None:
    first, *rest = finds(ISO8583_MESSAGE, f"sent {BROKEN}\nnext line")
    assert first == "4111111111111111"
    assert rest[-1].endswith(FIELDS[52] + FIELDS[64])


def test_what_tells_what_happened_stays(finds: Callable[..., list[str]]) -> None:
    kept = WHOLE
    for value in finds(ISO8583_MESSAGE, WHOLE):
        kept = kept.replace(value, "…")
    for number in (3, 4, 7, 11, 12, 13, 18, 22, 37, 38, 39, 41, 42, 43, 49):
        assert FIELDS[number] in kept, number


@pytest.mark.parametrize("key", ["DE52", "de_052", "fields.52", "52", "iso8583.field52"])
def test_under_the_key_of_a_json_value(finds: Callable[..., list[str]], key: str) -> None:
    assert finds(ISO8583_MESSAGE, "0412AC89ABCDEF67", key) == ["0412AC89ABCDEF67"]


def test_never_kept() -> None:
    assert not ISO8583_MESSAGE.restorable
