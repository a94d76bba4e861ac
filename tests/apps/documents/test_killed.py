"""kill -9 while documents are written: what is there is the old or the new, and the next run succeeds."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from opswarden.evals.cases import Case
from opswarden.tests.apps.conftest import Cli

BOOKS = Path(__file__).parents[3] / "docs" / "runbooks"
MAIN = "import sys; from opswarden.apps.cli.main import main; sys.exit(main(sys.argv[1:]))"


def texts_in(folder: Path) -> Mapping[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_documents_survive_kills_anywhere_in_the_command(cli: Cli, home: Path, case: Case) -> None:
    """Each command writes the same few files by turns from two sources, and is killed at any moment of its life."""
    books = [home / name for name in ("one", "two")]
    for place, folder in enumerate(books):
        folder.mkdir()
        for page in sorted(BOOKS.glob("*.md"))[place : 30 + 2 * place]:
            (folder / page.name).write_text(page.read_text() + f"\nFolder {place}.\n")
    out, dice = home / "out", random.Random(3)
    page, board = out / "fraud-scorer.md", out / "board.json"
    commands = [
        *(("docs", "site", "--folder", str(each), "--out", str(out / "site")) for each in books),
        ("docs", "service", "fraud-scorer", "--snapshot", str(case.snapshot), "--out", str(page)),
        ("docs", "dashboard", "fraud-scorer", "--snapshot", str(case.snapshot), "--out", str(board)),
    ]
    wanted: list[Mapping[str, str]] = []
    took = []
    for command in commands:
        began = time.monotonic()
        assert cli(*command).code == 0
        took.append(time.monotonic() - began)
        wanted.append(texts_in(out))
    may = {name: {each[name] for each in wanted if name in each} for each in wanted for name in each}
    page_of_ours = page.read_text()
    for _ in range(60):
        place = dice.randrange(len(commands))
        page.write_text(page_of_ours.replace("fraud-scorer", "other", 1) if dice.random() < 0.5 else page_of_ours)
        may[page.name] |= {page.read_text()}
        running = subprocess.Popen([sys.executable, "-c", MAIN, *commands[place]], cwd=home, stderr=subprocess.PIPE)
        time.sleep(dice.uniform(0.5, 1.2 * took[place] + 2.0))
        running.kill()
        running.communicate()
        there = texts_in(out)
        assert {name for name, text in there.items() if not name.endswith(".part") and text not in may[name]} == set()
        assert all(Path(name).name.startswith(".opswarden-") for name in there if name.endswith(".part"))
    page.write_text(page_of_ours)
    for command in commands:
        done = cli(*command)
        assert done.code == 0, done.err
    assert texts_in(out) == wanted[-1]
