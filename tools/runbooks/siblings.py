"""Pages between which words decide by a hair, and what each of them says it is for.

Pages of one component share most of their words. How far the first page's score stands above the next is the best sign
of whether it is the right one; docs/runbooks.md has the shares.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .documents import Runbook
from .index import Indexed

ALIKE = 0.05
"""Of a score: below this distance the first page is the right one for half of our own loosely worded questions, above
it for nine of ten."""
_CODE = re.compile(r"(?:```.*?(?:```|\Z))|(?:~~~.*?(?:~~~|\Z))", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÁÉÍÓÚÑÇÃ])|\n\s*\n")
_MOST_READ = 4_000


def alike(pages: Sequence[Indexed]) -> int:
    """How many pages, from the first, fit as well as it but for a hair; those of another standing end the row."""
    if not pages:
        return 0
    first = pages[0].fit
    for place, page in enumerate(pages):
        if page.fit.is_suitable != first.is_suitable or abs(first.score - page.fit.score) >= ALIKE:
            return place
    return len(pages)


def purpose(page: Runbook) -> str:
    """What a page says first, in one sentence; empty if it says nothing in words."""
    for section in page.sections:
        if said := _CODE.sub("\n\n", section.text[:_MOST_READ]).strip():
            return " ".join(_SENTENCE.split(said, 1)[0].split())
    return ""
