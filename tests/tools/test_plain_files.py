"""Only regular files of a bearable size are read."""

from __future__ import annotations

import os
from pathlib import Path

from opswarden.tools.plain_files import read_plain_text


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"br\xc3\xb8d \xff")
    assert read_plain_text(str(tmp_path / "a.md"), 100) == "brød �"
    place = os.open(tmp_path, os.O_RDONLY)
    assert read_plain_text("a.md", 100, folder=place) == "brød �"
    os.close(place)


def test_anything_else_is_not(tmp_path: Path) -> None:
    (tmp_path / "large.md").write_bytes(b"x" * 101)
    (tmp_path / "small.md").write_bytes(b"x")
    (tmp_path / "link.md").symlink_to(tmp_path / "small.md")
    (tmp_path / "folder.md").mkdir()
    os.mkfifo(tmp_path / "pipe.md")
    for name in ("large.md", "link.md", "folder.md", "pipe.md", "gone.md"):
        assert read_plain_text(str(tmp_path / name), 100) is None
