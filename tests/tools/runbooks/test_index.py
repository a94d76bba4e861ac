"""The index: what it reads, what it finds, and what it does when things go wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from opswarden.core.errors import BackendError
from opswarden.tools.runbooks.backends.types import Entry
from opswarden.tools.runbooks.index import RunbookIndex
from opswarden.tools.runbooks.ranking import question_of

PAGES = {
    "oven/OvenCold.md": "# OvenCold\n\n## Meaning\nThe oven has gone cold and no loaf can be baked.\n\n1. light it\n",
    "old/OvenCold.md": "# OvenCold\n\nAn older page of the same name: light it.\n",
    "TillServerDown.md": "# TillServerDown\n\n## Meaning\nThe till-server pod is not running.\n",
    "DoughDiskFull.md": "# DoughDiskFull\n\n## Meaning\nThe file system of the dough machine has no space left.\n",
    "lento.md": "# Caja lenta\n\n## Significado\nLa caja responde muy despacio a los clientes de la panadería.\n",
}
Read = Callable[[str], str | None]


class Source:
    """Texts, and which of them were read."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts
        self.read: list[str] = []

    def entries(self) -> list[Entry]:
        return [Entry(name, str(hash(text))) for name, text in self.texts.items()]

    def text(self, name: str) -> str | None:
        self.read.append(name)
        return self.texts.get(name)

    def into(self, index: RunbookIndex) -> None:
        index.sync("books", self.entries(), self.text)


@pytest.fixture(scope="module")
def index() -> RunbookIndex:
    made = RunbookIndex()
    Source(dict(PAGES)).into(made)
    return made


def names(index: RunbookIndex, *texts: str, limit: int = 3) -> list[str]:
    return [page.runbook.name for page in index.find(question_of(texts, index.is_known), limit)[1]]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("an oven is cold", "oven/OvenCold.md"),
        ("TillServer unavailable", "TillServerDown.md"),
        ("till_server is unreachable", "TillServerDown.md"),
        ("hardly any room on the dough machine's filesystem", "DoughDiskFull.md"),
        ("El disco de la máquina dough está lleno", "DoughDiskFull.md"),
        ("O disco da máquina dough está cheio", "DoughDiskFull.md"),
        ("{{ $labels.namespace }}/{{ $labels.pod }} till server down", "TillServerDown.md"),
        ("la caja está lenta", "lento.md"),
        ("slow caja", "lento.md"),
    ],
)
def test_the_page_comes_first(index: RunbookIndex, text: str, name: str) -> None:
    assert names(index, text)[0] == name


def test_pages_of_one_name_count_once(index: RunbookIndex) -> None:
    _, best = index.find(question_of(["cold oven"], index.is_known), 3)
    assert (best[0].runbook.name, best[0].also) == ("oven/OvenCold.md", ("old/OvenCold.md",))


@pytest.mark.parametrize(
    "text", ["Kafka consumer group is far behind", "the coffee machine has no water", "xyzzy", "", "?!"]
)
def test_what_no_page_is_about_is_not_suitable(index: RunbookIndex, text: str) -> None:
    _, best = index.find(question_of([text], index.is_known), 3)
    assert not any(page.fit.is_suitable for page in best)


def test_what_a_page_is_about_is_suitable(index: RunbookIndex) -> None:
    _, best = index.find(question_of(["The oven has gone cold."], index.is_known), 3)
    assert best[0].fit.is_suitable
    assert not best[-1].fit.is_suitable or len(best) == 1


@pytest.mark.parametrize(
    "text", ['" OR name:*', "a" * 100_000, "NEAR(oven cold)", "oven\x00cold", "\ud800 oven", "(" * 9_000]
)
def test_hostile_questions_are_only_words(index: RunbookIndex, text: str) -> None:
    names(index, text)


def test_only_what_changed_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "runbooks.sqlite"
    source = Source(dict(PAGES))
    first = RunbookIndex(path)
    source.into(first)
    assert path.stat().st_mode & 0o777 == 0o600
    source.read.clear()
    source.texts["TillServerDown.md"] += "\nNow also about sourdough.\n"
    del source.texts["lento.md"]
    source.into(first)
    assert source.read == ["TillServerDown.md"]
    first.close()
    again = RunbookIndex(path)
    assert names(again, "sourdough") == ["TillServerDown.md"]
    assert again.page("lento.md") is None
    assert again.count() == len(PAGES) - 1
    again.close()


def test_a_reader_sees_the_state_before_a_write_that_broke(tmp_path: Path) -> None:
    path = tmp_path / "runbooks.sqlite"
    writer, reader = RunbookIndex(path), RunbookIndex(path)
    Source(dict(PAGES)).into(writer)

    def read(name: str) -> str | None:
        if name == "b.md":
            raise RuntimeError("the power went out")
        return "# New"

    with pytest.raises(RuntimeError):
        writer.sync("books", [Entry("a.md", "1"), Entry("b.md", "1")], read)
    assert reader.count() == writer.count() == len(PAGES)
    assert names(reader, "an oven is cold")[0] == "oven/OvenCold.md"
    writer.close()
    reader.close()


def test_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "runbooks.sqlite"
    path.write_bytes(b"no database at all" * 1_000)
    index = RunbookIndex(path)
    Source(dict(PAGES)).into(index)
    assert index.count() == len(PAGES)
    index.close()


def test_a_place_where_nothing_can_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "runbooks.sqlite").mkdir()
    with pytest.raises(BackendError):
        RunbookIndex(tmp_path / "runbooks.sqlite")


def test_sources_are_kept_apart(index: RunbookIndex) -> None:
    assert index.find(question_of(["cold oven"], index.is_known), 3, sources=["elsewhere"])[1] == []
    assert list(index.pages(["elsewhere"])) == []
