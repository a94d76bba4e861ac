"""YAML that somebody else wrote, as plain values that know their lines.

Only plain data is read: no tags, no anchors (a few lines of those can stand for gigabytes), no key twice. Size, depth
and number of nodes are limited.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)

SIZE_LIMIT_BYTES = 2_000_000
_MOST_NODES = 200_000
_MOST_DEPTH = 32
_MOST_DOCUMENTS = 10_000


class DocumentError(ValueError):
    """A document cannot be used; the text names the line and repeats no value."""


@dataclass(frozen=True)
class Document:
    """One document of a file.

    Args:
        value: dictionaries with text keys, lists, texts, numbers, truth values, nothing.
        lines: the line of every value, by its path.
    """

    value: Any
    lines: Mapping[tuple[str | int, ...], int]

    def line_of(self, path: Sequence[str | int]) -> int:
        """The line of a value, or of the nearest one around it."""
        for length in range(len(path), -1, -1):
            if (line := self.lines.get(tuple(path[:length]))) is not None:
                return line
        return 1

    def as_model(self, model: type[M]) -> M:
        """The document as a model of ours.

        Raises:
            DocumentError: it does not fit; names the line and the field.
        """
        try:
            return model.model_validate(self.value)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            known = [part for part in first["loc"] if isinstance(part, str) and _is_field(part)]
            field = f"{known[-1]}: " if known else ""
            raise DocumentError(f"line {self.line_of(first['loc'])}: {field}{first['msg']}") from None


def _is_field(part: str) -> bool:
    """Whether it is a word of a form rather than a name out of the document."""
    return part.isidentifier() and len(part) <= 32


def only_document(text: str, model: type[M]) -> M:
    """The one document of a text, as a model of ours.

    Raises:
        DocumentError: it is no plain YAML within the limits, holds none or several, or does not fit.
    """
    found = documents(text)
    if len(found) != 1:
        raise DocumentError("it holds one document")
    return found[0].as_model(model)


def documents(text: str) -> tuple[Document, ...]:
    """All documents of a text; empty ones are left out.

    Raises:
        DocumentError: it is no plain YAML within the limits.
    """
    import yaml  # noqa: PLC0415 - only where there is a catalogue

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if len(text) > SIZE_LIMIT_BYTES:
        raise DocumentError(f"it is larger than {SIZE_LIMIT_BYTES} bytes")
    try:
        _check(yaml.parse(text, Loader=loader))
        found = []
        for node in yaml.compose_all(text, Loader=loader):
            lines: dict[tuple[str | int, ...], int] = {}
            found.append(Document(_plain(node, (), lines), lines))
            if len(found) > _MOST_DOCUMENTS:
                raise DocumentError(f"it holds more than {_MOST_DOCUMENTS} documents")
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DocumentError(f"line {line}: it is no valid YAML") from None
    except yaml.YAMLError:
        raise DocumentError("it is no valid YAML") from None
    return tuple(document for document in found if document.value is not None)


def _check(events: Iterator[Any]) -> None:
    import yaml  # noqa: PLC0415 - as above

    depth = 0
    for number, event in enumerate(events):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.events.AliasEvent):
            raise DocumentError(f"line {line}: an alias (`*name`) is not read; write the value out")
        if number > _MOST_NODES:
            raise DocumentError(f"line {line}: it holds more than {_MOST_NODES} values")
        if isinstance(event, (yaml.events.MappingStartEvent, yaml.events.SequenceStartEvent)):
            depth += 1
            if depth > _MOST_DEPTH:
                raise DocumentError(f"line {line}: it is nested deeper than {_MOST_DEPTH} levels")
        elif isinstance(event, (yaml.events.MappingEndEvent, yaml.events.SequenceEndEvent)):
            depth -= 1


def _plain(node: Any, path: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int]) -> Any:
    line = node.start_mark.line + 1
    lines[path] = line
    if node.id == "sequence":
        return [_plain(item, (*path, place), lines) for place, item in enumerate(node.value)]
    if node.id == "mapping":
        found: dict[str, Any] = {}
        for key, value in node.value:
            if key.id != "scalar":
                raise DocumentError(f"line {key.start_mark.line + 1}: a key is no text")
            if key.value in found:
                raise DocumentError(f"line {key.start_mark.line + 1}: a key stands here for the second time")
            found[key.value] = _plain(value, (*path, key.value), lines)
        return found
    return _scalar(node, line)


def _scalar(node: Any, line: int) -> Any:
    tag, text = node.tag.rpartition(":")[2], node.value
    if tag == "null":
        return None
    if tag == "bool":
        return text.casefold() in ("true", "yes", "on")
    try:
        if tag == "int":
            return int(text.replace("_", ""), 0 if text.lstrip("+-").startswith(("0x", "0o", "0b")) else 10)
        if tag == "float":
            return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan").replace(".NaN", "nan"))
    except ValueError:
        raise DocumentError(f"line {line}: a number cannot be read") from None
    if tag in ("str", "timestamp", "value", "merge"):
        return text
    raise DocumentError(f"line {line}: a tag is not read")
