"""Recognizers that an operator declares in a YAML file, each with examples that are tried when it is loaded.

```yaml
recognizers:
  - name: badge
    entity_type: BADGE
    pattern: 'BDG-[0-9]{4}'
    keys: [badge_no]
    found: ['gate opened by BDG-1234', 'badge_no=77']
    untouched: ['BDG-12 is no badge']
```

The patterns are an operator's, so no promise is made for their speed: they run with a time limit, and a text on which
one runs out of time is withheld.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import regex
import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from ..core.errors import ConfigError
from .definition import Definition, Keyed
from .scanning.scan import Scan, Work
from .types import Span, TextWithheld
from .views.normalise import views

_SIZE_LIMIT_BYTES = 1_000_000
_TIME_LIMIT_S = 2.0
_EXAMPLE_WORK = 100_000
_TWICE = "a key stands twice"
# Not a link's doing: whoever configures may name one. A pipe would wait for a writer, a device never ends.
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
# A pattern that contains itself takes all memory before its time is over.
_ITSELF = regex.compile(r"\\.|\(\?(?P<itself>R|[+-]?\d+|&|P>)", regex.DOTALL)

_Key = Annotated[str, StringConstraints(pattern=r"^[\w.\-]{1,64}$")]
_Example = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class _Declaration(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
    entity_type: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,47}$")]
    pattern: str | None = Field(default=None, min_length=2, max_length=2_000)
    keys: tuple[_Key, ...] = ()
    score: float = Field(default=0.8, ge=0.3, le=1)
    restorable: bool = True
    found: tuple[_Example, ...] = Field(min_length=1)
    untouched: tuple[_Example, ...] = Field(min_length=1)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    recognizers: tuple[_Declaration, ...]


class TimedPattern:
    """A pattern of an operator, with a time limit.

    Args:
        declaration: its name and entity type are shown; its pattern never meets an error text.
    """

    def __init__(self, name: str, entity_type: str, pattern: regex.Pattern[str], score: float) -> None:
        self.entity_types: tuple[str, ...] = (entity_type,)
        self._name = name
        self._pattern = pattern
        self._score = score

    def find(self, text: str, opaque: Sequence[tuple[int, int]] = ()) -> list[Span]:
        """Where the pattern matches in any view of the text.

        Raises:
            TextWithheld: it ran out of time.
        """
        found: list[Span] = []
        for view in views(text, opaque):
            try:
                for match in self._pattern.finditer(view.text, timeout=_TIME_LIMIT_S):
                    if match.end() > match.start():
                        place = view.to_input(match.start(), match.end())
                        found.append(Span(*place, self.entity_types[0], self._score, self._name))
            except TimeoutError:
                raise TextWithheld(
                    f"recognizer {self._name!r} ran out of time",
                    reason="recognizer-failed",
                    remedy="mend its pattern in the file of recognizers",
                ) from None
        return found


def load_declared(path: Path) -> tuple[Definition | TimedPattern, ...]:
    """The recognizers of a file; each is tried on its own examples.

    Raises:
        ConfigError: the file cannot be read, an entry is wrong, or an example fails.
    """
    entries = _read(path)
    names = [entry.name for entry in entries]
    if len(set(names)) < len(names):
        raise ConfigError(f"two recognizers in {path.name} have one name", remedy="rename one")
    return tuple(part for entry in entries for part in _tried(entry, path.name))


def check_in_force(path: Path, finds: Callable[[str], bool]) -> None:
    """Try what is declared once more, as it is in force: a profile may let its type pass, or ask for more evidence.

    Args:
        path: of a file that `load_declared` took.
        finds: whether the engine finds anything in a text.

    Raises:
        ConfigError: an example under `found` would leave as it is.
    """
    for entry in _read(path):
        for number, example in enumerate(entry.found, 1):
            if not finds(example):
                raise ConfigError(
                    f"recognizer {entry.name!r} in {path.name}: example {number} under `found` is not taken out",
                    remedy=f"the profile and `redaction.leave` let {entry.entity_type} pass, or ask for more than "
                    f"its score; give it another type, a higher score, or `redaction.mask`",
                )


class _OneKeyOnce(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
    """Refuses a key that stands twice: of two patterns only the last would count."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        names = [str(key.value) for key, _ in node.value]
        if len(set(names)) < len(names):
            raise yaml.constructor.ConstructorError(None, None, _TWICE, node.start_mark)
        return super().construct_mapping(node, deep=deep)


