"""Text wrapped in base64."""

from __future__ import annotations

import base64
import gzip
import zlib

import pytest

from opswarden.redaction.views.encoded import blobs


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("text", ["ana.souza@example.com", "user=ana&card=4111111111111111", "nome: João, email: x"])
@pytest.mark.parametrize("frame", ["{}", "data {} end", '"{}"', "payload={};"])
def test_found_whole_with_its_padding(text: str, frame: str) -> None:
    whole = frame.format(encoded(text))
    ((start, end, decoded),) = blobs(whole)
    assert decoded == text
    assert whole[start:end] == encoded(text)


def test_the_url_alphabet() -> None:
    text = "card?4111111111111111>~~~?>"
    ((_, _, decoded),) = blobs(base64.urlsafe_b64encode(text.encode()).decode().rstrip("="))
    assert decoded == text


TEXT = "mail ana.souza@example.com now"
BYTES = TEXT.encode()
DRESSED: list[tuple[str, str]] = [
    ("hexadecimal", BYTES.hex()),
    ("hexadecimal capitals", BYTES.hex().upper()),
    ("with a prefix", f"0x{BYTES.hex()}"),
    ("with spaces", BYTES.hex(" ")),
    ("with colons", BYTES.hex(":")),
    ("as a list", ", ".join(f"0x{byte:02x}" for byte in BYTES)),
    ("base32", base64.b32encode(BYTES).decode()),
    ("gzip in base64", base64.b64encode(gzip.compress(BYTES)).decode()),
    ("zlib in base64", base64.b64encode(zlib.compress(BYTES)).decode()),
    ("gzip in hexadecimal", gzip.compress(BYTES).hex()),
    ("UTF-16, low byte first", base64.b64encode(TEXT.encode("utf-16-le")).decode()),
    ("UTF-16, high byte first", base64.b64encode(TEXT.encode("utf-16-be")).decode()),
    ("UTF-16 with a mark", base64.b64encode(TEXT.encode("utf-16")).decode()),
    (
        "lines of a dump",
        "00000000  6d 61 69 6c 20 61 6e 61  2e 73 6f 75 7a 61 40 65  |mail ana.souza@e|\n"
        "00000010  78 61 6d 70 6c 65 2e 63  6f 6d 20 6e 6f 77        |xample.com now|",
    ),
    (
        "lines of xxd",
        "00000000: 6d61 696c 2061 6e61 2e73 6f75 7a61 4065  mail ana.souza@e\n"
        "00000010: 7861 6d70 6c65 2e63 6f6d 206e 6f77       xample.com now",
    ),
]


@pytest.mark.parametrize("text", [row[1] for row in DRESSED], ids=[row[0] for row in DRESSED])
def test_other_dresses(text: str) -> None:
    whole = f"data:\n{text}\nend"
    ((start, end, decoded),) = blobs(whole)
    assert (whole[start:end], decoded) == (text, TEXT)


@pytest.mark.parametrize("frame", ["/reset/{}?x=1", "user-{}-x", "[{}]"])
def test_inside_of_something_longer(frame: str) -> None:
    text = str(list(BYTES)).strip("[]") if frame == "[{}]" else base64.urlsafe_b64encode(BYTES).decode().rstrip("=")
    whole = frame.format(text)
    ((start, end, decoded),) = blobs(whole)
    assert (whole[start:end], decoded) == (text, TEXT)


def test_lines_of_base64_are_one() -> None:
    text = base64.encodebytes(BYTES * 6).decode().strip().replace("\n", "\n    ")
    ((start, end, decoded),) = blobs(f"  a: |\n    {text}\n")
    assert (end - start, decoded) == (len(text), TEXT * 6)


def test_short_base64_shows_itself_by_its_padding() -> None:
    assert list(blobs("a NTI5OTgyMjQ3MjU= b")) == [(2, 18, "52998224725")]


def test_texts_of_a_serialised_object() -> None:
    content = b"\x0a\x09Ana Souza\x12\x0fana@example.com\x18\x01\x22\x05hello"
    ((_, _, decoded),) = blobs(base64.b64encode(content).decode())
    assert "ana@example.com" in decoded.split("\n")


@pytest.mark.parametrize(
    "text",
    [
        "01:02:03:04:05:06 2026-11-23 19 47 41 12 34 56",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0Z3VS5JJcds3xfn",
        "00000000  7f 45 4c 46 02 01 01 00  00 00 00 00 00 00 00 00  |.ELF............|",
        "[1024, 2048, 4096, 8192, 1, 2, 3, 4, 5, 6, 7]",
        "getTodayTotalDetailSteps setTotalCaloriesWithCache",
        "/usr/lib/python3/dist-packages/presidio",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "org_apache_hadoop_mapreduce_v2_app",
        "payments-7d9f8b6c5d-x2x9z",
        "short",
    ],
)
def test_identifiers_and_paths_are_none(text: str) -> None:
    assert list(blobs(text)) == []
