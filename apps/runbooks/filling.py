"""The vectors of all pages, where a model of embeddings is configured."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.errors import BackendError
from ...tools.runbooks.meaning import MOST_VECTORS
from .opened import OpenRunbooks


@dataclass(frozen=True)
class Filled:
    """What came of making the vectors.

    Args:
        made: how many now; those of unchanged pages are kept.
        missing: how many there are not yet.
        problem: why not all of them; empty if none is missing.
    """

    made: int
    missing: int
    problem: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether every part of a page that may have a vector has one."""
        return not (self.missing and self.problem)

    @property
    def told(self) -> str:
        """The same in a line."""
        sent = f"embeddings: {self.made} parts of pages sent to the model"
        if not self.missing:
            return sent
        if not self.problem:
            return f"{sent}, {self.missing} stay without: {MOST_VECTORS} are kept at most"
        return f"{sent}, {self.missing} are missing: {self.problem}; call it again to go on where this ended"

    def as_json(self) -> dict[str, object]:
        """The same for programs."""
        return {"made": self.made, "missing": self.missing, "problem": self.problem}


def fill(runbooks: OpenRunbooks) -> Filled | None:
    """Make the vectors that are missing; a model that fails is told of, and nothing else fails for it.

    Returns:
        `None` without a model.
    """
    embedder = runbooks.gate.embedder("runbooks.search")
    if embedder is None:
        return None
    from ...tools.runbooks.vectors import PageVectors  # noqa: PLC0415 - numpy, only where a model is configured

    vectors = PageVectors(runbooks.library.index(runbooks.deadline()), embedder)
    problem = ""
    try:
        made = vectors.fill()
    except BackendError as error:
        made, problem = vectors.so_far(), error.message
    return Filled(made.made, made.missing, problem)
