"""Views: disguises gone, and the way back to the input."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.redaction.views.escapes import has_escapes
from opswarden.redaction.views.normalise import OPAQUE, plain, views

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
    ("digits on keys", "4\ufe0f\u20e31\ufe0f\u20e3", "41"),
    ("digits in circles", "④➃⁴🄋⓪", "44400"),
    ("letters in squares and circles", "🅿🄰ⓝ", "PAn"),
    ("small capitals", "ᴘᴀɴ", "pan"),
    ("a fraction stroke", "12⁄25", "12/25"),
    ("marks over letters", "p\u0336a\u0336n", "pan"),
    ("an accent of its own", "contrasen\u0303a", "contraseña"),
    ("titles and links of terminals", "a\x1b]8;;http://x\x07b\x1b]0;t\x1b\\c\x1b(Bd", "abcd"),
    ("Cyrillic letters in a Latin word", "pаsswоrd", "password"),
    ("Greek letters in a Latin word", "pαsswοrd", "password"),
    ("a key of letters that pass for Latin", "сс: 1", "cc: 1"),
    ("a name of such letters", "имя Сара Котов", "имя Сара Котов"),
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
    ("percent four times", "a%25252540b", "a@b"),
    ("percent and u", "a%u0040b", "a@b"),
    ("mixed", "a&#37;40b", "a@b"),
    ("octal", r"\141\100b", "a@b"),
    ("a style sheet", r"a\40 b", "a@b"),
    ("a style sheet, all digits", r"a\000040b", "a@b"),
    ("by its name", r"a\N{COMMERCIAL AT}b", "a@b"),
    ("UTF-16, all escaped", r"\x61\x00\x40\x00\x62\x00", "a@b"),
    ("UTF-16, every second escaped", r"a\x00b\x00c\x00", "abc"),
    ("a zero alone", r"ab\x00cd", "ab cd"),
    ("colours, escaped", r"a\u001b[31mb\033[0mc\x1b[1md", "abcd"),
    ("colours, as rsyslog has them", "a#033[31mb", "ab"),
    ("colours, in percent", "a%1B%5B31mb%20%1b[0mc%1bd", "ab c d"),
    ("HTML by number, not closed", "a&#64b", "a@b"),
    ("mail", "ana=40example.com", "ana@example.com"),
    ("mail, a soft line break", "an=\na=3D", "ana="),
    ("no mail", "status=20 code=05 a=40", "status=20 code=05 a=40"),
    ("full width inside", "a%EF%BC%A0b", "a@b"),
    ("no escape after all", "100% of 5 & more \\u12 &nosuch; %zz", "100% of 5 & more \\u12 &nosuch; %zz"),
]


@pytest.mark.parametrize(("text", "decoded"), [row[1:] for row in DECODED], ids=[row[0] for row in DECODED])
def test_decoded(text: str, decoded: str) -> None:
    assert plain(text) == decoded


UNWRAPPED: list[tuple[str, str, str]] = [
    (
        "a partial line of a container runtime",
        "2026-11-23T19:47:41.123456789Z stdout P 4012\n2026-11-23T19:47:41.123456790Z stdout F 8888",
        "2026-11-23T19:47:41.123456789Z stdout P 40128888",
    ),
    (
        "a partial line of the json-file driver",
        '{"log":"4012","stream":"stdout","time":"x"}\n{"log":"8888\\n","stream":"stdout","time":"x"}',
        '{"log":"40128888\\n","stream":"stdout","time":"x"}',
    ),
    (
        "a number that goes on behind a time",
        "Nov 23 19:47:41 web app[12]: pan 4012 8888\nNov 23 19:47:41 web app[12]: 8888 1881",
        "Nov 23 19:47:41 web app[12]: pan 4012 8888 8888 1881",
    ),
    ("a continued line", "a=b\\\nc", "a=bc"),
    ("tags inside a word", "40<b>12</b>88", "401288"),
    ("a comment inside a word", "40<!-- x -->12", "4012"),
    ("separators", "4012 | 8888 | 8888 | 1881", "4012-8888-8888-1881"),
    ("dots in the middle", "529·982·247-25", "529.982.247-25"),
    ("blanks around separators", "cpf 529 . 982 . 247 - 25 x", "cpf 529.982.247-25 x"),
    ("blanks around the last one", "529.982.247 - 25", "529.982.247-25"),
    ("blanks around three kinds", "11 . 222 . 333 / 0001 - 81", "11.222.333/0001-81"),
    ("blanks around dashes", "35202 - 1234567 - 1", "35202-1234567-1"),
    ("a form", "nome=ana+souza&x=1 y=a+b", "nome=ana souza&x=1 y=a+b"),
    ("a query", "/a?x=1&nome=ana+maria+souza", "/a?x=1&nome=ana maria souza"),
    ("escaped lines of YAML", r"a: \"b:\n  c: d\"", 'a: "b:\n  c: d"'),
    ("an address in words", "ana (at) example [dot] com", "ana@example.com"),
]


@pytest.mark.parametrize(("text", "unwrapped"), [row[1:] for row in UNWRAPPED], ids=[row[0] for row in UNWRAPPED])
def test_unwrapped(text: str, unwrapped: str) -> None:
    assert plain(text) == unwrapped


@pytest.mark.parametrize(
    "text",
    [
        "years 2020,2021,2022,2023,2024,2025",
        "[1, 0, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 5, 6, 7]",
        "took 4012\n2026-11-23T19:47:41Z INFO done",
        "12 <b>34</b> 56",
        "GET /a?x=4012&y=8888",
        "10 - 20",
        "v 1 . 2 . 3",
        "GET / - 200 - 12",
        "0.1 - 0.25 - 7",
        "1 - 2 - 3",
    ],
)
def test_nothing_to_unwrap(text: str) -> None:
    assert plain(text) == text


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


@given(
    st.text(
        alphabet=st.sampled_from("ab4@% \\u0%&#x;/nltg\u200b\u00a0４\r\n\x1b[m\x00ﬁ٤é=3D40\u0300\u0336а·|<b>(at)N{}"),
        max_size=60,
    )
)
def test_every_range_of_a_view_lies_in_the_input(text: str) -> None:
    for view in views(text):
        previous = 0
        for place in range(len(view.text)):
            start, end = view.to_input(place, place + 1)
            assert previous <= start < end <= len(text)
            previous = start


_ESCAPED = st.lists(
    st.sampled_from(
        ["%C2%B7", "%u00b7", "&middot;", "&#183", "\\xc2\\xb7", "\\u00b7", "=C2=B7", "=3D", "=\n", "#033[1m"]
    )
    | st.text(st.characters(max_codepoint=127), max_size=8)
    | st.text("%\\&#=;<>x0123456789abcdefABCDEFu \n\x1b[", max_size=8),
    max_size=8,
).map("".join)


@given(_ESCAPED)
def test_without_escapes_no_view_says_anything_but_ascii(text: str) -> None:
    if not has_escapes(text):
        assert all(view.text.isascii() for view in views(text))
