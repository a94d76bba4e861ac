"""What stands around a bare number decides whether its check digits are believed."""

from __future__ import annotations

import pytest

from opswarden.redaction.definition import Evidence
from opswarden.redaction.evidence.surroundings import (
    BARE,
    SAID,
    UNDER_SOME_KEY,
    NearWords,
    Surroundings,
    Vocabulary,
)

NUMBER = "52998224725"
RARE = Evidence(frozenset({"cpf", "taxid"}), 100)
COMMON = Evidence(frozenset({"cpf", "taxid"}), 10)
UNCHECKED = Evidence(frozenset({"cpf", "taxid"}), 1)
ONE_CHECK_DIGIT = Evidence(frozenset({"cpf", "taxid"}), 9)

# text, score where one of a hundred passes, where one of ten passes, where there is no check
TABLE: list[tuple[str, str, float, float, float]] = [
    ("its name in front", f"cpf {NUMBER}", SAID, SAID, SAID),
    ("its name in the key", f"cliente_cpf_titular={NUMBER}", SAID, SAID, SAID),
    ("its name in a key in camel case", f'"clienteCpf": "{NUMBER}"', SAID, SAID, SAID),
    ("its name some words before", f"cpf do cliente da loja: {NUMBER}", SAID, SAID, SAID),
    ("a name of two words", f"the tax id is {NUMBER}", SAID, SAID, SAID),
    ("its name glued by an underscore", f"cpf_{NUMBER}", SAID, SAID, SAID),
    ("a key that says nothing", f"xq7={NUMBER}", UNDER_SOME_KEY + 0.1, UNDER_SOME_KEY, 0),
    ("a JSON key that says nothing", f'{{"f": {NUMBER}}}', UNDER_SOME_KEY + 0.1, UNDER_SOME_KEY, 0),
    ("the id of a person", f"user_id={NUMBER}", UNDER_SOME_KEY + 0.1, UNDER_SOME_KEY, 0),
    ("no key and no word", f"saw {NUMBER} again", BARE, 0, 0),
    ("first in a row of a table", f"{NUMBER},ana", BARE, 0, 0),
    ("the id of an order", f"order_id={NUMBER}", 0, 0, 0),
    ("the id of an order in Spanish", f"numero de pedido: {NUMBER}", 0, 0, 0),
    ("some id", f"id={NUMBER}", 0, 0, 0),
    ("a size", f"heap_used_bytes={NUMBER}", 0, 0, 0),
    ("a time", f"created_at={NUMBER}", 0, 0, 0),
    ("a word of business in front", f"transaction {NUMBER} failed", 0, 0, 0),
    ("a unit behind", f"took {NUMBER} ns", 0, 0, 0),
    ("another number's name, then a business word", f"cpf 1 order {NUMBER}", 0, 0, 0),
    ("a name on the line before", f"cpf\n{NUMBER}", BARE, 0, 0),
    ("an item of a list of rows", f'{{"rows": [{NUMBER}]}}', UNDER_SOME_KEY + 0.1, UNDER_SOME_KEY, 0),
    ("a count of rows", f'{{"rows": {NUMBER}}}', 0, 0, 0),
    ("further on in such a list", f'{{"rows": [["x","{NUMBER}"]]}}', UNDER_SOME_KEY, 0, 0),
    ("part of a pod's name", f"pod-{NUMBER}-abcde", 0, 0, 0),
    ("part of a path", f"/v1/batches/{NUMBER}/x", 0, 0, 0),
    ("part of a path, behind people", f"/v1/users/{NUMBER}/x", BARE, 0, 0),
    ("part of a name in such a path", f"/v1/users/{NUMBER}-a/x", 0, 0, 0),
    ("part of a longer figure", f"1.{NUMBER}", 0, 0, 0),
    ("part of a hash", f"a{NUMBER}f", 0, 0, 0),
]


@pytest.mark.parametrize(
    ("text", "rare", "common", "unchecked"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_table(text: str, rare: float, common: float, unchecked: float) -> None:
    start = text.index(NUMBER)
    around = Surroundings(text, start, start + len(NUMBER))
    assert around.score(RARE) == pytest.approx(rare)
    assert around.score(COMMON) == pytest.approx(common)
    assert around.score(UNCHECKED) == pytest.approx(unchecked)


@pytest.mark.parametrize("text", [row[1] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_vocabulary_changes_nothing_but_the_time(text: str) -> None:
    start = text.index(NUMBER)
    place = (text, start, start + len(NUMBER))
    vocabulary = Vocabulary((RARE, Evidence(frozenset({"taxidentificationnumber"}))))
    listening = Surroundings(*place, NearWords(text, {}, vocabulary))
    assert [listening.score(each) for each in (RARE, COMMON, UNCHECKED)] == [
        Surroundings(*place).score(each) for each in (RARE, COMMON, UNCHECKED)
    ]


@pytest.mark.parametrize("key", ["f", "xq7", "p2", "udf3", "field_12", "attributes.a1", "Data3", "campo_x"])
def test_one_check_digit_is_believed_under_a_key_without_a_word(key: str) -> None:
    text = f"{key}={NUMBER}"
    start = text.index(NUMBER)
    assert Surroundings(text, start, start + len(NUMBER)).score(ONE_CHECK_DIGIT) == UNDER_SOME_KEY


@pytest.mark.parametrize(
    "key", ["zone", "onExtend", "rows_processed", "pkt_cnt", "f_max", "идентификатор", "id", "a.zone"]
)
def test_and_not_under_one_that_holds_some(key: str) -> None:
    text = f"{key}={NUMBER}"
    start = text.index(NUMBER)
    assert not Surroundings(text, start, start + len(NUMBER)).score(ONE_CHECK_DIGIT)


def test_nor_alone_nor_where_it_reads_as_a_time() -> None:
    for text, number in ((f"saw {NUMBER}", NUMBER), ("xq7=1764000000", "1764000000")):
        start = text.index(number)
        assert not Surroundings(text, start, start + len(number)).score(ONE_CHECK_DIGIT)
