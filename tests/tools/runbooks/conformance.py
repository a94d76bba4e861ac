"""What every source of runbooks has to do; `make` fills one with texts by name and returns it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from opswarden.core.clock import Deadline
from opswarden.tools.runbooks.backends.types import RunbooksBackend

Make = Callable[[Mapping[str, str]], RunbooksBackend]


def check_documents_come_by_name(make: Make, deadline: Deadline) -> None:
    found = make({"b-oven.md": "text only", "a.md": "# Cold oven\n\nlight it"}).documents(deadline)
    assert [(book.name, book.title, book.text) for book in found] == [
        ("a.md", "Cold oven", "# Cold oven\n\nlight it"),
        ("b-oven.md", "b oven", "text only"),
    ]
    assert found[0].sections[0].text == "light it"


def check_nothing_is_nothing(make: Make, deadline: Deadline) -> None:
    assert make({}).documents(deadline) == ()


CHECKS = (check_documents_come_by_name, check_nothing_is_nothing)
