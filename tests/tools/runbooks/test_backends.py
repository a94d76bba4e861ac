"""Every source of runbooks does what the conformance checks ask; a folder keeps to itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from opswarden.core.clock import Deadline
from opswarden.core.errors import BackendError
from opswarden.tools.runbooks.backends import folder as folder_module
from opswarden.tools.runbooks.backends.folder import FolderRunbooks
from opswarden.tools.runbooks.backends.snapshot import SnapshotRunbooks
from opswarden.tools.snapshots.store import SnapshotStore

from .conformance import CHECKS, Make

MakeStore = Callable[..., SnapshotStore]
Check = Callable[[Make, Deadline], None]


@pytest.fixture
def make_books(tmp_path: Path) -> Callable[[Mapping[str, str]], FolderRunbooks]:
    def make(texts: Mapping[str, str]) -> FolderRunbooks:
        folder = tmp_path / "books"
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        folder.mkdir(exist_ok=True)
        return FolderRunbooks(folder, "bakery")

    return make


@pytest.mark.parametrize("check", CHECKS)
def test_a_snapshot(check: Check, make_store: MakeStore, deadline: Deadline) -> None:
    check(lambda texts: SnapshotRunbooks(make_store(runbooks=dict(texts))), deadline)


@pytest.mark.parametrize("check", CHECKS)
def test_a_folder(check: Check, make_books: Make, deadline: Deadline) -> None:
    check(make_books, deadline)


def names(backend: FolderRunbooks, deadline: Deadline) -> list[str]:
    return [book.name for book in backend.documents(deadline)]


def test_a_folder_is_read_to_any_depth(make_books: Make, deadline: Deadline) -> None:
    backend = make_books({"z.md": "z", "ovens/stone/hot.md": "h", "ovens/cold.md": "c", "ovens/list.txt": "no"})
    assert [book.name for book in backend.documents(deadline)] == ["ovens/cold.md", "ovens/stone/hot.md", "z.md"]


def test_a_folder_follows_no_link_and_opens_no_oddity(make_books: Make, tmp_path: Path, deadline: Deadline) -> None:
    backend = make_books({"a.md": "# A"})
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.md").write_text("# secret")
    books = tmp_path / "books"
    (books / "b.md").symlink_to(tmp_path / "outside" / "secret.md")
    (books / "c").symlink_to(tmp_path / "outside")
    (books / "d.md").mkdir()
    (books / "d.md" / "inside.md").write_text("# inside")
    os.mkfifo(books / "e.md")
    (books / "f.md").write_bytes(b"x" * 256_001)
    (books / "g.md").write_bytes(b"x" * 256_000)
    (books / os.fsdecode(b"h\xff.md")).write_text("# no name")
    found = backend.documents(deadline)
    assert [book.name for book in found] == ["a.md", "d.md/inside.md", "g.md"]


def test_a_folder_that_was_named_but_is_gone_is_an_error(tmp_path: Path, deadline: Deadline) -> None:
    with pytest.raises(BackendError, match="folder of runbooks") as caught:
        FolderRunbooks(tmp_path / "gone", "bakery").documents(deadline)
    assert str(tmp_path) not in caught.value.message


def test_of_very_many_files_only_the_first_are_read(
    make_books: Make, deadline: Deadline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "_COUNT_LIMIT", 3)
    backend = make_books({f"{name}.md": name for name in "edcba"})
    assert [book.name for book in backend.documents(deadline)] == ["a.md", "b.md", "c.md"]


def test_bytes_that_are_no_utf8_are_replaced(make_books: Make, tmp_path: Path, deadline: Deadline) -> None:
    backend = make_books({})
    (tmp_path / "books" / "a.md").write_bytes(b"# half \xc3")
    assert backend.documents(deadline)[0].title == "half �"


def test_late_answers_are_errors(make_books: Make, make_store: MakeStore, passed: Deadline) -> None:
    with pytest.raises(BackendError):
        make_books({"a.md": "# A"}).documents(passed)
    with pytest.raises(BackendError):
        SnapshotRunbooks(make_store(runbooks={"a.md": "# A"})).documents(passed)
