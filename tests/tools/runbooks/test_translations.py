"""A page in two languages, one half of which is stale."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from opswarden.tools.runbooks.checks.findings import Finding, Platform
from opswarden.tools.runbooks.checks.pages import check_page
from opswarden.tools.runbooks.page import Page, read_page

ENGLISH = """
1. Is it full?

   ~~~opswarden
   query: used{entity="oven"}
   expect: {text: below a hundred, path: "series[0].last", is: below, value: 100}
   ~~~

   ~~~opswarden
   decide: Is it?
   when: {held: stop, not held: 2}
   ~~~

2. Empty it.

   ~~~opswarden
   command: kubectl scale deployment/oven --replicas=2
   expect: two pods
   effect: write
   ~~~

   ~~~opswarden
   rollback: kubectl scale deployment/oven --replicas=1
   undoes: 2
   expect: one pod
   effect: write
   ~~~
"""
SPANISH = (
    ENGLISH.replace("Is it full?", "¿Está lleno?").replace("below a hundred", "menos de cien").replace("Is it?", "¿Sí?")
    .replace("Empty it.", "Vacíelo.").replace("two pods", "dos pods").replace("one pod", "un pod")
)  # fmt: skip
FRONT = "---\nrunbook: 1\nowner: bakery\nrisk: medium\nlast_verified: 2026-11-01\n---\n# Oven\n"


def stale(text: str) -> dict[str, str]:
    return {
        "limit": text.replace("value: 100", "value: 90"),
        "command": text.replace("--replicas=2", "--replicas=4"),
        "query": text.replace('used{entity="oven"}', 'used{entity="ovens"}'),
        "goal": text.replace("held: stop", "held: escalate"),
        "step": text.replace("2. Vacíelo.\n", "2. Avise.\n\n3. Vacíelo.\n").replace("undoes: 2", "undoes: 3"),
        "block": text.replace("   ~~~opswarden\n   decide: ¿Sí?\n   when: {held: stop, not held: 2}\n   ~~~\n\n", ""),
    }


def both(english: str, spanish: str) -> str:
    """One page with both languages; steps are counted over all of it."""
    moved = (
        spanish.replace("not held: 2", "not held: 4")
        .replace("undoes: 2", "undoes: 4")
        .replace("undoes: 3", "undoes: 5")
    )
    return f"{FRONT}\n## English\n{english}\n## Español\n{moved}"


def found_in(*pages: tuple[str, str]) -> list[Finding]:
    read = {name: read_page(name, text) for name, text in pages}
    platform = Platform(today=date(2026, 11, 30), pages=frozenset(read), others=read)
    return [each for page in read.values() for each in check_page(page, platform)]


def test_halves_and_files_that_say_the_same_have_no_finding() -> None:
    assert found_in(("oven.md", both(ENGLISH, SPANISH))) == []
    assert (
        found_in(("oven.md", FRONT + ENGLISH), ("oven.es.md", FRONT + SPANISH), ("es/oven.md", FRONT + SPANISH)) == []
    )
    other = FRONT + stale(SPANISH)["limit"]
    assert found_in(("oven.es.md", other)) == [], "nothing that it translates is there"
    assert found_in(("oven.md", FRONT + ENGLISH), ("oven-es.md", other)) == [], "that may be about anything"


@pytest.mark.parametrize("kind", [*stale("")])
def test_a_stale_half_is_found(kind: str) -> None:
    (found,) = found_in(("oven.md", both(ENGLISH, stale(SPANISH)[kind])))
    assert found.code == "translation.differs", found
    (found,) = found_in(("oven.md", FRONT + ENGLISH), ("oven.pt-br.md", FRONT + stale(SPANISH)[kind]))
    assert (found.page, found.code, "oven.md" in found.text) == ("oven.pt-br.md", "translation.differs", True)


def test_headings_that_name_a_language_in_passing_divide_nothing() -> None:
    page: Page = read_page("oven.md", f"{FRONT}\n## English names of ovens\n{ENGLISH}\n## Spanish\nNothing.\n")
    assert check_page(page, replace(Platform(today=date(2026, 11, 30)), others={})) == []
