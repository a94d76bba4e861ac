"""Pages between which words do not decide: counted, told apart by what they say first, named beside each other."""

from __future__ import annotations

import pytest

from opswarden.core.clock import Deadline, SystemClock
from opswarden.tools.runbooks.documents import Runbook, parse
from opswarden.tools.runbooks.index import Indexed
from opswarden.tools.runbooks.library import Alert, RunbookLibrary
from opswarden.tools.runbooks.ranking import SUITABLE, Fit
from opswarden.tools.runbooks.siblings import ALIKE, alike, purpose

DRAWER = "# Drawer\n\n## Meaning\nA drawer of the counter is stuck. Pull.\n\n1. Pull.\n"
HINGE = "# Hinge\n\n## Meaning\nA hinge of the counter is stuck. Oil it.\n\n1. Oil.\n"


class Pages:
    environment = "bakery"

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts

    def documents(self, deadline: Deadline) -> tuple[Runbook, ...]:
        return tuple(parse(name, text) for name, text in self.texts.items())


def page(score: float, evidence: float = SUITABLE) -> Indexed:
    return Indexed(parse("a.md", "# A\n"), "own", Fit(score, (), evidence), None, "")


@pytest.mark.parametrize(
    ("pages", "together"),
    [
        ([], 0),
        ([page(0.9)], 1),
        ([page(0.9), page(0.9 - ALIKE)], 1),
        ([page(0.9), page(0.91 - ALIKE)], 2),
        ([page(0.9), page(0.88), page(0.5), page(0.88)], 2),
        ([page(0.9), page(0.88, evidence=0.0), page(0.88)], 1),
        ([page(0.5, evidence=0.0), page(0.49, evidence=0.0)], 2),
        ([page(0.88), page(0.9)], 2),
    ],
)
def test_pages_are_alike_up_to_a_hair_and_of_one_standing(pages: list[Indexed], together: int) -> None:
    assert alike(pages) == together


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HINGE, "A hinge of the counter is stuck."),
        ("# A\n\n## Empty\n\n## Meaning\n~~~opswarden\nquery: x\n~~~\nIt is\ncold. More.\n", "It is cold."),
        ("# A\n\n## Meaning\nversion 1.2 is old. It goes.\n", "version 1.2 is old."),
        ("# A\n", ""),
        ("", ""),
    ],
)
def test_a_page_is_for_what_it_says_first(text: str, said: str) -> None:
    assert purpose(parse("a.md", text)) == said


def test_an_alert_that_fits_two_pages_gets_one_and_the_name_of_the_other() -> None:
    texts = {"drawer.md": DRAWER, "hinge.md": HINGE, "oven.md": "# Oven\n\nThe oven is cold.\n"}
    library, deadline = RunbookLibrary(Pages(texts)), Deadline(SystemClock(), 60)
    _, found = library.match(Alert("Stuck", summary="A drawer or a hinge of the counter is stuck"), deadline)
    assert found is not None
    assert found.or_else is not None
    assert {found.page.runbook.title, found.or_else.title} == {"Drawer", "Hinge"}
    _, clear = library.match(Alert("Stuck", summary="A hinge of the counter is stuck, and needs oil"), deadline)
    assert clear is not None
    assert (clear.page.runbook.title, clear.or_else) == ("Hinge", None)


def test_what_somebody_wrote_on_purpose_has_no_other() -> None:
    library, deadline = RunbookLibrary(Pages({"drawer.md": DRAWER, "hinge.md": HINGE})), Deadline(SystemClock(), 60)
    _, found = library.match(Alert("Hinge", summary="A drawer or a hinge of the counter is stuck"), deadline)
    assert found is not None
    assert (found.matched_by, found.or_else) == ("name", None)
