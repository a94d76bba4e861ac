"""Runbooks: how long 10,000 pages take to be indexed, to be looked through again, and to be searched with and
without vectors.

The pages are made of words of the concept tables and of invented names, about as long as those of public collections
(a median of 250 words). `OPSWARDEN_BENCH_PAGES` says how many.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from opswarden.core.clock import Deadline, SystemClock
from opswarden.tools.runbooks.backends.folder import FolderRunbooks
from opswarden.tools.runbooks.index import RunbookIndex
from opswarden.tools.runbooks.library import RunbookLibrary
from opswarden.tools.runbooks.nearness import forget_the_matrix
from opswarden.tools.runbooks.ranking import question_of
from opswarden.tools.runbooks.vectors import PageVectors
from opswarden.tools.runbooks.words.concepts import CONCEPTS

from .measuring import Figure, peak_mb

_PAGES = 10_000
_QUERIES = 200
_WORDS = 250
_LENGTH = 384


def figures() -> Iterator[Figure]:
    """CPU time of this process; memory of all of it."""
    pages = int(os.environ.get("OPSWARDEN_BENCH_PAGES", _PAGES))
    rng = random.Random(0)  # noqa: S311 - invented pages
    with tempfile.TemporaryDirectory(prefix="opswarden-bench-") as place:
        leads = _write(Path(place) / "books", pages, rng)
        library = RunbookLibrary(FolderRunbooks(Path(place) / "books", "bench"), Path(place) / "runbooks.sqlite")
        deadline = Deadline(SystemClock(), 3_600)
        yield Figure(f"indexing {pages} pages", (_cpu_s(lambda: library.sync(deadline)),), "s CPU", 30)
        again = tuple(_cpu_s(lambda: library.sync(deadline)) * 1_000 for _ in range(3))
        yield Figure("looking through them again, nothing changed", again, "ms CPU")
        index = library.index(deadline)
        times = []
        for lead in rng.sample(leads, min(_QUERIES, len(leads))):
            begin = time.process_time()
            index.find(question_of([lead], index.is_known), 3)
            times.append((time.process_time() - begin) * 1_000)
        yield Figure("a query", tuple(times), "ms CPU", 20)
        yield Figure("its 95th percentile", (sorted(times)[len(times) * 95 // 100],), "ms CPU")
        yield from _with_vectors(library.index(deadline), rng.sample(leads, min(_QUERIES, len(leads))))
        size = (Path(place) / "runbooks.sqlite").stat().st_size / 1e6
        yield Figure("the index", (size,), "MB")
        yield Figure("peak memory", (peak_mb(),), "MB")
        library.close()


class _Numbers:
    """Vectors of no meaning, as long as those of a small model; making them counts for nothing."""

    model = "numbers"

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)
        self.spent_s = 0.0

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        begin = time.process_time()
        made: list[list[float]] = self._rng.standard_normal((len(texts), _LENGTH)).tolist()
        self.spent_s += time.process_time() - begin
        return made


def _with_vectors(index: RunbookIndex, leads: Sequence[str]) -> Iterator[Figure]:
    numbers = _Numbers()
    PageVectors(index, numbers).fill()
    forget_the_matrix()
    times = []
    for lead in leads:
        spent, begin = numbers.spent_s, time.process_time()
        near, _ = PageVectors(index, numbers).near(lead)
        index.find(question_of([lead], index.is_known), 3, near=near)
        times.append((time.process_time() - begin - (numbers.spent_s - spent)) * 1_000)
    yield Figure(f"a query with vectors of {_LENGTH} numbers, the first", (times[0],), "ms CPU")
    yield Figure("a further one of the process", tuple(times[1:]), "ms CPU", 20)
    yield Figure("its 95th percentile", (sorted(times)[len(times) * 95 // 100],), "ms CPU")


def _write(folder: Path, pages: int, rng: random.Random) -> list[str]:
    english = (line.partition("|")[0] for line in CONCEPTS.replace("\n  ", " ").splitlines())
    words = sorted({word for line in english for word in line.split() if "_" not in word})
    names = ["".join(rng.choices("bcdfglmnprst", k=2)) + rng.choice("aeiou") + rng.choice(words) for _ in range(3_000)]
    weights = [1 / (place + 1) for place in range(len(words))]
    rng.shuffle(words)
    folder.mkdir()
    leads = []
    for number in range(pages):
        lead = "The " + " ".join([*rng.choices(words, weights, k=10), *rng.choices(names, k=3)])
        body = ["It is the " + " ".join(rng.choices(words, weights, k=9)) + "." for _ in range(_WORDS // 12)]
        title = "".join(word.capitalize() for word in (rng.choice(names), *rng.choices(words, weights, k=2)))
        text = f"# {title}\n\n## Meaning\n{lead}.\n\n## Diagnosis\n" + "\n".join(f"1. {line}" for line in body)
        (folder / f"{title}-{number}.md").write_text(text, encoding="utf-8")
        leads.append(lead)
    return leads


def _cpu_s(act: Callable[[], object]) -> float:
    begin = time.process_time()
    act()
    return time.process_time() - begin
