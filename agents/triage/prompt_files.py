"""The words a model is given, as files with a name and a version; what was said is known by the hash of its file.

A file is `prompts/NAME.md`: lines of `key: value` between two lines of `---`, then the text. `{{word}}` stands for what
code puts there; nothing else in a file has a meaning, and what is put in is never looked at again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from ...core.errors import ConfigError

PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "diagnose": frozenset({"open", "close", "turns", "schema"}),
    "refute": frozenset({"open", "close", "turns", "schema"}),
    "answer": frozenset({"open", "close", "turns", "schema"}),
    "savings": frozenset({"open", "close", "schema"}),
    "bill": frozenset({"open", "close", "schema"}),
    "platform": frozenset({"open", "close", "schema"}),
    "repair": frozenset({"problem"}),
    "last_turn": frozenset(),
}
"""Every prompt there is, and what its text has to hold: the fences keep data apart from instructions."""

_HEAD = re.compile(r"\A---\n(?P<head>.*?)^---\n(?P<text>.*)\Z", re.DOTALL | re.MULTILINE)
_PLACEHOLDER = re.compile(r"\{\{([a-z_]+)\}\}")
_LONGEST_BYTES = 20_000


@dataclass(frozen=True)
class Prompt:
    """One file.

    Args:
        name: also that of the file.
        version: a number that whoever edits the text raises.
        text: with its placeholders.
        sha256: of the whole file, hexadecimal.
    """

    name: str
    version: int
    text: str
    sha256: str

    def render(self, **values: object) -> str:
        """The text with every placeholder replaced, in one pass.

        Raises:
            KeyError: a placeholder has no value.
        """
        return _PLACEHOLDER.sub(lambda match: str(values[match[1]]), self.text).strip()


class PromptBook:
    """Every prompt by its name."""

    def __init__(self, prompts: Mapping[str, Prompt]) -> None:
        self._prompts = dict(prompts)

    def __getitem__(self, name: str) -> Prompt:
        return self._prompts[name]

    def hashes(self, *names: str) -> dict[str, str]:
        """Name → hash of some prompts."""
        return {name: self._prompts[name].sha256 for name in names}


@lru_cache(maxsize=1)
def built_in() -> PromptBook:
    """The prompts that come with the package."""
    folder = files(__name__.rpartition(".")[0]) / "prompts"
    return PromptBook({name: parse(name, (folder / f"{name}.md").read_bytes()) for name in PLACEHOLDERS})


def prompt_book(folder: Path | None) -> PromptBook:
    """The prompts in force: those in a folder of the operator's, and the built-in ones for the rest.

    Raises:
        ConfigError: the folder or a file in it cannot be used.
    """
    if folder is None:
        return built_in()
    if not folder.is_dir():
        raise ConfigError(f"`models.prompts`: {folder} is no folder", remedy="name a folder of NAME.md files")
    found = {name: built_in()[name] for name in PLACEHOLDERS}
    for path in sorted(folder.glob("*.md")):
        if path.stem not in PLACEHOLDERS:
            raise ConfigError(
                f"`models.prompts`: there is no prompt {path.stem!r}", remedy=f"prompts: {', '.join(PLACEHOLDERS)}"
            )
        try:
            with path.open("rb") as file:
                content = file.read(_LONGEST_BYTES + 1)
        except OSError as error:
            raise ConfigError(f"prompt {path.stem!r} cannot be read: {error.strerror}") from error
        found[path.stem] = parse(path.stem, content)
    return PromptBook(found)


def parse(name: str, content: bytes) -> Prompt:
    """One file.

    Raises:
        ConfigError: it is too long or no UTF-8, its head is wrong, or a placeholder is missing or unknown.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _wrong(name, "it is no UTF-8") from error
    if len(content) > _LONGEST_BYTES:
        raise _wrong(name, f"it is longer than {_LONGEST_BYTES} bytes")
    match = _HEAD.match(text.replace("\r\n", "\n"))
    if match is None:
        raise _wrong(name, "it does not begin with `---`, `name:`, `version:`, `---`")
    lines = [line.partition(":") for line in match["head"].splitlines() if line.strip()]
    head = {key.strip(): value.strip() for key, _, value in lines}
    if set(head) != {"name", "version"} or head["name"] != name or not re.fullmatch(r"[0-9]{1,6}", head["version"]):
        raise _wrong(name, f"its head must be `name: {name}` and `version:` with a number")
    there, wanted = set(_PLACEHOLDER.findall(match["text"])), PLACEHOLDERS[name]
    if missing := sorted(wanted - there):
        raise _wrong(name, f"it lacks {', '.join(f'{{{{{word}}}}}' for word in missing)}")
    if unknown := sorted(there - wanted):
        raise _wrong(name, f"nothing is known of {', '.join(f'{{{{{word}}}}}' for word in unknown)}")
    return Prompt(name, int(head["version"]), match["text"], hashlib.sha256(content).hexdigest())


def _wrong(name: str, problem: str) -> ConfigError:
    return ConfigError(f"prompt {name!r}: {problem}", remedy="compare it with the one that comes with the package")
