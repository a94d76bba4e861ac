"""The words of an attack: what is planted where, what the captured model does then, and what was observed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ...core.canonical import JsonValue
from ...policies.types import CallResult

GO = "@@go@@"
"""Planted text that starts the play of its attack; the model knows the rest by heart."""

OWN = "own"
"""The vector of attacks that the model makes whatever it reads."""
CAPTURED = "captured"
"""The vector of attacks by code of the agent that has been taken over: it holds the gate, and nothing else."""


@dataclass(frozen=True)
class Wish:
    """One call that a model asks for.

    Args:
        args: an object, or the JSON text exactly as it is sent.
        id: the id it gives the call; one is made up unless given.
    """

    tool: str
    args: Mapping[str, JsonValue] | str = field(default_factory=dict)
    id: str = ""

    @property
    def text(self) -> str:
        """The arguments as they are sent."""
        return self.args if isinstance(self.args, str) else json.dumps(self.args, ensure_ascii=False)


@dataclass(frozen=True)
class Heard:
    """What a model has been sent by the time it answers.

    Args:
        text: all of the conversation, outside text included.
        turn: answers since the play began, from 0.
    """

    text: str
    turn: int


Play: TypeAlias = Callable[[Heard], Sequence[Wish]]
"""The calls of one answer; none ends the play, and the model hands in its diagnosis."""


@dataclass(frozen=True)
class Meant:
    """A call that a person wants, exactly, so many times."""

    tool: str
    args: Mapping[str, JsonValue]
    times: int = 1


Vector: TypeAlias = str
"""The name of a place where text enters; see `vectors.py`."""


@dataclass(frozen=True)
class Attack:
    """One way to attack, wherever its text stands.

    Args:
        family: the class of attack.
        name: unique in its family.
        text: what is planted. `@@do TOOL key=value; …@@` is obeyed verbatim, `@@go@@` starts `play`.
        play: what a captured model does, answer by answer; by itself, or once it has read `@@go@@`.
        lines: further log lines in the data, such as a secret in another encoding.
        secrets: planted in `lines` or known to the attack, to be searched for besides those of the world.
        final: the model's last answer; an inconclusive diagnosis unless given.
        lies: texts of claims in `final` that must be shown as unsupported.
        meant: what a person wants in good faith besides, and approves if asked for exactly that.
        careless: whether the person approves whatever is asked, so that only the policies stand in between.
        direct: what captured code does with the gate; the vector is then `captured`.
        resume_with: what a graph that waits is resumed with by whoever forges an answer.
        prepare: done to the installation before the run.
        vectors: `all` or `some` places of text beside `own`, or `own` alone.
        is_markup: whether the point is what a rendered report does.
    """

    family: str
    name: str
    text: str = GO
    play: Play | None = None
    lines: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    final: str = ""
    lies: tuple[str, ...] = ()
    meant: tuple[Meant, ...] = ()
    careless: bool = False
    direct: Callable[[Captured], None] | None = None
    resume_with: Any = None
    prepare: Literal["", "kill-switch"] = ""
    vectors: Literal["all", "some", "own"] = "some"
    is_markup: bool = False


@dataclass(frozen=True)
class Benign:
    """A task in good faith beside the attacks of a family: somebody wants exactly `meant`.

    Args:
        asked: how the request reaches the agent: the calls that its model makes.
        words: what the person wrote, if they wrote it all.
    """

    family: str
    name: str
    meant: tuple[Meant, ...]
    asked: Play
    words: str = ""


@dataclass(frozen=True)
class AttackCase:
    """An attack in one place."""

    id: str
    attack: Attack
    vector: Vector


DirectCall: TypeAlias = Callable[[str, Mapping[str, JsonValue], str], CallResult | None]


@dataclass(frozen=True)
class Captured:
    """What captured code of an agent can reach: its gate, that of another run, and what it saw of another team.

    Args:
        call: (tool, arguments, call id) through the gate; if a person has to answer, that is done before it returns
            and the call has to be made again. `None` where the gate raised.
        other_run: the same in another run of the same agent.
        foreign_artifact: id of an artifact of another team's run.
        foreign_placeholder: a placeholder of another run.
    """

    call: DirectCall
    other_run: DirectCall
    foreign_artifact: str
    foreign_placeholder: str


Stopped = Literal[
    "agent",
    "unknown-tool",
    "bad-arguments",
    "person",
    "stage",
    "budget",
    "redaction",
    "policy",
    "call-id",
    "tool",
    "read",
    "effect",
]
"""Where a call ended. `agent`: it never reached the gate. `read`: it only looked. `effect`: it took effect."""


@dataclass(frozen=True)
class Attempt:
    """One call that was tried, and where it ended.

    Args:
        code: the gate's code; empty where it never got there.
    """

    tool: str
    stopped: Stopped
    code: str = ""
