"""Who got which document is on the record, wherever it went."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.people.senders import write_whole
from opswarden.core.errors import BackendError

Cli = Callable[..., Any]


def _records(cli: Cli) -> list[dict[str, Any]]:
    return [each for each in cli("audit", "tail", "--format", "json").json if each["kind"] == "file.written"]


def test_a_site_is_recorded_with_a_hash_over_all_of_its_files(cli: Cli, home: Path, case: Any) -> None:
    (home / "runbooks").mkdir()
    for number in range(3):
        (home / "runbooks" / f"page-{number}.md").write_text(f"# Page {number}\n\nLook.\n")
    made = cli("docs", "site", "--folder", home / "runbooks", "--snapshot", case.snapshot, "--out", home / "site")
    assert made.code == 0, made.err
    (record,) = _records(cli)
    told = record["body"]
    assert (told["what"], told["to"], told["by"].startswith("person:")) == ("site", "file", True)
    contents = {path.name: path.read_bytes() for path in (home / "site").rglob("*") if path.is_file()}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    assert {each["name"]: each["sha256"] for each in told["files"]} == hashes
    whole = "[" + ",".join(f'"{each}"' for each in sorted(hashes.values())) + "]"
    assert told["sha256"] == hashlib.sha256(whole.encode()).hexdigest()
    assert record["run_id"] != "installation"


def test_a_document_on_the_terminal_is_recorded_before_it_is_shown(cli: Cli, case: Any) -> None:
    shown = cli("docs", "architecture", "--snapshot", case.snapshot)
    assert shown.code == 0, shown.err
    (record,) = _records(cli)
    assert (record["body"]["what"], record["body"]["to"], record["body"]["count"]) == ("document", "terminal", 1)
    assert [each["name"] for each in record["body"]["files"]] == ["-"]


@pytest.mark.parametrize("through", ["itself", "a link"])
def test_a_report_takes_no_place_of_a_device_or_a_pipe(tmp_path: Path, through: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    out = pipe
    if through == "a link":
        out = tmp_path / "link"
        out.symlink_to(pipe)
    with pytest.raises(BackendError, match="no ordinary file"):
        write_whole(out, "report")
    assert pipe.is_fifo()
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted({"pipe", out.name})
