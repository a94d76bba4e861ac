"""The Dockerfile under hadolint itself; left out where it is not installed, and the head of the run says so."""

from __future__ import annotations

import subprocess

from .conftest import FOLDER, HADOLINT


def test_it_finds_nothing_to_mend() -> None:
    text = (FOLDER.parent / "Dockerfile").read_text()
    done = subprocess.run([HADOLINT, "-"], input=text, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout
