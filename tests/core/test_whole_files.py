"""A file is there whole or not at all: whoever writes it is killed, the disk is full, two write at once."""

from __future__ import annotations

import errno
import fcntl
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from opswarden.core.whole_files import put_whole, sweep

SIZE = 400_000
WRITER = f"""
import sys
from itertools import count
from pathlib import Path
from opswarden.core.whole_files import put_whole

for number in count():
    for page in sys.argv[1:]:
        put_whole(Path(page), "abcd"[number % 4] * {SIZE})
    if number == 0:
        print("all are there", flush=True)
"""
TOO_MUCH = """
import resource, sys
from pathlib import Path
from opswarden.core.whole_files import put_whole

resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
try:
    put_whole(Path(sys.argv[1]), "x" * 20_000)
except OSError as error:
    print(error.strerror)
"""


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def test_what_was_there_is_replaced_whole_and_nothing_is_left_beside(tmp_path: Path) -> None:
    page = tmp_path / "below" / "page.md"
    assert put_whole(page, "old\n")
    assert put_whole(page, "new ñ\n")
    assert page.read_text(encoding="utf-8") == "new ñ\n"
    assert not put_whole(page, "unwanted\n", may=lambda: False)
    with pytest.raises(FileExistsError):
        put_whole(page, "unwanted\n", is_new=True)
    with pytest.raises(UnicodeEncodeError):
        put_whole(page, "\ud800")
    assert [(each.name, each.read_text(encoding="utf-8")) for each in page.parent.iterdir()] == [("page.md", "new ñ\n")]


def test_what_comes_meanwhile_is_not_replaced_where_nothing_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_paths: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    page = tmp_path / "page.md"

    def somebody_is_faster() -> bool:
        page.write_text("theirs\n")
        return True

    for _ in range(2):
        with pytest.raises(FileExistsError):
            put_whole(page, "ours\n", is_new=True, may=somebody_is_faster)
        assert page.read_text() == "theirs\n"
        page.unlink()
        monkeypatch.setattr(os, "link", refuse)  # as on file systems that have none
    assert put_whole(page, "ours\n", is_new=True)
    assert names(tmp_path) == ["page.md"]


def test_what_a_dead_writer_left_is_swept_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    held, left, theirs = (tmp_path / name for name in (
        ".opswarden-00000000000000aa.part", ".opswarden-00000000000000bb.part", ".opswarden-notes.part",
    ))  # fmt: skip
    for each in (held, left, theirs):
        each.write_text("half")
    with held.open() as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        assert sweep(tmp_path) == 1
        assert names(tmp_path) == sorted([held.name, theirs.name])
    assert sweep(tmp_path) == 1
    assert sweep(tmp_path / "nowhere") == 0


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    put_whole(page, "old\n")
    done = subprocess.run([sys.executable, "-c", TOO_MUCH, str(page)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, os.strerror(errno.EFBIG)), done.stderr
    assert (page.read_text(), names(tmp_path)) == ("old\n", ["page.md"])


@pytest.mark.parametrize("kills", [6, pytest.param(500, marks=pytest.mark.soak)])
@pytest.mark.timeout(900)
def test_a_killed_writer_leaves_the_old_or_the_new(tmp_path: Path, kills: int) -> None:
    dice = random.Random(5)
    pages = [tmp_path / f"page-{number}.md" for number in range(3)]
    left = 0
    for _ in range(kills):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, *map(str, pages)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(dice.uniform(0.0, 0.03))
        writer.kill()
        writer.communicate()
        texts = [page.read_text() for page in pages]
        assert all(len(text) == SIZE and len(set(text)) == 1 for text in texts)
        left += sweep(tmp_path)
        assert all(page in pages for page in tmp_path.iterdir()), "the next writer takes away what is left"
    assert left > 0, "no kill came while a text was written"
