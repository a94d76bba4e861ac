"""What is called otherwise now: nothing of it is lost silently, and what people wrote goes along."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from opswarden.agents.writing.document import digest_of
from opswarden.evals.cases import Case
from opswarden.tests.apps.conftest import Cli

OLD, NEW = "risk-scorer", "fraud-scorer"


@pytest.fixture
def snapshot(home: Path, case: Case) -> Path:
    """The incident, in whose catalogue one service bore another name before."""
    folder = home / "snapshot"
    shutil.copytree(case.snapshot, folder)
    catalogue = folder / "catalogue.yaml"
    named = catalogue.read_text().replace(f"  {NEW}:\n", f"  {NEW}:\n    aliases: [{OLD}]\n", 1)
    catalogue.write_text(named)
    return folder


def as_written(text: str) -> str:
    """A page whose parts nobody has written on in."""
    return re.sub(
        r"(<!-- opswarden:\S+) \w+ -->\n(.*?)\n<!-- /",
        lambda part: f"{part[1]} {digest_of(part[2])} -->\n{part[2]}\n<!-- /",
        text,
        flags=re.DOTALL,
    )


def test_a_page_of_the_former_name_is_not_emptied_and_goes_along(cli: Cli, home: Path, snapshot: Path) -> None:
    asked = ("--snapshot", snapshot, "--out")
    assert cli("docs", "service", NEW, *asked, "today.md").code == 0
    before = as_written((home / "today.md").read_text().replace(NEW, OLD)) + f"\n## By hand\n\nAsk Jo of {OLD}.\n"
    old, new = home / "old.md", home / "new.md"
    old.write_text(before)
    refused = cli("docs", "service", OLD, *asked, old)
    assert (refused.code, f"{OLD} is called {NEW} now" in refused.err) == (2, True), refused.err
    assert old.read_text() == before
    carried = cli("docs", "service", NEW, *asked, new, "--from", old)
    assert carried.code == 0, carried.err
    text = new.read_text()
    assert text.startswith(f"# {NEW}\n")
    assert text.endswith(f"Ask Jo of {OLD}.\n")
    assert text.replace(f"\n## By hand\n\nAsk Jo of {OLD}.\n", "") == (home / "today.md").read_text()
    assert "left to do: take old.md away" in carried.err
    assert f"lines of people's that still say {OLD}: 1" in carried.err
    for wrong in (old, home / "none.md"):
        assert cli("docs", "service", NEW, *asked, new, "--from", wrong).code == 2, "a page is there, or none to carry"
    old.write_text(before.replace(OLD, "gone-for-good"))
    gone = cli("docs", "service", "gone-for-good", *asked, old)
    assert (gone.code, "nothing is called so any more; old.md is left as it was" in gone.err) == (2, True), gone.err
    assert "Ask Jo" in old.read_text()


def test_a_dashboard_and_runbooks_of_the_former_name_are_named(cli: Cli, home: Path, snapshot: Path) -> None:
    board = home / "board.json"
    board.write_text(json.dumps({"uid": "opswarden-risk-scorer"}))
    asked = ("--snapshot", snapshot, "--out", board)
    assert f"{OLD} is called {NEW} now" in cli("docs", "dashboard", OLD, *asked).err
    made = cli("docs", "dashboard", NEW, *asked)
    assert (made.code, "of the uid opswarden-risk-scorer" in made.err) == (0, True), made.err
    assert "left to do" not in cli("docs", "dashboard", NEW, *asked).err
    (home / "books").mkdir()
    (home / "books" / "score.md").write_text(
        f"---\nrunbook: 1\nservices: [{OLD}]\nowner: risk-models\nlast_verified: 2026-11-29\n---\n# S\n\n1. Look.\n"
    )
    rule = {"alert": "ScoreMoved", "expr": f'score_mean{{entity="{OLD}"}} > 0.5', "labels": {"severity": "page"}}
    (home / "rules.yml").write_text(json.dumps({"groups": [{"name": "a", "rules": [rule]}]}))
    (home / "opswarden.toml").write_text('version = 1\nrunbook_rules = "rules.yml"\n')
    told = cli("runbook", "report", "--folder", "books", "--snapshot", snapshot)
    assert f"ScoreMoved: {OLD} is called {NEW} now" in told.out, told.err
    checked = cli("runbook", "check", "--folder", "books", "--snapshot", snapshot, "--days", 3_650)
    assert f"score.md:3: service.renamed: {OLD} is called {NEW} now" in checked.out