def _read(path: Path) -> tuple[_Declaration, ...]:
    try:
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ConfigError(f"{path} is no file of recognizers", remedy="correct `redaction.recognizers`")
            text = file.read(_SIZE_LIMIT_BYTES + 1)
        if len(text) > _SIZE_LIMIT_BYTES:
            raise ConfigError(
                f"{path.name} is larger than {_SIZE_LIMIT_BYTES} bytes", remedy="it holds recognizers only"
            )
        content: Any = yaml.load(text.decode(), _OneKeyOnce)  # noqa: S506 - a SafeLoader
        return _File.model_validate(content).recognizers
    except OSError as error:
        raise ConfigError(
            f"the file of recognizers {path} cannot be read: {error.strerror}", remedy="correct `redaction.recognizers`"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        what = _TWICE if getattr(error, "problem", None) == _TWICE else type(error).__name__
        raise ConfigError(f"{path.name} is no valid YAML ({what}{where})", remedy="mend it") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ConfigError(
            f"{place} in {path.name}: {first['msg']}", remedy="docs/redaction.md shows an entry"
        ) from None


def _tried(entry: _Declaration, file: str) -> list[Definition | TimedPattern]:
    """What an entry declares, when every example comes out as it says."""
    parts: list[Definition | TimedPattern] = []
    if entry.pattern is not None:
        parts.append(
            TimedPattern(entry.name, entry.entity_type, _compiled(entry.name, entry.pattern, file), entry.score)
        )
    rules = (Keyed(frozenset(entry.keys), whole=True, score=entry.score),) if entry.keys else ()
    if rules or not entry.restorable:
        # Without a key it still says that values of the type may not be kept.
        parts.append(Definition(entry.entity_type, rules, restorable=entry.restorable, name=f"{entry.name}_key"))
    if not parts:
        raise ConfigError(f"recognizer {entry.name!r} in {file} has neither a pattern nor keys", remedy="give it one")
    _try_examples(entry, parts, file)
    return parts


def _compiled(name: str, pattern: str, file: str) -> regex.Pattern[str]:
    if any(match["itself"] for match in _ITSELF.finditer(pattern)):
        raise ConfigError(
            f"the pattern of recognizer {name!r} in {file} contains itself", remedy="write it without `(?R)`, `(?1)`"
        )
    try:
        return regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError) as error:
        why = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise ConfigError(f"the pattern of recognizer {name!r} in {file} is wrong: {why}", remedy="mend it") from None


def _try_examples(entry: _Declaration, parts: Sequence[Definition | TimedPattern], file: str) -> None:
    scan = Scan([part for part in parts if isinstance(part, Definition)])
    patterns = [part for part in parts if isinstance(part, TimedPattern)]
    for kind, examples in (("found", entry.found), ("untouched", entry.untouched)):
        for number, example in enumerate(examples, 1):
            try:
                spans = [
                    *scan.find(example, Work(_EXAMPLE_WORK)),
                    *(span for each in patterns for span in each.find(example)),
                ]
            except TextWithheld as error:
                raise ConfigError(
                    f"recognizer {entry.name!r} in {file}: example {number} under `{kind}` cannot be tried: "
                    f"{error.message}",
                    remedy="mend its pattern: it may not try many ways to read one text",
                ) from None
            if bool(spans) != (kind == "found"):
                raise ConfigError(
                    f"recognizer {entry.name!r} in {file}: example {number} under `{kind}` is "
                    + ("found" if spans else "not found"),
                    remedy="mend its pattern, its keys, or the example",
                )
