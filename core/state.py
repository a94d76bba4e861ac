"""The one directory in which an embedded installation keeps everything."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .errors import ConfigError


@dataclass(frozen=True)
class StateDirectory:
    """Paths below the state directory; `open_state` makes it."""

    root: Path

    @property
    def keys(self) -> Path:
        """The key file."""
        return self.root / "keys.json"

    @property
    def database(self) -> Path:
        """Ledger, approvals, journal, budgets and vault, in one SQLite file so that one transaction can span them."""
        return self.root / "opswarden.sqlite"

    @property
    def checkpoints(self) -> Path:
        """LangGraph's checkpoints."""
        return self.root / "checkpoints.sqlite"

    @property
    def queue(self) -> Path:
        """The queue of the service, where no other database is configured."""
        return self.root / "queue.sqlite"

    @property
    def runbooks(self) -> Path:
        """The index of the runbooks, which can be made again from their source."""
        return self.root / "runbooks.sqlite"

    @property
    def artifacts(self) -> Path:
        """Encrypted full results of tool calls."""
        return self.root / "artifacts"

    @property
    def reports(self) -> Path:
        """Rendered reports."""
        return self.root / "reports"

    @property
    def locks(self) -> Path:
        """Files by which processes agree on how many may ask a system at once."""
        return self.root / "locks"

    @property
    def answers(self) -> Path:
        """Encrypted answers of live systems that processes share for a short while."""
        return self.root / "answers"

    @property
    def live(self) -> Path:
        """A folder per live run: the incident as it was opened."""
        return self.root / "live"

    @property
    def histories(self) -> Path:
        """How the workloads of fleets were used, by fleet and day; built again from a fleet when it is gone."""
        return self.root / "histories"

    @property
    def stop(self) -> Path:
        """What operators have stopped; nothing while there is no such file."""
        return self.root / "stop"

    @property
    def mcp_servers(self) -> Path:
        """What people have accepted of other MCP servers' tools."""
        return self.root / "mcp-servers.json"

    @property
    def fallback_journal(self) -> Path:
        """Signed records of reads made while the ledger could not be written."""
        return self.root / "fallback-journal.jsonl"


def open_state(root: Path) -> StateDirectory:
    """Make the state directory (0700) if it is new and check that it is ours and nobody else can look inside.

    Raises:
        ConfigError: it cannot be made, is no directory, is somebody else's or open to others.
    """
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        _check_ours(root)
        state = StateDirectory(root)
        for folder in (state.artifacts, state.reports):
            folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"state directory {root} cannot be used: {error.strerror}",
            remedy="set `state_dir` in opswarden.toml or OPSWARDEN_STATE_DIR to a folder you own",
        ) from error
    return state


def _check_ours(root: Path) -> None:
    """Whoever owns the directory, or may write it, can put other keys and records in the place of ours."""
    found = root.stat()
    if found.st_uid != os.geteuid():
        raise ConfigError(
            f"state directory {root} belongs to somebody else", remedy="run as its owner, or name a folder of your own"
        )
    if (mode := found.st_mode & 0o777) & 0o077:
        raise ConfigError(f"state directory {root} is open to others (mode {mode:o})", remedy=f"chmod 700 {root}")
