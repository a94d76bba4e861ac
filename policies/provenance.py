"""Where every argument of a call comes from, and whether a person's own words lead to it.

Three questions about each value, from the weakest answer to the strongest:

- Did outsiders write it, or can nobody say where it comes from? Then it is *untrusted* (`taint`).
- Is it the system's own: an id that it issued, an entry of a directory, a name of the catalogue? Then it is *trusted*.
- Does it follow from what the person asked for? Then it is *asked*: it stands in their words, or a lookup that itself
  follows from their words left no choice. A trusted value that somebody else picked is not asked.

A write or send is *asked for* if the person named the tool by its verb and every argument is asked; that is leave for
one such call, once. Results are matched in their redacted form, as the agent saw them; the request in its raw form,
which never leaves the gate.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel

from ..core.canonical import JsonValue
from ..core.errors import RedactionError
from ..redaction.types import Redactor
from ..tools.marks import Marks, marks_of
from ..tools.spec import AnyTool, Trust
from .arguments import Parsed
from .disguises import plain_forms
from .fingerprints import holds_unrestorable
from .lookups import Lookup, Record, Table, tables_of
from .origins import MOST_ORIGINS, Origin, Trace, top_of
from .taint import RunTaint, normal
from .words import Words, parts_of


@dataclass(frozen=True)
class _Value:
    """One leaf of the arguments: as the tool gets it, and as the agent saw it."""

    path: str
    raw: Any
    shown: str
    marks: Marks = field(default_factory=lambda: Marks(""))


def without_harmless(model: type[BaseModel], args: JsonValue) -> JsonValue:
    """Arguments without those of which any value is as good as another."""
    if not isinstance(args, Mapping):
        return args
    marks = marks_of(model)
    return {name: value for name, value in args.items() if name not in marks or marks[name].harmless is None}


@dataclass(frozen=True)
class _Asking:
    """What a call is measured by.

    Args:
        anywhere: all of the request.
        near: what stands beside the tool's verbs.
        named: texts of all arguments with their paths; a word that is another argument chooses nothing.
    """

    anywhere: Request
    near: Request
    named: Mapping[str, str]


@dataclass(frozen=True)
class Request:
    """What a person asked for, twice: as they wrote it, and as agents see it; `clean` makes one of the other."""

    raw: Words
    shown: Words
    clean: Callable[[str], str] = str

    @classmethod
    def of(cls, text: str, shown: str, redactor: Redactor) -> Request:
        """A request as the person wrote it, beside its redacted form; a resumed run has the redacted form alone."""
        return cls(Words(text), Words(shown), redactor.text)

    def about(self, tool: AnyTool, verbs: Mapping[str, Sequence[str]]) -> Request:
        """The same words as far as they can ask for this tool; of a read, all of them."""
        if tool.effect == "read":
            return self
        others = [verb for name, own in verbs.items() if name != tool.name for verb in own]
        return replace(self, raw=self.raw.about(tool.asked_by, others), shown=self.shown.about(tool.asked_by, others))

    @classmethod
    def nobodys(cls) -> Request:
        """No words at all."""
        return cls(Words(""), Words(""))


class Provenance:
    """The origins of one run; safe to use from several threads.

    Args:
        taint: what outsiders wrote and what is known.
        request: what the person asked for; nobody's words where nobody asked.
        verbs: by which people ask for each tool that there is.
    """

    def __init__(
        self, taint: RunTaint, request: Request | None = None, verbs: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.taint = taint
        self._request = request or Request.nobodys()
        self._verbs = verbs or {}
        self._lock = threading.Lock()
        self._lookups: list[Lookup] = []
        self._spent: set[str] = set()
        self._spent_tools: set[str] = set()

    @property
    def is_tainted(self) -> bool:
        """Whether the run has read any text that outsiders can write."""
        return self.taint.is_tainted

    def assume_tainted(self) -> None:
        """Nobody can say what the run has read: it counts as tainted, and nobody's words count any more."""
        self.taint.assume_tainted()
        self._request = Request.nobodys()

    def trace(self, tool: AnyTool, parsed: Parsed, leave: str, endorsed: Set[str] = frozenset()) -> Trace:
        """Where the arguments of a call come from.

        Args:
            tool: what is called.
            parsed: its arguments.
            leave: names this call among all calls that the same words could cover.
            endorsed: arguments whose value a person has endorsed.
        """
        values = list(_values(tool, parsed))
        named = {normal(value.shown): value.path for value in values}
        asking = _Asking(self._request, self._request.about(tool, self._verbs), named)
        origins = tuple(
            Origin(value.path, "endorsed") if top_of(value.path) in endorsed else self._origin(value, tool, asking)
            for value in values
        )
        # How many to read, and of which time, is nobody's leave.
        asked = [
            origin.is_asked or (tool.effect == "read" and not isinstance(value.raw, str))
            for origin, value in zip(origins, values, strict=True)
        ]
        with self._lock:
            is_unspent = leave not in self._spent and tool.name not in self._spent_tools
        can_be_asked = tool.effect != "read" and is_unspent and all(asked)
        return Trace(
            origins=origins,
            is_grounded=all(asked) and not any(origin.source == "draft" for origin in origins),
            is_asked=can_be_asked and self._request.raw.call_for(tool.asked_by),
            leave=leave,
            derives=any(origin.source == "outside" for origin in origins)
            or any(self.taint.is_outside_artifact(value.shown) for value in values),
            texts=tuple(value.shown for value in values if isinstance(value.raw, str)),
        )

    def claim(self, leave: str) -> bool:
        """Use a person's words up for one call; False if they are used up already."""
        with self._lock:
            if leave in self._spent:
                return False
            self._spent.add(leave)
            return True

    def give_back(self, leave: str) -> None:
        """The call did not run after all."""
        with self._lock:
            self._spent.discard(leave)

    def close_tool(self, tool: str) -> None:
        """Nobody knows whether an earlier call of this tool took effect: words count for it no more in this run."""
        with self._lock:
            self._spent_tools.add(tool)

    def learn(
        self,
        tool: AnyTool,
        summary: JsonValue,
        *,
        seq: int,
        derives: bool,
        is_grounded: bool,
        artifact_id: str | None = None,
        texts: Sequence[str] = (),
        said: str = "",
    ) -> None:
        """Take note of a result that the agent got.

        Args:
            tool: whose result.
            summary: redacted.
            seq: its place in the ledger.
            derives: whether the call's arguments derived from outside text.
            is_grounded: whether the call followed from the person's words, or a person approved it.
            artifact_id: the full result behind the summary; as outside as the summary.
            texts: what it was looked up by: the call's arguments that are texts, redacted.
            said: the tool's own words beside the result, in an error or a note; redacted.
        """
        if said and (derives or tool.message_trust is Trust.OUTSIDE):
            self.taint.hear(said, seq=seq)
        self.taint.learn(tool.result, summary, derived_from_outside=derives, artifact_id=artifact_id, seq=seq)
        lookup = Lookup(seq, is_grounded, tuple(tables_of(tool.result, summary)), tuple(texts))
        with self._lock:
            self._lookups.append(lookup)

    def _origin(self, value: _Value, tool: AnyTool, asking: _Asking) -> Origin:
        """The strongest thing that can be said of a value."""
        if self._is_harmless(value) or value.raw == "":
            return Origin(value.path, "harmless")
        if self._is_said(value, asking.near):
            return Origin(value.path, "request")
        found = self._looked_up(value, asking)
        if found is not None:
            return found
        if value.marks.is_draft:
            return Origin(value.path, "draft", self.taint.seen_in(value.shown)[:MOST_ORIGINS])
        if value.marks.is_closed:
            return Origin(value.path, "known")
        outside = self._outside(value)
        if outside is not None:
            return outside
        # A read may use what nobody has said; a write or send may not.
        is_known = tool.effect == "read" or self.taint.is_known(value.shown)
        return Origin(value.path, "known" if is_known else "unknown")

    def _is_harmless(self, value: _Value) -> bool:
        harmless = value.marks.harmless
        if harmless is None:
            return False
        if harmless.values:
            return value.raw in harmless.values
        return not value.marks.is_text or self._is_entry(value)

    def _is_entry(self, value: _Value) -> bool:
        """Whether the system itself has named such a thing in this run."""
        text = normal(value.shown)
        with self._lock:
            return any(
                text in record.of_kind(value.marks.kind)
                for lookup in self._lookups
                for table in lookup.tables
                for record in table.records
            )

    def _is_said(self, value: _Value, request: Request) -> bool:
        raw, label, words = value.raw, value.marks.kind, request.raw
        if isinstance(raw, bool):
            return words.say_flag(raw, label)
        if isinstance(raw, Enum):
            return words.say(str(raw.value), label=label)
        if isinstance(raw, datetime):
            return words.say_moment(raw)
        if isinstance(raw, date):
            return words.say_date(raw)
        if isinstance(raw, (int, float, Decimal)):
            return words.say_number(Decimal(str(raw)), label=label)
        if words.say(str(raw), label=label):
            return True
        # A placeholder without a number stands for any secret, so it is nobody's word.
        if not holds_unrestorable(value.shown) and request.shown.say(value.shown, label=label):
            return True
        return self._fills(words.filled(str(raw)))

    def _fills(self, gaps: Sequence[str]) -> bool:
        """Whether there are gaps, and in each stands what no outsider wrote."""
        try:
            return bool(gaps) and all(self.taint.is_known(self._request.clean(gap)) for gap in gaps)
        except RedactionError:
            return False

    def _looked_up(self, value: _Value, asking: _Asking) -> Origin | None:
        """The lookup whose only choice the value is."""
        # Which thing is meant has to stand beside the verb; a number of it may be asked for anywhere.
        words = asking.near.shown if isinstance(value.raw, str) else asking.anywhere.shown
        taken = {text for text, path in asking.named.items() if path != value.path}
        with self._lock:
            lookups = [lookup for lookup in self._lookups if lookup.is_grounded]
        for lookup in reversed(lookups):
            if not all(" " in text or words.say(text) for text in lookup.texts):
                continue
            for table in lookup.tables:
                path = self._only_choice(table, value, taken, words)
                if path is not None:
                    return Origin(value.path, "lookup", (lookup.seq,), path)
        return None

    def _only_choice(self, table: Table, value: _Value, taken: Set[str], words: Words) -> str | None:
        """The field that holds the value in the record that the person's words leave."""
        chosen = table.records
        if len(chosen) > 1:
            beside = {part.casefold() for text in taken for part in parts_of(text)}
            chosen = _called(chosen, words.say_handle, taken) or _called(
                chosen, lambda handle: words.say_part(handle, beside=beside), taken
            )
        if not chosen:
            return None
        cells = chosen[0].of_kind(value.marks.kind)
        if len(cells) != 1 or any(record.of_kind(value.marks.kind).keys() != cells.keys() for record in chosen):
            return None
        return cells.get(normal(value.shown))

    def _outside(self, value: _Value) -> Origin | None:
        for form, via in plain_forms(value.shown):
            if self.taint.is_outside(form):
                return Origin(value.path, "outside", self.taint.seen_in(form)[:MOST_ORIGINS], via=via)
        return None


