"""The runbooks that come with the product: every query, call and command in them works on the sandbox world."""

from __future__ import annotations

from pathlib import Path

from opswarden.benchmarks.own_runbooks import PAGES, RIGHT
from opswarden.evals.cases import Case
from opswarden.evals.worlds.faults.catalogue import FAMILY_OF
from opswarden.tests.apps.conftest import Cli

LONGEST_WORDS = 700
"""Of a page with its blocks: somebody reads it at three in the morning."""


def test_our_pages_hold_on_the_sandbox(cli: Cli, home: Path, case: Case) -> None:
    said = cli("runbook", "check", "--folder", PAGES, "--snapshot", case.snapshot, "--days", 3_650, "--format", "json")
    assert (said.code, said.json["findings"]) == (0, []), said.out
    assert said.json["pages"] == said.json["of_the_form"] >= 25


def test_every_fault_has_a_page_and_every_page_is_short() -> None:
    pages = {page.stem: page.read_text(encoding="utf-8") for page in PAGES.glob("*.md")}
    assert {name for names in RIGHT.values() for name in names} <= set(pages)
    assert set(FAMILY_OF) - {"two_at_once"} - {name for name in FAMILY_OF if FAMILY_OF[name] == "none"} == set(RIGHT)
    assert [name for name, text in pages.items() if len(text.split()) > LONGEST_WORDS] == []
