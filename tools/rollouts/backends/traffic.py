"""What has to be known of the traffic of a model, and the one thing that may be done to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ....core.clock import Deadline

CHAMPION_NOTE, CANARY_NOTE = "opswarden.io/champion-version", "opswarden.io/canary-version"
"""Annotations (of SageMaker: tags) by which whoever deploys says which versions of the registry get the traffic."""


@dataclass(frozen=True)
class Split:
    """How requests are shared out now.

    Args:
        champion: version of the registry that most requests go to; `None` if nobody has noted it.
        canary: version that the rest go to.
        share: of the canary, from 0 to 1.
        revision: of the object; a change is refused if it has changed since.
    """

    name: str
    champion: int | None
    canary: int | None
    share: float
    revision: str = ""


class Traffic(Protocol):
    """A system that shifts traffic, asked with the credential of one environment. Raises `BackendError`."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    @property
    def place(self) -> str:
        """What people call it."""
        ...

    def split(self, name: str, deadline: Deadline) -> Split | None:
        """How the requests of a model are shared out; `None` if there is no such object."""
        ...

    def give_back(self, split: Split, deadline: Deadline) -> None:
        """Send every request to the champion; nothing else can be asked for."""
        ...
