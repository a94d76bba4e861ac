"""A repository whose own settings say that what is missing in it is to be fetched, by a program of their choice."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def take_away(repository: Path, name: str, ran: Path) -> None:
    """Delete one object, and have git run a program for it that makes the file `ran`.

    Args:
        repository: a working tree or a bare repository.
        name: of the object, such as `HEAD:a.md`.
    """

    def git(*args: str) -> str:
        kept = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(("git", *args), cwd=repository, env=kept, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    program = ran.with_name(f"{ran.name}.sh")
    program.write_text(f"#!/bin/sh\ntouch {ran}\nexit 1\n")
    program.chmod(0o755)
    found = git("rev-parse", "--verify", name)
    lost = repository / git("rev-parse", "--git-dir") / "objects" / found[:2] / found[2:]
    for setting, value in {
        "core.repositoryformatversion": "1",
        "extensions.partialClone": "there",
        "remote.there.url": f"file://{repository}/nowhere",
        "remote.there.promisor": "true",
        "remote.there.uploadpack": str(program),
        # What is set for one protocol counts before what is set for all.
        "protocol.file.allow": "always",
    }.items():
        git("config", setting, value)
    lost.unlink()
    subprocess.run(("git", "cat-file", "-p", found), cwd=repository, capture_output=True, check=False)
    assert ran.exists(), "without care git runs the program"
    ran.unlink()
