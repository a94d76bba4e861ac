"""Vectors beside the index: cut, kept, compared, and what nearness in meaning may and may not change."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence

import pytest

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError
from opswarden.tools.runbooks.documents import Runbook, parse
from opswarden.tools.runbooks.index import RunbookIndex
from opswarden.tools.runbooks.library import Alert, RunbookLibrary
from opswarden.tools.runbooks.meaning import Meaning
from opswarden.tools.runbooks.ranking import question_of
from opswarden.tools.runbooks.vectors import BATCH, BESIDE, MOST_PIECES, NEAR, PageVectors, pieces_of

SENSES = {"drawer": "till", "ajar": "open", "coins": "money"}


class Words:
    """A model of sentences for which some words mean the same; it counts what it is asked."""

    def __init__(self, model: str = "words", *, breaks_after: float = math.inf) -> None:
        self.model = model
        self.asked: list[list[str]] = []
        self._breaks_after = breaks_after

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        self.asked.append(list(texts))
        if len(self.asked) > self._breaks_after:
            raise BackendError("it broke")
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> list[float]:
        numbers = [0.0] * 512
        for word in text.casefold().replace(".", " ").split():
            numbers[zlib.crc32(SENSES.get(word, word).encode()) % 512] += 1.0
        return numbers


class Pages:
    environment = "bakery"

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def documents(self, deadline: Deadline) -> tuple[Runbook, ...]:
        return tuple(parse(name, text) for name, text in self.texts.items())


PAGES = {
    "till.md": "# TillOpen\n\n## Meaning\nThe till was left open.\n",
    "queue.md": "# QueueLong\n\n## Meaning\nCustomers wait in the shop.\n",
    "oven.md": "# OvenCold\n\n## Meaning\nThe oven is cold.\n",
}


@pytest.fixture
def deadline() -> Deadline:
    return Deadline(SystemClock(), 60)


def names(library: RunbookLibrary, question: str, deadline: Deadline, embedder: Words | None) -> list[str]:
    return [page.runbook.name for page in library.search((question,), 20, deadline, Meaning(embedder))[2]]


def test_a_page_is_cut_into_its_first_sections_each_with_the_title() -> None:
    sections = "".join(f"## Part {number}\ntext {number} {'x' * 2_000}\n" for number in range(9))
    pieces = pieces_of(parse("a.md", f"# The page\n\n## Empty\n\n{sections}"))
    assert len(pieces) == MOST_PIECES
    assert [piece.text[:20] for piece in pieces[:2]] == ["The page. Part 0\ntex", "The page. Part 1\ntex"]
    assert max(len(piece.text) for piece in pieces) == 1_000
    assert len({piece.digest for piece in pieces}) == MOST_PIECES
    assert [piece.text for piece in pieces_of(parse("empty.md", ""))] == ["empty"]


def test_batches_are_bounded_and_what_was_made_before_a_failure_is_kept(deadline: Deadline) -> None:
    many = {f"{number}.md": f"# Page {number}\n\nText {number}.\n" for number in range(2 * BATCH + 9)}
    library, embedder = RunbookLibrary(Pages(many)), Words(breaks_after=1)
    vectors = PageVectors(library.index(deadline), embedder)
    with pytest.raises(BackendError, match="it broke"):
        vectors.fill()
    assert (vectors.so_far().made, vectors.so_far().missing) == (BATCH, BATCH + 9)
    rest = Words()
    assert PageVectors(library.index(deadline), rest).fill().missing == 0
    assert [len(texts) for texts in rest.asked] == [BATCH, 9]


def test_a_search_sends_few_pages_with_its_question(deadline: Deadline) -> None:
    many = {f"{number}.md": f"# Page {number}\n\nText {number}.\n" for number in range(40)}
    library, embedder = RunbookLibrary(Pages(many)), Words()
    meaning = Meaning(embedder)
    library.search(("where is the text",), 5, deadline, meaning)
    assert [len(texts) for texts in embedder.asked] == [1 + BESIDE]
    assert f"{40 - BESIDE} parts of pages have no vector yet" in meaning.note


def test_pages_of_one_text_are_sent_once_and_both_are_near(deadline: Deadline) -> None:
    library, embedder = RunbookLibrary(Pages({**PAGES, "b/till.md": PAGES["till.md"]})), Words()
    near, missing = PageVectors(library.index(deadline), embedder).near("drawer ajar")
    assert (missing, len(embedder.asked[0])) == (0, 1 + 3)
    assert sorted(near.values())[-2:] == [pytest.approx(NEAR), pytest.approx(NEAR)]


def test_the_vectors_of_a_page_that_is_gone_go_with_it(deadline: Deadline) -> None:
    pages = Pages(dict(PAGES))
    library, embedder = RunbookLibrary(pages), Words()
    PageVectors(library.index(deadline), embedder).fill()
    del pages.texts["oven.md"]
    index = library.index(deadline)
    PageVectors(index, embedder).near("cold")
    with index.reading() as connection:
        assert connection.execute("SELECT count(*) FROM vector").fetchone() == (2,)
        assert connection.execute("SELECT count(*) FROM piece").fetchone() == (2,)


def test_meaning_orders_pages_that_words_leave_alike(deadline: Deadline) -> None:
    pages = {"a.md": "# North\n\nThe shop and its oven.\n", "b.md": "# South\n\nThe shop and its till.\n", **PAGES}
    library = RunbookLibrary(Pages(pages))
    assert names(library, "drawer of the shop", deadline, None)[0] == "a.md"
    assert names(library, "drawer of the shop", deadline, Words())[0] == "b.md"


def test_what_words_call_suitable_stays_first_and_nothing_else_becomes_so(deadline: Deadline) -> None:
    library = RunbookLibrary(Pages(PAGES))
    question = "OvenCold: the oven is cold, and the till drawer is ajar and open"
    plain = library.search((question,), 20, deadline)[2]
    fused = library.search((question,), 20, deadline, Meaning(Words()))[2]
    suitable = {page.runbook.name for page in plain if page.fit.is_suitable}
    assert suitable
    assert {page.runbook.name for page in fused if page.fit.is_suitable} == suitable
    assert fused[0].runbook.name in suitable
    for page in fused:
        same = next((each for each in plain if each.runbook.name == page.runbook.name), None)
        assert page.fit == same.fit if same else not page.fit.is_suitable


def test_no_alert_gets_a_page_by_meaning_alone(deadline: Deadline) -> None:
    library = RunbookLibrary(Pages(PAGES))
    alert = Alert("DrawerAjar", summary="drawer ajar")
    embedder = Words()
    assert library.match(alert, deadline)[1] is None
    assert library.match(alert, deadline, Meaning(embedder))[1] is None
    assert embedder.asked == [], "where words refuse, the model is not asked"


def test_what_somebody_wrote_on_purpose_needs_no_model(deadline: Deadline) -> None:
    library, embedder = RunbookLibrary(Pages(PAGES)), Words()
    found = library.match(Alert("TillOpen", summary="customers wait"), deadline, Meaning(embedder))[1]
    assert found is not None
    assert (found.matched_by, embedder.asked) == ("name", [])
    tagged = {**PAGES, "tagged.md": f"---\nrunbook: 1\nservices: [shop]\n---\n{PAGES['queue.md']}"}
    alert = Alert("Waiting", summary="Customers wait in the shop", entities=("shop",))
    by_service = RunbookLibrary(Pages(tagged)).match(alert, deadline, Meaning(embedder))[1]
    assert by_service is not None
    assert (by_service.page.runbook.name, embedder.asked) == ("tagged.md", [])


def test_where_every_page_is_as_near_nothing_is_added(deadline: Deadline) -> None:
    class Same(Words):
        def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
            return [[0.5, 0.5]] * len(texts)

    library = RunbookLibrary(Pages(PAGES))
    assert PageVectors(library.index(deadline), Same()).near("anything")[0] == {}


def test_the_index_needs_no_model(deadline: Deadline) -> None:
    index = RunbookLibrary(Pages(PAGES)).index(deadline)
    assert Meaning(None).near(index, ("drawer",)) == {}
    with index.reading() as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    assert not {"piece", "vector"} & tables


def test_pages_that_only_meaning_finds_change_no_evidence(deadline: Deadline) -> None:
    index = RunbookLibrary(Pages(PAGES)).index(deadline)
    question = question_of(("the oven is cold",), index.is_known)
    _, plain = index.find(question, 5)
    with index.reading() as connection:
        everything = {row[0]: NEAR for row in connection.execute("SELECT id FROM page")}
    shared, fused = index.find(question, 5, near=everything)
    assert (shared, len(plain), len(fused)) == (1, 1, 3)
    assert fused[0].fit == plain[0].fit


def test_an_index_in_memory_and_empty_is_never_asked(deadline: Deadline) -> None:
    embedder = Words()
    assert Meaning(embedder).near(RunbookIndex(), ("drawer",)) == {}
    assert embedder.asked == []