def _called(records: Sequence[Record], says: Callable[[str], bool], taken: Set[str]) -> tuple[Record, ...]:
    """Records that the person called by name."""
    return tuple(
        record for record in records if any(normal(handle) not in taken and says(handle) for handle in record.handles)
    )


def _values(tool: AnyTool, parsed: Parsed) -> Iterator[_Value]:
    """Every value that the agent gave, as the tool gets it beside its redacted form."""
    model: type[BaseModel] = tool.args
    marks = marks_of(model)
    shown = parsed.shown if isinstance(parsed.shown, Mapping) else {}
    for name in parsed.model.model_fields_set:
        # What has its default is as if nobody had given it.
        if getattr(parsed.model, name) == model.model_fields[name].default:
            continue
        yield from _leaves(getattr(parsed.model, name), shown.get(name), name, marks)


def _leaves(raw: Any, shown: JsonValue, path: str, marks: Mapping[str, Marks]) -> Iterator[_Value]:
    if raw is None:
        return
    if isinstance(raw, BaseModel):
        inner = shown if isinstance(shown, Mapping) else {}
        for name in raw.model_fields_set:
            yield from _leaves(getattr(raw, name), inner.get(name), f"{path}.{name}", marks)
    elif isinstance(raw, Mapping):
        twins = (
            list(shown.items()) if isinstance(shown, Mapping) and len(shown) == len(raw) else [("", None)] * len(raw)
        )
        for (key, item), (shown_key, shown_item) in zip(raw.items(), twins, strict=True):
            yield _leaf(key, shown_key, f"{path}{{key}}", marks)
            yield from _leaves(item, shown_item, f"{path}{{}}", marks)
    elif isinstance(raw, (list, tuple, set, frozenset)):
        members = list(shown) if isinstance(shown, Sequence) and not isinstance(shown, str) else []
        members = members if len(members) == len(raw) else [None] * len(raw)
        for item, member in zip(raw, members, strict=True):
            yield from _leaves(item, member, f"{path}[]", marks)
    else:
        yield _leaf(raw, shown, path, marks)


def _leaf(raw: Any, shown: JsonValue, path: str, marks: Mapping[str, Marks]) -> _Value:
    text = shown if isinstance(shown, str) else str(raw) if _is_number(raw) else ""
    return _Value(path, raw, text, marks.get(path, Marks(top_of(path))))


def _is_number(raw: object) -> bool:
    return isinstance(raw, (int, float, Decimal)) and not isinstance(raw, bool)
