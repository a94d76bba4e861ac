"""Redaction bound to one run: placeholders, the vault behind them, and the way back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from typing import NamedTuple, TypeAlias

from ..core.canonical import JsonValue
from .definition import casefolded
from .engine import Redaction
from .join_tokens import JoinTokens
from .placeholders import Place, Placeholder, disarmed, is_disarmed, look_alikes, marker, places
from .profile import Circumstance
from .structures.json_texts import Leaf, leaves, rebuilt
from .types import Cleaned, Reason, Salvaged, Span, TextWithheld, withheld_text
from .vault import Entry, Issued, Vault
from .views.escapes import has_escapes
from .views.normalise import plain, views

# Evidence below this score yields to a name known from the topology; a checksum does not.
_WEAK = 0.7
# Machines and databases are named by addresses: `10.0.0.7:9100`, `orders@db-3.internal/main`.
_ADDRESSES = frozenset(("IP_ADDRESS", "MAC_ADDRESS", "EMAIL_ADDRESS"))
_MANY_ADDRESS_NAMES = 5_000


_Ranges: TypeAlias = "tuple[tuple[int, int], ...]"


class _Marked(NamedTuple):
    """A text, where this run's own placeholders stand in it, and what was found around them."""

    leaf: Leaf
    own: _Ranges
    spans: tuple[Span, ...]
    entries: tuple[Entry | None, ...]
    """What each span holds; None where it may not be kept."""


