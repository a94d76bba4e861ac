"""A site of runbooks: what MkDocs and Backstage read, checked by reading it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from opswarden.tests.apps.conftest import Cli

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
