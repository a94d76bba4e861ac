"""A site of runbooks: what MkDocs and Backstage read, checked by reading it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from opswarden.apps.documents.site_pages import laid_out
from opswarden.tests.apps.conftest import Cli
from opswarden.tools.runbooks.page import read_page

BOOKS = Path(__file__).parents[3] / "docs" / "runbooks"


def paths_in(nav: object) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ()
    return [path for part in parts for path in paths_in(part)]


def test_every_page_is_in_the_navigation_of_both_layouts(cli: Cli, home: Path) -> None:
    (home / "handbook.md").write_text("# Night: what to do\n\nCall.\n")
    asked = ("docs", "site", "--folder", BOOKS, "--with", "handbook.md", "--layout", "techdocs", "--out", "site")
    made = cli(*asked, "--owner", "ml-platform")
    assert made.code == 0, made.err
    site = home / "site"
    config = yaml.safe_load((site / "mkdocs.yml").read_text())
    listed = paths_in(config["nav"])
    there = {str(path.relative_to(site / "docs")) for path in (site / "docs").rglob("*.md")}
    assert set(listed) == there
    assert len(listed) == len(there) == len(list(BOOKS.glob("*.md"))) + 2
    assert config["plugins"] == ["techdocs-core"]
    entity = yaml.safe_load((site / "catalog-info.yaml").read_text())
    assert (entity["kind"], entity["spec"]["owner"]) == ("Component", "ml-platform")
    assert entity["metadata"]["annotations"]["backstage.io/techdocs-ref"] == "dir:."
    assert "0 of them written" in cli(*asked, "--owner", "ml-platform").out
    (site / "mkdocs.yml").write_text("site_name: theirs\n")
    assert cli(*asked, "--owner", "ml-platform").code == 2
    assert (site / "mkdocs.yml").read_text() == "site_name: theirs\n"


def test_hostile_titles_stay_titles(cli: Cli, home: Path) -> None:
    books = home / "books"
    books.mkdir()
    title = '"}: [x](javascript:y) \\n!!python/object: <script> # - &a *a'
    (books / "a.md").write_text(f"# {title}\n\nText.\n")
    (books / "b & c.md").write_text("# B\n")
    made = cli("docs", "site", "--folder", books, "--out", "site")
    assert made.code == 0, made.err
    assert "left out" in made.err
    nav = yaml.safe_load((home / "site" / "mkdocs.yml").read_text())["nav"]
    assert paths_in(nav) == ["index.md", "runbooks/a.md"]
    assert next(iter(nav[1].values()))[0] == {title: "runbooks/a.md"}
    assert "[x](javascript" not in (home / "site" / "docs" / "index.md").read_text()
    assert not (home / "site" / "catalog-info.yaml").exists()


@pytest.mark.parametrize("wrong", [("--name", "a b"), ("--name", "../x"), ("--owner", "x\ny"), ("--with", "none.md")])
def test_what_cannot_be_named_is_refused(cli: Cli, home: Path, wrong: tuple[str, str]) -> None:
    assert cli("docs", "site", "--folder", BOOKS, "--out", "site", *wrong).code == 2
    assert not (home / "site").exists()


RUNBOOK = """# Oven

1. Is it hot?
   Look [there](b.md).

   ~~~opswarden
   query: heat{entity="oven"}
   expect: {text: warm}
   ~~~

   Not only once:

   - twice
     1. and again

2. Wait.

## Mitigation

10. Turn it off.

    ```sh
    1. not a step
    ```

Done.
"""


def test_steps_keep_their_numbers_and_their_blocks_in_a_site() -> None:
    assert (
        laid_out(RUNBOOK, has_steps=True)
        == """# Oven

**1. Is it hot? Look [there](b.md).**

~~~opswarden
query: heat{entity="oven"}
expect: {text: warm}
~~~

Not only once:

- twice
    1. and again

**2. Wait.**

## Mitigation

**10. Turn it off.**

```sh
1. not a step
```

Done.
"""
    )
    listed = "1. a\n  - b\n\n```\n  - c\n```\n"
    assert laid_out(listed, has_steps=False) == "1. a\n    - b\n\n```\n  - c\n```\n", "lists of documents stay lists"
    assert laid_out("", has_steps=True) == "\n"
    assert laid_out("1. a\n## B\n", has_steps=True) == "**1. a**\n\n## B\n"


def test_every_step_of_our_pages_stands_in_a_site() -> None:
    for file in BOOKS.glob("*.md"):
        page = read_page(file.name, file.read_text(encoding="utf-8"))
        made = laid_out(page.runbook.text, has_steps=True)
        numbers = [int(found) for found in re.findall(r"^\*\*(\d+)\. .*\*\*$", made, re.MULTILINE)]
        assert numbers == [step.number for step in page.steps], file.name
        assert made.count("\n~~~opswarden\n") == sum(len(step.blocks) for step in page.steps), file.name


def test_a_page_that_is_gone_leaves_the_site_and_what_is_not_ours_stays(cli: Cli, home: Path) -> None:
    books, site = home / "books", home / "site"
    (books / "sub").mkdir(parents=True)
    for name in ("a.md", "sub/b.md"):
        (books / name).write_text(f'# "{name}"\n')
    asked = ("docs", "site", "--folder", books, "--out", site)
    assert cli(*asked).code == 0
    theirs = site / "docs" / "runbooks" / "theirs.md"
    theirs.write_text("# By hand\n")
    left = site / "docs" / "runbooks" / ".opswarden-00000000000000aa.part"
    left.write_text("# hal")
    (books / "sub" / "b.md").rename(books / "sub" / "c.md")
    made = cli(*asked)
    assert (made.code, "taken away, no such page is there any more: docs/runbooks/sub/b.md" in made.err) == (0, True)
    assert {str(path.relative_to(site / "docs")) for path in site.rglob("*") if path.suffix in (".md", ".part")} == {
        "index.md", "runbooks/a.md", "runbooks/sub/c.md", "runbooks/theirs.md",
    }  # fmt: skip
    assert not cli(*asked).err
