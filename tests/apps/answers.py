"""Who works at the keyboard in these tests, and what a command line answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

PERSON = "ana"


@dataclass(frozen=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)
