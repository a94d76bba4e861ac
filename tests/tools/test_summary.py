"""Texts and lists that are made small without leaving half a secret behind."""

from __future__ import annotations

import re
import time
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from opswarden.core.tokens import estimate_tokens
from opswarden.tools.spec import OneLine
from opswarden.tools.summary import ends_that_fit, first_that_fit, one_line, paragraphs

PROSE = "the baker opened the oven and looked at the bread while it rose slowly "
CARD = "4111 1111 1111 1111"
MAIL = "ana.maria@bakery.example"


class Item(BaseModel):
    text: str


def items(count: int, size: int = 40) -> list[Item]:
    return [Item(text=f"{place:04}" + "x" * (size - 4)) for place in range(count)]


@pytest.mark.parametrize(
    ("text", "handed_over"),
    [
        (None, ""),
        ("", ""),
        ("  plain  ", "plain"),
        ("a\nb\tc\x00d\x1b[31m", "a\nb\tc\x00d\x1b[31m"),
        (PROSE * 100, (PROSE * 100).strip()),
    ],
)
def test_a_text_is_handed_over_as_it_is(text: str | None, handed_over: str) -> None:
    assert one_line(text, 20) == handed_over


def test_of_a_very_long_text_the_start_is_handed_over() -> None:
    text = f"first words {PROSE * 200} last words"
    kept = one_line(text, 50)
    assert kept.startswith("first words the baker")
    assert estimate_tokens(kept) < 60
    assert re.search(r"… \d+ characters left out …", kept)


@pytest.mark.parametrize("secret", [CARD, MAIL, "password=hunter2", "Ana Maria Lopez", "4111-1111-1111-1111"])
def test_no_cut_goes_through_a_secret(secret: str) -> None:
    for before in range(0, 400, 7):
        text = f"{(PROSE * 8)[:before]} {secret} {PROSE * 200}"
        kept = one_line(text, 60)
        words = secret.split()
        assert len(kept) < 400
        assert secret in kept or not any(word in kept for word in words)


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_card_number_is_never_split(before: int, after: int) -> None:
    text = f"{(PROSE * 6)[:before]} {CARD} {PROSE * 150} {CARD} {(PROSE * 6)[:after]}"
    kept = re.sub(r"… \d+ characters left out …", "", one_line(text, 25))
    assert kept.count("1111") % 3 == 0
    assert kept.count("4111") == kept.count(CARD)


def test_a_text_without_seams_stays_whole_or_goes() -> None:
    token = "aB3" * 1_000
    assert one_line(token, 20) == token
    assert one_line(token * 4, 20) == "[… 12000 characters left out …]"


LONG = "some plain words of no meaning at all " * 300
STRUCTURES = {
    "JSON": f'{{"note": "{LONG}", "kind": "Secret"}}',
    "JSON behind a few words": f'got it just now {{"data": {{"frob": "eDlL"}}, "note": "{LONG}", "kind": "Secret"}}',
    "XML": f"<secret><note>{LONG}</note></secret>",
    "a manifest": f"apiVersion: v1\ndata:\n  frob: eDlLcUxtMlB6Ujd0\n  note: {LONG}\nkind: Secret\n",
    "a list of manifests": f"- name: frob\n  note: {LONG}\n",
    "a table": f"ts,customer,note\n1,Zuq,{LONG}\n",
}


@pytest.mark.parametrize("text", STRUCTURES.values(), ids=list(STRUCTURES))
def test_a_very_long_structure_is_not_cut_but_left_out(text: str) -> None:
    assert re.fullmatch(r"(got it just )?\[… \d+ characters left out …\]", " ".join(one_line(text, 60).split()))


@pytest.mark.parametrize(
    "frame",
    ["\n  at shop.Oven{0}.bake(Oven{0}.java:{0})", '\n  File "/srv/oven{0}.py", line {0}, in bake\n    bake(X)'],
)
def test_a_very_long_stack_trace_is_cut_between_frames(frame: str) -> None:
    kept = one_line("Boom: X1" + "".join(frame.format(place) for place in range(400)), 60)
    assert kept.startswith("Boom: X1")
    assert "399" in kept.splitlines()[-1] + kept.splitlines()[-2]
    assert len(kept) < 400


def test_of_a_giant_only_the_start_is_read() -> None:
    kept = one_line(PROSE * 10_000 + CARD, 30)
    assert kept.startswith("the baker")
    assert kept.endswith("left out …]")
    assert len(kept) < 200


@pytest.mark.parametrize("line", ["a,", "- a:\n", "a: \n", "\n  at ", "a ", "{", " \n", "a,b,c\n", "a" * 70])
def test_no_text_takes_longer_than_its_length_allows(line: str) -> None:
    started = time.process_time()
    one_line((line * 40_000)[:65_000])
    assert time.process_time() - started < 1


def test_a_document_is_whole_or_cut_at_an_empty_line() -> None:
    text = "\n\n".join(f"# Part {place}\nkey: {MAIL}" for place in range(2_000))
    assert paragraphs(text[:32_000], 60) == text[:32_000]
    kept = paragraphs(text, 60)
    assert kept.startswith("# Part 0\n")
    assert kept.count("@") == kept.count(MAIL)
    assert estimate_tokens(kept) < 90
    fenced = f"# Part 0\n\n```yaml\nkind: Secret\n\ndata:\n  frob: eDlL\n```\n{text}"
    assert paragraphs(fenced, 12).startswith("# Part 0\n\n [… ")


class Shown(BaseModel):
    text: Annotated[str, OneLine(20)]


def test_entries_count_as_they_will_be_shown() -> None:
    entries = [Shown(text="x y" * 1_000)] * 100
    assert 5 <= len(first_that_fit(entries, 300)) <= 12
    assert 5 <= len(ends_that_fit(entries, 300)) <= 12


def test_the_first_entries_that_fit_are_kept() -> None:
    assert first_that_fit(items(3), 1_000) == tuple(items(3))
    kept = first_that_fit(items(100), 100)
    assert kept == tuple(items(100)[: len(kept)])
    assert 3 <= len(kept) <= 8
    assert first_that_fit(items(2, 10_000), 100) == tuple(items(2, 10_000)[:1])
    assert first_that_fit([], 100) == ()


def test_both_ends_that_fit_are_kept_in_order() -> None:
    assert ends_that_fit(items(3), 1_000) == tuple(items(3))
    kept = ends_that_fit(items(100), 200)
    assert kept[0] == items(100)[0]
    assert kept[-1] == items(100)[-1]
    assert list(kept) == sorted(kept, key=lambda item: item.text)
    assert 6 <= len(kept) <= 16
