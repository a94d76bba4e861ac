"""A runbook of our form, put together from statements and steps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .sources import Sources

NOBODY_YET = (
    "A draft, put together by code from what stands below `sources`; nobody has gone through it yet. "
    "Whoever does takes `draft` away and says when, as `last_verified`."
)
NO_MODEL = "No language model was used: the sentences are fixed, and what is in them was read or measured."


@dataclass(frozen=True)
class DraftStep:
    """A step: what to do, and its checked blocks as the form has them."""

    text: str
    blocks: tuple[Mapping[str, Any], ...] = ()


@dataclass
class Draft:
    """A page in the making.

    Args:
        title: of the page.
        front: what the front matter says besides title and sources; empty values are left out.
        sources: what it rests on.
        notes: what is not known, a sentence each.
    """

    title: str
    front: Mapping[str, Any]
    sources: Sources
    sections: list[tuple[str, list[str]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _steps: int = 0

    def say(self, section: str, *lines: str) -> None:
        """Add lines to a section; it comes where it is first named."""
        for name, held in self.sections:
            if name == section:
                if (
                    held
                    and lines
                    and not held[-1]
                    and held[-2:-1]
                    and held[-2].startswith("- ")
                    and lines[0].startswith("- ")
                ):
                    held.pop()  # a list goes on
                held += lines
                return
        self.sections.append((section, [*lines]))

    def step(self, section: str, step: DraftStep) -> int:
        """Add a step to a section; returns its number."""
        self._steps += 1
        lines, indent = [f"{self._steps}. {step.text}", ""], " " * len(f"{self._steps}. ")
        for block in step.blocks:
            lines += [f"{indent}{line}" for line in ("```opswarden", *_block(block), "```")]
            lines.append("")
        self.say(section, *lines)
        return self._steps

    @property
    def next_step(self) -> int:
        """The number that the next step gets."""
        return self._steps + 1

    def text(self) -> str:
        """The page."""
        front = {"runbook": 1, "title": self.title, **{key: value for key, value in self.front.items() if value}}
        lines = ["---", *(f"{key}: {_value(value)}" for key, value in front.items()), "draft: true", "sources:"]
        lines += [f"  - {json.dumps(line, ensure_ascii=False)}" for line in self.sources.lines()]
        lines += ["---", f"# {self.title}", "", f"_{NOBODY_YET}_", "", f"_{NO_MODEL}_", ""]
        for name, held in self.sections:
            if not held:
                continue
            lines += [f"## {name}", "", *held, ""]
        if self.notes:
            lines += ["## Not known", "", *(f"- {note}" for note in self.notes), ""]
        return _squeezed(lines)


def query(expression: str, text: str, *, path: str = "", is_: str = "", value: float | None = None) -> dict[str, Any]:
    """A `query` block; judged where a path is given."""
    judged = {"path": path, "is": is_, "value": value} if path else {}
    return {"query": expression, "expect": {"text": text, **judged}}


def call(tool: str, args: Mapping[str, Any], text: str) -> dict[str, Any]:
    """A `call` block of a tool that reads."""
    return {"call": tool, "args": dict(args), "expect": text, "effect": "read"}


def decide(question: str, **when: Any) -> dict[str, Any]:
    """A `decide` block; `not_held` is written with a space."""
    return {"decide": question, "when": {name.replace("_", " "): goal for name, goal in when.items()}}


def bullets(lines: Sequence[str]) -> list[str]:
    """A list, or nothing."""
    return [*(f"- {line}" for line in lines), ""] if lines else []


def _block(block: Mapping[str, Any]) -> list[str]:
    return [f"{key}: {_value(value)}" for key, value in block.items()]


def _value(value: Any) -> str:
    """YAML on one line: JSON is YAML, and quotes everything that could be read otherwise."""
    if isinstance(value, str) and not value.startswith("$"):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_value(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(part) for part in value) + "]"
    return str(value) if isinstance(value, str) else json.dumps(value)


def _squeezed(lines: Sequence[str]) -> str:
    """One blank line at most between two others."""
    kept: list[str] = []
    for line in lines:
        if line.strip() or (kept and kept[-1].strip()):
            kept.append(line.rstrip())
    return "\n".join(kept).rstrip() + "\n"
