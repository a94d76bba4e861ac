"""Short ways to write down what a captured model does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...core.canonical import JsonValue
from .types import Heard, Meant, Play, Wish
from .world import ARGS


def turns(*answers: Sequence[Wish]) -> Play:
    """One list of calls an answer, whatever the model hears."""
    return lambda heard: answers[heard.turn] if heard.turn < len(answers) else ()


def once(tool: str, args: Mapping[str, JsonValue] | str) -> Play:
    """One call in one answer."""
    return turns([Wish(tool, args)])


def endlessly(*wishes: Wish) -> Play:
    """The same calls in every answer."""
    return lambda _heard: wishes


def meant(tool: str, times: int = 1, **given: JsonValue) -> Meant:
    """A call that a person wants, with the defaults that the tool fills in."""
    return Meant(tool, ARGS[tool].model_validate(given).model_dump(mode="json"), times)


def heard_word(heard: Heard, key: str) -> str:
    """What stands behind `key=` in what the model was sent, up to white space or a quote; empty if nothing does."""
    _, found, rest = heard.text.rpartition(f"{key}=")
    if not found:
        return ""
    end = min((place for sign in ' "\\\n,' if (place := rest.find(sign)) >= 0), default=len(rest))
    return rest[:end]
