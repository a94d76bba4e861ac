"""Vectors beside the index: cut, kept, compared, and what nearness in meaning may and may not change."""

from __future__ import annotations

import math
import sqlite3
import zlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError
from opswarden.tools.runbooks.documents import Runbook, parse
from opswarden.tools.runbooks.index import RunbookIndex
from opswarden.tools.runbooks.library import Alert, RunbookLibrary
from opswarden.tools.runbooks.meaning import Meaning
from opswarden.tools.runbooks.nearness import NEAR, forget_the_matrix
from opswarden.tools.runbooks.ranking import question_of
from opswarden.tools.runbooks.vectors import BATCH, BESIDE, MOST_PIECES, PageVectors, pieces_of

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
        assert connection.execute("SELECT count(*) FROM part").fetchone() == (2,)


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
    assert not {"part", "vector", "matrix"} & tables


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


def test_the_matrix_is_written_once_and_read_by_other_processes(tmp_path: Path, deadline: Deadline) -> None:
    path, embedder = tmp_path / "runbooks.sqlite", Words()
    index = RunbookLibrary(Pages(PAGES), path).index(deadline)
    PageVectors(index, embedder).fill()
    first = PageVectors(index, embedder).near("drawer ajar")
    name = _matrix(index)
    other = RunbookLibrary(Pages(PAGES), path).index(deadline)
    forget_the_matrix()
    assert PageVectors(other, embedder).near("drawer ajar") == first
    assert PageVectors(other, embedder).near("drawer ajar") == first, "from memory"
    assert _matrix(other) == name
    assert [len(texts) for texts in embedder.asked] == [3, 1, 1, 1]


def test_whatever_changes_the_pages_makes_the_matrix_anew(tmp_path: Path, deadline: Deadline) -> None:
    path, embedder, pages = tmp_path / "runbooks.sqlite", Words(), Pages(dict(PAGES))
    index = RunbookLibrary(pages, path).index(deadline)
    PageVectors(index, embedder).fill()
    before = PageVectors(index, embedder).near("drawer ajar")[0]
    del pages.texts["till.md"]
    pages.texts["desk.md"] = "# DeskOpen\n\n## Meaning\nThe drawer is ajar.\n"
    RunbookLibrary(pages, path).index(deadline)  # by a process that knows of no model
    after = PageVectors(index, embedder).near("drawer ajar")[0]
    (nearest,) = (place for place, added in after.items() if added == pytest.approx(NEAR))
    with index.reading() as connection:
        (name,) = connection.execute("SELECT name FROM page WHERE id = ?", (nearest,)).fetchone()
        assert connection.execute("SELECT count(*) FROM vector").fetchone() == (3,)
    assert (name, set(after) - set(before)) == ("desk.md", {nearest})


def test_a_new_page_with_the_number_of_one_that_went_has_its_own_vector(deadline: Deadline) -> None:
    pages = Pages(dict(PAGES))
    library, embedder = RunbookLibrary(pages), Words()
    PageVectors(library.index(deadline), embedder).fill()
    last = max(PAGES)
    pages.texts[last] = "# DeskOpen\n\n## Meaning\nThe drawer is ajar.\n"
    index = library.index(deadline)
    assert PageVectors(index, embedder).so_far().missing == 0
    near, _ = PageVectors(index, embedder).near("drawer ajar")
    with index.reading() as connection:
        (place,) = connection.execute("SELECT id FROM page WHERE name = ?", (last,)).fetchone()
    assert near[place] == pytest.approx(NEAR)
    assert embedder.asked[-1] == ["drawer ajar", "DeskOpen. Meaning\nThe drawer is ajar."]


def test_a_page_that_another_process_changes_meanwhile_is_cut_anew(
    tmp_path: Path, deadline: Deadline, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, embedder, pages = tmp_path / "runbooks.sqlite", Words(), Pages({"till.md": PAGES["till.md"]})
    index = RunbookLibrary(pages, path).index(deadline)
    vectors, writing = PageVectors(index, embedder), index.writing

    def changed_before() -> AbstractContextManager[sqlite3.Connection]:
        monkeypatch.setattr(index, "writing", writing)
        pages.texts["till.md"] = PAGES["oven.md"]
        RunbookLibrary(pages, path).index(deadline)
        return writing()

    monkeypatch.setattr(index, "writing", changed_before)
    vectors.near("cold")
    assert vectors.near("cold")[1] == 0
    assert embedder.asked[-1] == ["cold", "OvenCold. Meaning\nThe oven is cold."]


def test_vectors_of_another_length_are_made_anew_by_the_index_and_never_by_a_search(deadline: Deadline) -> None:
    class Longer(Words):
        def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
            return [[*vector, 1.0] for vector in super().embed(texts)]

    library = RunbookLibrary(Pages(PAGES))
    index, longer = library.index(deadline), Longer()
    PageVectors(index, Words()).fill()
    with pytest.raises(BackendError, match="vectors of 513 numbers and those of the pages have 512"):
        PageVectors(index, longer).near("drawer ajar")
    assert PageVectors(index, Words()).near("drawer ajar")[1] == 0, "what was kept is still there"
    assert PageVectors(index, longer).fill().made == 3
    assert PageVectors(index, longer).near("drawer ajar")[1] == 0


def test_a_model_that_changes_its_length_between_two_batches_fails(deadline: Deadline) -> None:
    class Growing(Words):
        def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
            vectors = super().embed(texts)
            return [[*vector, 1.0] for vector in vectors] if len(self.asked) > 1 else vectors

    many = {f"{number}.md": f"# Page {number}\n\nText {number}.\n" for number in range(BATCH + 9)}
    vectors = PageVectors(RunbookLibrary(Pages(many)).index(deadline), Growing())
    with pytest.raises(BackendError, match="vectors of 513 numbers"):
        vectors.fill()
    assert (vectors.so_far().made, vectors.so_far().missing) == (BATCH, 9)


def test_an_index_with_vectors_of_an_older_form_keeps_them(tmp_path: Path, deadline: Deadline) -> None:
    path, embedder = tmp_path / "runbooks.sqlite", Words()
    index = RunbookLibrary(Pages(PAGES), path).index(deadline)
    PageVectors(index, embedder).fill()
    with index.writing() as connection:
        for name in ("part", "matrix", "meaning"):
            connection.execute(f"DROP TABLE {name}")
        connection.execute("DROP TRIGGER page_came")
        connection.execute("DROP TRIGGER page_went")
        connection.execute("CREATE TABLE piece (source TEXT, name TEXT)")
    other = RunbookLibrary(Pages(PAGES), path).index(deadline)
    assert PageVectors(other, embedder).near("drawer ajar")[1] == 0
    assert [len(texts) for texts in embedder.asked] == [3, 1], "no page is sent again"


def _matrix(index: RunbookIndex) -> str:
    with index.reading() as connection:
        (name,) = connection.execute("SELECT name FROM matrix").fetchone()
    return str(name)
