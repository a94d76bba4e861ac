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

from collections.abc import Sequence
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


def _read(path: Path) -> tuple[_Declaration, ...]:
    try:
        if path.stat().st_size > _SIZE_LIMIT_BYTES:
            raise ConfigError(
                f"{path.name} is larger than {_SIZE_LIMIT_BYTES} bytes", remedy="it holds recognizers only"
            )
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return _File.model_validate(content).recognizers
    except OSError as error:
        raise ConfigError(
            f"the file of recognizers {path} cannot be read: {error.strerror}", remedy="correct `redaction.recognizers`"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path.name} is no valid YAML ({type(error).__name__})", remedy="mend it") from error
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
        try:
            compiled = regex.compile(entry.pattern)
        except regex.error as error:
            raise ConfigError(
                f"the pattern of recognizer {entry.name!r} in {file} is wrong: {error}", remedy="mend it"
            ) from None
        parts.append(TimedPattern(entry.name, entry.entity_type, compiled, entry.score))
    rules = (Keyed(frozenset(entry.keys), whole=True, score=entry.score),) if entry.keys else ()
    if rules or not entry.restorable:
        # Without a key it still says that values of the type may not be kept.
        parts.append(Definition(entry.entity_type, rules, restorable=entry.restorable, name=f"{entry.name}_key"))
    if not parts:
        raise ConfigError(f"recognizer {entry.name!r} in {file} has neither a pattern nor keys", remedy="give it one")
    _try_examples(entry, parts, file)
    return parts


def _try_examples(entry: _Declaration, parts: Sequence[Definition | TimedPattern], file: str) -> None:
    scan = Scan([part for part in parts if isinstance(part, Definition)])
    patterns = [part for part in parts if isinstance(part, TimedPattern)]
    for kind, examples in (("found", entry.found), ("untouched", entry.untouched)):
        for number, example in enumerate(examples, 1):
            spans = scan.find(example, Work(_EXAMPLE_WORK)) + [span for each in patterns for span in each.find(example)]
            if bool(spans) != (kind == "found"):
                raise ConfigError(
                    f"recognizer {entry.name!r} in {file}: example {number} under `{kind}` is "
                    + ("found" if spans else "not found"),
                    remedy="mend its pattern, its keys, or the example",
                )
