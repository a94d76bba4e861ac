"""Card data in chip data."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.emv_data import EMV_DATA

TAGS = {
    "9F26": "A1B2C3D4E5F60718",
    "9F27": "80",
    "9F10": "0110A00003220000000000000000000000FF",
    "9F37": "04112233",
    "9F36": "001A",
    "95": "0080008000",
    "9A": "261123",
    "9C": "00",
    "9F02": "000000010000",
    "5F2A": "0986",
    "82": "3900",
    "9F1A": "0076",
    "9F33": "E0F0C8",
    "9F34": "420300",
    "84": "A0000000031010",
    "5A": "4111111111111111",
    "57": "4111111111111111D27122010000000000",
    "5F20": "444F452F4A414E45",
    "5F34": "01",
}
REMOVED = [TAGS[tag] for tag in ("9F26", "5A", "57", "5F20")]


def tlv(tags: dict[str, str]) -> str:
    return "".join(f"{tag}{len(value) // 2:02X}{value}" for tag, value in tags.items())


BLOB = tlv(TAGS)
PAIRS = " ".join(BLOB[at : at + 2] for at in range(0, len(BLOB), 2))

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", f"emv_data={BLOB}", REMOVED),
    ("in JSON", f'{{"iccData":"{BLOB}"}}', REMOVED),
    ("under no key", f"card said {BLOB} ok", REMOVED),
    ("in a dump of fields", f"[055] {BLOB}", REMOVED),
    ("in small letters", BLOB.lower(), [value.lower() for value in REMOVED]),
    (
        "in a template",
        f"got 77{len(BLOB) // 2:02X}{BLOB}" if len(BLOB) < 256 else f"got 7781{len(BLOB) // 2:02X}{BLOB}",
        REMOVED,
    ),
    (
        "tags of an issuer alone",
        f"emv={tlv({'9F02': '000000010000', '5F2A': '0986', 'DF8106': '12345678'})}",
        ["12345678"],
    ),
    ("what cannot be followed", f"emv_data={BLOB}A", [f"{BLOB}A"]),
    ("in base64", "icc_data=nyYIobLD1OX2BxifJwGA", ["nyYIobLD1OX2BxifJwGA"]),
    ("with blanks alone and a length that fits", "tag 9F26 08 A1B2C3D4E5F60718 ok", ["A1B2C3D4E5F60718"]),
    ("its bytes apart", "9F26 08 A1 B2 C3 D4 E5 F6 07 18", ["08 A1 B2 C3 D4 E5 F6 07 18"]),
    ("its bytes and its tag apart", "xq7=9F 26 08 A1 B2 C3 D4 E5 F6 07 18 9F 36 02", ["A1 B2 C3 D4 E5 F6 07 18"]),
    ("a length that does not fit", "9F26 08 A1B2C3D4E5F6", []),
    ("a word that ends like a tag", "af9F26 08 A1B2C3D4E5F60718", []),
    ("a name in a dump", "5F20: 444F452F4A414E45", ["444F452F4A414E45"]),
    ("a cryptogram in a dump", "Tag 9F26 [8] = A1B2C3D4E5F60718", ["A1B2C3D4E5F60718"]),
    ("a consumer's code", "hQVDUFYwMWETTwegAAAAVVVVUAhQcm9kdWN0MQ==", ["hQVDUFYwMWETTwegAAAAVVVVUAhQcm9kdWN0MQ=="]),
    ("a consumer's code in hex", "8505435056303161134F07A0000000555555", ["8505435056303161134F07A0000000555555"]),
    ("a commit", "commit 9f26a1b2c3d4e5f6071823344556677889900aab", []),
    ("a hash", "sha256 9f02" + "ab" * 30, []),
    ("verification results", "TVR 95: 0080008000 TSI 9B: E800 AID 84 A0000000031010 9F34=420300", []),
    ("a number alone", "5A084539578763621486", ["4539578763621486"]),
    ("a track alone", "57124539578763621486D2912101000001234567", ["4539578763621486D2912101000001234567"]),
    ("cut at its end", "9F02060000000010005A0845395787636214865F2403", ["4539578763621486"]),
    ("cut inside of the track", "57124539578763621486D2912", ["4539578763621486D291"]),
    ("bytes apart", "5A 08 45 39 57 87 63 62 14 86 5F 24", ["45 39 57 87 63 62 14 86"]),
    ("a padded number of 19 digits", "5A0A6304000000000000000F", ["6304000000000000000F"]),
    ("part of a hash", "aa5a081234567890123456bb", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(EMV_DATA, text) == values


def test_bytes_in_pairs(finds: Callable[..., list[str]]) -> None:
    assert [value.replace(" ", "") for value in finds(EMV_DATA, f"emv={PAIRS}")] == REMOVED


def test_never_kept() -> None:
    assert not EMV_DATA.restorable
