"""Views: disguises gone, and the way back to the input."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.redaction.normalise import OPAQUE, plain, views

FOLDED: list[tuple[str, str, str]] = [
    ("nothing to do", "plain text 123", "plain text 123"),
    ("zero-width characters", "a\u200bb\u200cc\u200d\u2060\ufeffd", "abcd"),
    ("soft hyphen", "pass\u00adword", "password"),
    ("bidirectional marks", "\u202e12\u202c\u206634\u2069", "1234"),
    ("tag characters", "a\U000e0041b", "ab"),
    ("variation selectors", "a\ufe0fb\U000e0101", "ab"),
    ("full width", "ａ＠ｂ．ｃｏ", "a@b.co"),
    ("digits of other scripts", "٤۴४৪๔𝟒", "444444"),
    ("no-break and other spaces", "4\u00a01\u20031\u30001", "4 1 1 1"),
    ("dashes", "4‐1–1—1−1", "4-1-1-1-1"),
    ("ligatures", "ﬁx", "fix"),
    ("terminal colours", "\x1b[31m4111\x1b[0m", "4111"),
    ("line ends", "a\r\nb\rc\u2028d\x0be", "a\nb\nc\nd\ne"),
    ("control characters", "a\x00b\x07c\x1ad", "abcd"),
    ("letters stay", "ação 張伟 Иван", "ação 張伟 Иван"),
]


@pytest.mark.parametrize(("text", "folded"), [row[1:] for row in FOLDED], ids=[row[0] for row in FOLDED])
def test_folded(text: str, folded: str) -> None:
    assert folded in {view.text for view in views(text)}


DECODED: list[tuple[str, str, str]] = [
    ("percent", "a%40b%2Ecom", "a@b.com"),
    ("percent, two bytes", "jo%C3%A3o", "joão"),
    ("percent twice", "a%2540b", "a@b"),
    ("JavaScript", r"a\u0040b", "a@b"),
    ("JavaScript, escaped itself", r"a\\u0040b", "a@b"),
    ("a surrogate pair", r"\ud835\udfd2", "4"),
    ("with braces", r"a\u{40}b", "a@b"),
    ("hexadecimal", r"a\x40b", "a@b"),
    ("a stroke", r"http:\/\/x", "http://x"),
    ("HTML by number", "a&#64;b&#x40;c", "a@b@c"),
    ("HTML by name", "a&commat;b&lt;c&gt;", "a@b<c>"),
    ("HTML twice", "a&amp;#64;b", "a@b"),
    ("full width inside", "a%EF%BC%A0b", "a@b"),
    ("no escape after all", "100% of 5 & more \\u12 &nosuch; %zz", "100% of 5 & more \\u12 &nosuch; %zz"),
]


@pytest.mark.parametrize(("text", "decoded"), [row[1:] for row in DECODED], ids=[row[0] for row in DECODED])
def test_decoded(text: str, decoded: str) -> None:
    assert plain(text) == decoded


def test_the_undecoded_view_stays_beside_the_decoded_one() -> None:
    assert [view.text for view in views("p=a%26b")] == ["p=a%26b", "p=a&b"]


def test_something_invisible_may_join_or_part() -> None:
    assert {view.text for view in views("12\u200b34")} == {"1234", "12 34"}


def test_ascii_without_escapes_costs_no_second_view() -> None:
    (only,) = views("status=200 latency_ms=41")
    assert only.pieces == ()


@pytest.mark.parametrize(
    ("text", "found", "source"),
    [
        ("xx a%40b yy", "a@b", "a%40b"),
        ("１２３", "12", "１２"),
        ("4\u200b1\u200b1", "411", "4\u200b1\u200b1"),
        ("a%2540b", "a@b", "a%2540b"),
        ("q=%C3%A3o", "ão", "%C3%A3o"),
    ],
)
def test_the_way_back(text: str, found: str, source: str) -> None:
    view = next(view for view in views(text) if found in view.text)
    start = view.text.index(found)
    first, last = view.to_input(start, start + len(found))
    assert text[first:last] == source


def test_placeholders_are_one_unknown_thing() -> None:
    text = "name=<A_1·k3f9>, <B_2·k3f9>"
    (view,) = views(text, [(5, 15), (17, 27)])
    assert view.text == f"name={OPAQUE}, {OPAQUE}"
    assert view.to_input(5, 6) == (5, 15)
    assert view.to_input(8, 9) == (17, 27)


def test_a_forged_unknown_thing_is_dropped() -> None:
    assert OPAQUE not in "".join(view.text for view in views(f"a{OPAQUE}b \\u001a %1a &#26;"))


@given(st.text(alphabet=st.sampled_from("ab4@% \\u0%&#x;/nltg\u200b\u00a0４\r\n\x1b[m\x00ﬁ٤é"), max_size=60))
def test_every_range_of_a_view_lies_in_the_input(text: str) -> None:
    for view in views(text):
        previous = 0
        for place in range(len(view.text)):
            start, end = view.to_input(place, place + 1)
            assert previous <= start < end <= len(text)
            previous = start
