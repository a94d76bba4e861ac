"""The form of placeholders."""

from __future__ import annotations

import pytest

from opswarden.redaction.definition import Definition, is_entity_type
from opswarden.redaction.placeholders import Placeholder, disarmed, look_alikes, marker_pattern, places, run_nonce


@pytest.mark.parametrize(
    "placeholder",
    [Placeholder("EMAIL_ADDRESS", 1, "k3f9"), Placeholder("US_SSN", 12, "0000"), Placeholder("SECRET", None, "zzzz")],
)
def test_written_and_read_again(placeholder: Placeholder) -> None:
    (place,) = places(f"x{placeholder}y")
    assert place.placeholder == placeholder
    assert (place.start, place.end) == (1, 1 + len(str(placeholder)))


def test_the_form() -> None:
    assert str(Placeholder("EMAIL_ADDRESS", 1, "k3f9")) == "<EMAIL_ADDRESS_1·k3f9>"
    assert str(Placeholder("SECRET", None, "k3f9")) == "<SECRET·k3f9>"


@pytest.mark.parametrize(
    "text", ["<email_1·k3f9>", "<EMAIL_1·K3F9>", "<EMAIL_1.k3f9>", "< EMAIL_1·k3f9>", "<EMAIL_1·k3f>", "<EMAIL·k3f99>"]
)
def test_anything_else_is_none(text: str) -> None:
    assert places(text) == ()


@pytest.mark.parametrize(
    "text",
    ["<EMAIL_1·k3f9>", "<email_1·K3F9>", "< EMAIL_1 · k3f9 >", "<EMAIL_1•k3f9>", "<EMAIL_1‧k3f>", "<XY·abcdefgh>"],
)
def test_what_could_be_taken_for_one_is_disarmed(text: str) -> None:
    ((start, end),) = look_alikes(f"a {text} b")
    assert (start, end) == (2, 2 + len(text))
    assert look_alikes(disarmed(text)) == ()
    assert places(disarmed(text)) == ()


@pytest.mark.parametrize("text", ["<b>·x", "a < b · c > d", "<div class='x·y'>", "<EMAIL_ADDRESS>", "x·y"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert look_alikes(text) == ()


def test_nonces_depend_on_run_and_key() -> None:
    nonces = {run_nonce(key, run) for key in (b"a" * 32, b"b" * 32) for run in ("run_1", "run_2")}
    assert len(nonces) == 4
    assert all(len(nonce) == 4 and nonce.isalnum() for nonce in nonces)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("EMAIL_ADDRESS", True),
        ("BR_CPF", True),
        ("X2_Y", True),
        ("EMAIL_1", False),
        ("email", False),
        ("A B", False),
        ("", False),
    ],
)
def test_names_that_can_stand_in_one(name: str, expected: bool) -> None:
    assert is_entity_type(name) is expected


def test_a_definition_refuses_a_name_that_cannot() -> None:
    with pytest.raises(ValueError, match="PIN_4"):
        Definition("PIN_4", ())


def test_markers_hide_no_long_number() -> None:
    pattern = marker_pattern({"EMAIL_ADDRESS", "SECRET"})
    assert pattern.fullmatch("<EMAIL_ADDRESS>")
    assert pattern.fullmatch("<EMAIL_ADDRESS_12·k3f9>")
    assert not pattern.fullmatch("<EMAIL_ADDRESS_4111111111111111>")
    assert not pattern.fullmatch("<PASSWORD>")
