"""When the pages of a Git repository changed last, and the team of whoever changed them.

Names and addresses of authors are read only to look up their team in the service catalogue, and go no further. Git is
asked with every setting of the repository switched off that could run something: whoever can write pages may have
written those as well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from ....core.clock import Deadline

_MOST_BYTES = 50_000_000
_MOST_COMMITS = 50_000
_RECORD, _FIELD = "\x1e", "\x1f"
_SAFE = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "log.showSignature=false",
    "log.mailmap=false",
    "diff.external=",
)


class GitHistory:
    """Reads the log of the repository that a folder stands in; implements `History`.

    Args:
        folder: where the pages are; in no repository, nothing is known of them.
        team_of: the team of a person by the name or the address in a commit; empty if it has none.
    """

    def __init__(self, folder: Path, team_of: Callable[[str], str]) -> None:
        self._folder = folder
        self._team_of = team_of

    def changes(self, deadline: Deadline) -> Mapping[str, tuple[datetime, str]]:
        """Path below the folder: its last change; empty where there is no repository, no Git, or not enough time."""
        git = shutil.which("git")
        seconds = min(deadline.left_s, 20.0)
        if git is None or seconds <= 0:
            return {}
        command = [git, "--no-pager", *(part for setting in _SAFE for part in ("-c", setting))]
        command += ["log", f"--max-count={_MOST_COMMITS}", "--no-ext-diff", "--no-textconv", "--no-renames"]
        command += [
            "--name-only",
            "--relative",
            "-z",
            f"--format={_RECORD}%ct{_FIELD}%an{_FIELD}%ae{_FIELD}",
            "--",
            ".",
        ]
        quiet = {"PATH": os.environ.get("PATH", ""), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        quiet |= {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
        # For an object that is missing, git would ask the remote that the repository names, by its program.
        quiet |= {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1"}
        try:
            asked = subprocess.run(  # noqa: S603 - fixed arguments; the folder is where it runs, not an argument
                command, cwd=self._folder, env=quiet, capture_output=True, timeout=seconds, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return {}
        if asked.returncode or len(asked.stdout) > _MOST_BYTES:
            return {}
        return self._read(asked.stdout.decode("utf-8", errors="replace"))

    def _read(self, log: str) -> dict[str, tuple[datetime, str]]:
        found: dict[str, tuple[datetime, str]] = {}
        for record in log.split(_RECORD)[1:]:
            when, author, address, names = (*record.split(_FIELD, 3), "", "", "")[:4]
            if not when.isdigit() or len(when) > 11:
                continue
            moment = datetime.fromtimestamp(int(when), UTC)
            team = self._team_of(author) or self._team_of(address)
            for name in names.split("\0"):
                if name := name.strip("\n"):
                    found.setdefault(name, (moment, team))
        return found
