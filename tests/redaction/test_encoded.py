"""Text wrapped in base64."""

from __future__ import annotations

import base64

import pytest

from opswarden.redaction.encoded import blobs


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


@pytest.mark.parametrize(
    "text",
    [
        "/usr/lib/python3/dist-packages/presidio",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "org_apache_hadoop_mapreduce_v2_app",
        "payments-7d9f8b6c5d-x2x9z",
        "short",
    ],
)
def test_identifiers_and_paths_are_none(text: str) -> None:
    assert list(blobs(text)) == []
