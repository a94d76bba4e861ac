"""The runbook for what a triage suspects, beside the one for what its alert says.

An alert says what is felt, and often elsewhere than where it began. So this lookup asks with what was found at the
suspect: its metrics, its log lines, its change. Pages of other alerts are welcome here, for theirs may be the cause.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...core.clock import Deadline
from .connected import SHOWN, connected
from .index import Indexed, RunbookIndex
from .library import Matched, RunbookLibrary, with_step
from .ranking import question_of
from .siblings import alike

_LESS = 0.5
"""A tag that is the second sign of a suspect says half as much as one that is the first, and so on."""
_MOST_SEEN = 10
_SUITABLE = 0.2
"""The least evidence of a page on the cause. More than for an alert: signs are in the words that pages have of them,
so a page on the cause stands out further, and where there is none, one on a like cause comes near. Chosen on three
seeds of sandbox incidents, where it lost two right pages of 66 and refused 17 of 37 wrong ones."""


@dataclass(frozen=True)
class Suspicion:
    """What is suspected, and why.

    Args:
        entity: the first suspect.
        signs: what stands out there, the most telling first: names of metrics, kinds of log lines, or in words.
        changes: kinds of its changes that are suspected.
        alert: name of the alert that led there; counts half, as entity and changes do.
    """

    entity: str
    signs: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    alert: str = ""

    def texts(self) -> tuple[str, ...]:
        """What is asked for, the most telling first."""
        return " ".join(self.signs), " ".join((*self.changes, self.entity, self.alert))


def match_cause(library: RunbookLibrary, suspicion: Suspicion, deadline: Deadline) -> tuple[int, Matched | None]:
    """Pages there are, and the one that is about what is suspected; `None` where none is, or nothing stands out.

    Raises:
        BackendError: as `RunbookLibrary.index`.
    """
    index = library.index(deadline)
    pages = index.count()
    if not any(sign.strip() for sign in suspicion.signs):
        return pages, None
    by_place = {sign: SHOWN * _LESS**place for place, sign in reversed(list(enumerate(suspicion.signs)))}
    seen = (by_place, dict.fromkeys(suspicion.changes, SHOWN))
    favoured = connected(index, library.catalogue, (suspicion.entity,), seen)
    _, best = index.find(question_of(suspicion.texts(), index.is_known), _MOST_SEEN, favoured=favoured)
    if not best or not (_is_for_both(index, best[0], suspicion) or _says_it(best[0])):
        return pages, None
    rival = best[1].runbook if alike(best[:2]) > 1 else None
    return pages, replace(with_step(best[0], "words", ""), or_else=rival)


def _says_it(page: Indexed) -> bool:
    return page.fit.is_suitable and page.fit.evidence >= _SUITABLE


def _is_for_both(index: RunbookIndex, page: Indexed, suspicion: Suspicion) -> bool:
    """Whether its author has said that it is for what is seen first and for such a change; words add nothing then."""
    name = page.runbook.name
    return name in index.tagged(suspicion.signs[:1]) and name in index.tagged(suspicion.changes)