class RunRedactor:
    """The `Redactor` of one run. Threads may share it.

    Args:
        redaction: finds what has to go.
        run_id: placeholders of different runs never mix.
        vault: keeps what may be restored.
        known_names: see `learn_names`.
    """

    def __init__(
        self,
        redaction: Redaction,
        run_id: str,
        *,
        vault: Vault,
        known_names: Iterable[str] = (),
        joins: JoinTokens | None = None,
    ) -> None:
        self._redaction = redaction
        self._joins = joins
        self._is_joined = False
        self._circumstances: tuple[Circumstance, ...] = ()
        self._is_numbered = True
        self._run_id = run_id
        self._vault = vault
        self._nonce = vault.nonce(run_id)
        self._known: frozenset[str] = frozenset()
        self._address_names: re.Pattern[str] | None = None
        self.learn_names(known_names)

    def clean(self, text: str) -> Cleaned:
        """Clean an outside text; whatever looks like a placeholder in it loses its brackets."""
        return self._cleaned([Leaf(text, None)], ours=False)[0]

    def clean_ours(self, text: str) -> Cleaned:
        """Clean our own or a model's text; this run's placeholders stay."""
        return self._cleaned([Leaf(text, None)], ours=True)[0]

    def under(self, *circumstances: Circumstance) -> RunRedactor:
        """The same run's redactor for some eyes: whatever the rules for these circumstances take out goes as well."""
        if not self._redaction.minds_eyes(circumstances):
            return self
        redactor = copy(self)
        redactor._circumstances = (*self._circumstances, *circumstances)
        redactor._redaction = self._redaction.under(redactor._circumstances)
        redactor._is_numbered = self._redaction.is_numbered(redactor._circumstances)
        redactor._is_joined = self._joins is not None and self._redaction.is_joined(redactor._circumstances)
        return redactor

    def text(self, text: str) -> str:
        """The text of `clean`."""
        return self.clean(text).text

    def value(self, value: JsonValue) -> JsonValue:
        """Clean an outside JSON value: texts, keys, and numbers that are card numbers or stand under a telling key."""
        return self._clean_value(value, ours=False)

    def value_salvaged(self, value: JsonValue) -> Salvaged:
        """`value`, with `[text withheld: REASON]` in place of what cannot be proven clean."""
        with suppress(TextWithheld):
            return Salvaged(self.value(value), ())
        found = leaves(value, self._redaction.minds)
        reasons: dict[Leaf, Reason] = {}
        for leaf in dict.fromkeys(found):
            why = self._why_withheld(leaf)
            if why is not None:
                reasons[leaf] = why
        cleaned = iter(self._cleaned([leaf for leaf in found if leaf not in reasons], ours=False))
        texts = [withheld_text(reasons[leaf]) if leaf in reasons else next(cleaned).text for leaf in found]
        withheld: tuple[Reason, ...] = tuple(reasons[leaf] for leaf in found if leaf in reasons)
        return Salvaged(rebuilt(value, self._redaction.minds, texts), withheld)

    def _why_withheld(self, leaf: Leaf) -> Reason | None:
        """Why a text cannot be proven clean, if it is the text's own fault."""
        try:
            self._marked(leaf, ())
        except TextWithheld as error:
            return error.reason
        return None

    def value_ours(self, value: JsonValue) -> JsonValue:
        """`value` for JSON that we or a model wrote."""
        return self._clean_value(value, ours=True)

    def learn_names(self, names: Iterable[str]) -> None:
        """Let names of services, hosts and teams pass.

        A name passes whole where only weak evidence speaks against it, and where it is or holds the address of a
        machine, because operations name things so. A bare e-mail address, a secret, or anything with a checksum is
        personal data wherever it comes from; learning it changes nothing.
        """
        learned = list(names)
        self._known |= {casefolded(name) for name in learned}
        addresses = sorted(
            (name for name in learned if _looks_like_address(name) and not self._is_bare_mail(name)),
            key=lambda name: (-len(name), name),
        )[:_MANY_ADDRESS_NAMES]
        if addresses:
            before = [self._address_names.pattern] if self._address_names else []
            alternatives = "|".join([*map(re.escape, addresses), *before])
            self._address_names = re.compile(alternatives)

    def _is_bare_mail(self, name: str) -> bool:
        return any(
            span.entity_type == "EMAIL_ADDRESS" and span.end - span.start == len(name)
            for span in self._redaction.analyze(name)
        )

    def restore(self, text: str, entity_types: frozenset[str]) -> str:
        """Put values back for this run's placeholders of the given types."""
        found = places(text)
        exact = {(place.start, place.end) for place in found}
        for view in views(text):
            for start, end in look_alikes(view.text):
                at, to = view.to_input(start, end)
                if (at, to) not in exact and not is_disarmed(text[at:to]):
                    raise TextWithheld(
                        "a text holds something like a placeholder that is none",
                        reason="foreign-placeholder",
                        remedy="copy placeholders exactly as they were shown",
                    )
        parts: list[str] = []
        done = 0
        for place in found:
            parts += (text[done : place.start], self._restored(place.placeholder, entity_types))
            done = place.end
        return "".join((*parts, text[done:]))

    def value_restore(self, value: JsonValue, entity_types: frozenset[str]) -> JsonValue:
        """`restore` for every text inside a JSON value that is a placeholder and nothing else; keys are left alone.

        Inside of a longer text, such as a URL or a message, nothing is ever put back: the text could carry the value
        anywhere.
        """
        if isinstance(value, str):
            found = places(value)
            if found and (found[0].start, found[0].end) != (0, len(value)):
                raise TextWithheld(
                    "a placeholder stands inside of a longer text",
                    reason="type-not-allowed",
                    remedy="give the placeholder alone, in a field that takes it",
                )
            return self.restore(value, entity_types)
        if isinstance(value, Mapping):
            return {key: self.value_restore(item, entity_types) for key, item in value.items()}
        if isinstance(value, Sequence):
            return [self.value_restore(item, entity_types) for item in value]
        return value

    def _restored(self, placeholder: Placeholder, entity_types: frozenset[str]) -> str:
        if placeholder.nonce != self._nonce:
            raise TextWithheld("a placeholder belongs to another run", reason="foreign-placeholder")
        entity_type, number = placeholder.entity_type, placeholder.number
        if number is None or not self._redaction.is_restorable(entity_type):
            raise TextWithheld(
                f"nothing can be restored for {entity_type}",
                reason="not-restorable",
                remedy="secrets and card numbers are not kept; name the thing in another way",
            )
        if entity_type not in entity_types:
            raise TextWithheld(
                f"a placeholder of type {entity_type} may not be restored here",
                reason="type-not-allowed",
                remedy=f"this field takes {', '.join(sorted(entity_types)) or 'no placeholders'}",
            )
        value = self._vault.value(self._run_id, entity_type, number)
        if value is None:
            raise TextWithheld(
                f"this run knows no {entity_type} number {number}, or it has expired", reason="unknown-placeholder"
            )
        return value

    def _clean_value(self, value: JsonValue, *, ours: bool) -> JsonValue:
        cleaned = self._cleaned(leaves(value, self._redaction.minds), ours=ours)
        return rebuilt(value, self._redaction.minds, [each.text for each in cleaned])

    def _cleaned(self, texts: Sequence[Leaf], *, ours: bool) -> list[Cleaned]:
        """Clean several texts with one visit to the vault."""
        distinct = list(dict.fromkeys(texts))
        marked = [self._marked(leaf, own) for leaf, own in zip(distinct, self._own(distinct, ours=ours), strict=True)]
        numbers = self._numbers(marked)
        cleaned = {each.leaf: Cleaned(self._rendered(each, numbers), each.spans) for each in marked}
        return [cleaned[leaf] for leaf in texts]

    def _own(self, texts: Sequence[Leaf], *, ours: bool) -> list[_Ranges]:
        """Where each text holds placeholders that this run has really issued; nowhere in a text from outside."""
        if not ours:
            return [() for _ in texts]
        found = [[place for place in places(leaf.text) if place.placeholder.nonce == self._nonce] for leaf in texts]
        mentioned = {
            (place.placeholder.entity_type, place.placeholder.number)
            for each in found
            for place in each
            if place.placeholder.number is not None
        }
        issued = self._vault.issued(self._run_id, mentioned) if mentioned else frozenset()
        return [tuple((place.start, place.end) for place in each if self._stands(place, issued)) for each in found]

    def _stands(self, place: Place, issued: frozenset[Issued]) -> bool:
        entity_type, number = place.placeholder.entity_type, place.placeholder.number
        if number is None:
            return not self._redaction.is_restorable(entity_type)
        return (entity_type, number) in issued

    def _marked(self, leaf: Leaf, own: _Ranges) -> _Marked:
        known = self._known
        named = self._named_ranges(leaf.text)

        def passes(span: Span) -> bool:
            if span.entity_type in _ADDRESSES and any(start <= span.start and span.end <= end for start, end in named):
                return True
            return (
                span.score < _WEAK
                and self._redaction.is_restorable(span.entity_type)
                and casefolded(plain(leaf.text[span.start : span.end])) in known
            )

        spans = self._redaction.find(leaf.text, key=leaf.key, opaque=own, passes=passes if known else None)
        return _Marked(leaf, own, spans, tuple(self._entry(leaf.text, span) for span in spans))

    def _named_ranges(self, text: str) -> _Ranges:
        """Where names that are addresses stand as whole words."""
        if self._address_names is None:
            return ()
        found = (match.span() for match in self._address_names.finditer(text))
        return tuple((start, end) for start, end in found if not _is_inside_word(text, start, end))

    def _entry(self, text: str, span: Span) -> Entry | None:
        if not self._redaction.is_restorable(span.entity_type):
            return None
        value = plain(text[span.start : span.end])
        return Entry(span.entity_type, self._redaction.identity(span.entity_type, value), value)

    def _numbers(self, marked: Sequence[_Marked]) -> dict[tuple[str, str], int]:
        """The number of every value that may be restored, by entity type and identity."""
        entries: dict[tuple[str, str], Entry] = {}
        for each in marked:
            for entry in filter(None, each.entries):
                entries.setdefault((entry.entity_type, entry.identity), entry)
        if not entries:
            return {}
        return dict(zip(entries, self._vault.numbers(self._run_id, list(entries.values())), strict=True))

    def _mark(self, entity_type: str, number: int | None) -> str:
        if number is not None and self._is_joined and self._joins is not None:
            value = self._vault.value(self._run_id, entity_type, number)
            return marker(entity_type) if value is None else self._joins.join_token(entity_type, value)
        if number is not None and not self._is_numbered:
            return marker(entity_type)
        return str(Placeholder(entity_type, number, self._nonce))

    def _rendered(self, marked: _Marked, numbers: Mapping[tuple[str, str], int]) -> str:
        text = marked.leaf.text
        changes: list[tuple[int, int, str]] = []
        for span, entry in zip(marked.spans, marked.entries, strict=True):
            number = numbers[entry.entity_type, entry.identity] if entry else None
            changes.append((span.start, span.end, self._mark(span.entity_type, number)))
        if self._is_joined or not self._is_numbered:
            changes += [(*place, self._mark(entity_type, number)) for place, entity_type, number in _numbered(marked)]
        changes += _disarmed(text, [*marked.own, *((span.start, span.end) for span in marked.spans)])
        parts: list[str] = []
        done = 0
        for start, end, replacement in sorted(changes):
            parts += (text[done:start], replacement)
            done = end
        return "".join((*parts, text[done:]))


