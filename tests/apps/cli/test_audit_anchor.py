"""`opswarden audit anchor --to git:… | s3://…`, and `audit verify` with what lies there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from opswarden.tests.apps.conftest import Cli, Triaged
from opswarden.tests.doubles.s3_server import ACCESS_KEY, REGION, SECRET_KEY, S3Server


def test_a_git_repository(cli: Cli, triaged: Triaged, tmp_path: Path) -> None:
    folder = tmp_path / "heads.git"
    subprocess.run(["git", "init", "-q", "--bare", str(folder)], check=True)
    said = cli("audit", "anchor", "--to", f"git:{folder}#ledger.txt")
    assert said.code == 0, said.err
    assert said.out.startswith(f"began git:{folder}#ledger.txt: head over ")
    assert cli("audit", "anchor", "--to", f"git:{folder}#ledger.txt").out.startswith("nothing new")
    shown = subprocess.run(["git", "show", "HEAD:ledger.txt"], cwd=folder, capture_output=True, check=True)
    (tmp_path / "heads.txt").write_bytes(shown.stdout)
    assert cli("audit", "verify", "--trusted-head", tmp_path / "heads.txt").out.startswith("OK")
    said = cli("audit", "anchor", "--to", f"git:{folder}#ledger.txt", "--push")
    assert said.code == 3
    assert "could not push it" in said.err


def test_a_bucket(cli: Cli, triaged: Triaged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    monkeypatch.setenv("AWS_REGION", REGION)
    with S3Server() as server:
        line = ("audit", "anchor", "--to", f"s3://{server.bucket}/audit", "--endpoint", server.url)
        said = cli(*line, "--retain-days", 7)
        assert said.code == 0, said.err
        assert said.out.startswith("began s3://")
        assert cli(*line).out.startswith("nothing new")
        (kept,) = server.versions.values()
        (tmp_path / "head.txt").write_bytes(kept[0].content)
        assert cli("audit", "verify", "--trusted-head", tmp_path / "head.txt").out.startswith("OK")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x" * 40)
        said = cli(*line)
    assert said.code == 3
    assert "x" * 40 not in said.err + said.out


def test_options_of_another_place(cli: Cli, triaged: Triaged) -> None:
    s3 = ("audit", "anchor", "--to", "s3://bucket/x")
    assert cli("audit", "anchor", "--to", "heads.txt", "--push").code == 2
    assert cli("audit", "anchor", "--to", "git:x", "--retain-days", 3).code == 2
    assert cli(*s3).code == 2
    assert cli(*s3, "--region", REGION, "--endpoint", "http://example.com").code == 2