def _numbered(marked: _Marked) -> list[tuple[tuple[int, int], str, int]]:
    """The run's own placeholders in a text that have numbers."""
    own = set(marked.own)
    return [
        ((place.start, place.end), place.placeholder.entity_type, place.placeholder.number)
        for place in places(marked.leaf.text)
        if (place.start, place.end) in own and place.placeholder.number is not None
    ]


def _looks_like_address(name: str) -> bool:
    return "@" in name or name.count(".") >= 3 or name.count(":") >= 2


def _is_inside_word(text: str, start: int, end: int) -> bool:
    return (start > 0 and text[start - 1].isalnum()) or (end < len(text) and text[end].isalnum())


def _disarmed(text: str, taken: Sequence[tuple[int, int]]) -> list[tuple[int, int, str]]:
    """Replacements for everything outside of `taken` that looks like a placeholder, in whatever disguise."""
    if text.isascii() and not has_escapes(text):  # the dot of a placeholder is not ASCII
        return []
    found = [
        (*view.to_input(start, end), disarmed(view.text[start:end]))
        for view in reversed(views(text))
        for start, end in look_alikes(view.text)
    ]
    if not found:
        return []
    free = bytearray(b"\x01") * len(text)
    for start, end in taken:
        free[start:end] = bytes(end - start)
    kept: list[tuple[int, int, str]] = []
    for start, end, replacement in found:
        if 0 not in free[start:end]:
            free[start:end] = bytes(end - start)
            kept.append((start, end, replacement))
    return kept
