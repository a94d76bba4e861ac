"""What redaction takes, gives and refuses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from ..core.canonical import JsonValue
from ..core.errors import RedactionError


@dataclass(frozen=True, slots=True)
class Span:
    """Where something was found: code points of the input, end exclusive, score within (0, 1].

    `rule` names the recognizer; it says why, and plays no part in what is found.
    """

    start: int
    end: int
    entity_type: str
    score: float
    rule: str = field(default="", compare=False)


@dataclass(frozen=True)
class Cleaned:
    """A text without personal data and secrets.

    `spans` are sorted, do not overlap, and count in the code points of the text that went in.
    """

    text: str
    spans: tuple[Span, ...]


Reason: TypeAlias = Literal[
    "too-large",  # over the size limit
    "too-deep",  # JSON nested beyond the limit
    "too-much-work",  # more candidates than the limit allows
    "undecodable",  # lone surrogates: no UTF-8 text
    "recognizer-failed",  # a recognizer raised, gave offsets outside the text, or skipped a pattern
    "unstable",  # the cleaned text would be found dirty again and again
    "vault",  # the vault cannot be read or written
    "foreign-placeholder",  # of another run, or not exactly a placeholder
    "unknown-placeholder",  # this run never issued it, or its value has expired
    "not-restorable",  # a secret, a card number: there is nothing to restore
    "type-not-allowed",  # the field does not declare this entity type, or holds more than the placeholder
]


class TextWithheld(RedactionError):
    """A text does not leave because it could not be proven clean, or a placeholder may not be restored.

    Args:
        reason: stable code for records; never contains outside text.
    """

    def __init__(self, message: str, *, reason: Reason, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.reason: Reason = reason


def withheld_text(reason: Reason) -> str:
    """What stands for a text that is withheld alone."""
    return f"[text withheld: {reason}]"


@dataclass(frozen=True)
class Salvaged:
    """A JSON value of which some texts could not be proven clean: `[text withheld: REASON]` stands in their places.

    Args:
        withheld: why, once per place, in the order of the value.
    """

    value: JsonValue
    withheld: tuple[Reason, ...]


class Redactor(Protocol):
    """Redaction bound to one run: the same value gets the same placeholder as long as the run lives.

    Text comes in two kinds. *Outside* text (tool results, alerts, messages of people) may try to forge placeholders, so
    everything that looks like one is escaped. *Our* text (what the agents and models wrote about already cleaned text)
    may hold this run's placeholders, which stay; all others are escaped there as well.
    """

    def clean(self, text: str) -> Cleaned:
        """Clean an outside text.

        Raises:
            TextWithheld: it could not be proven clean.
        """
        ...

    def clean_ours(self, text: str) -> Cleaned:
        """Clean our own or a model's text; cleaned text comes back unchanged.

        Raises:
            TextWithheld: it could not be proven clean.
        """
        ...

    def under(self, *circumstances: str) -> Redactor:
        """The same run's redactor for some eyes (`audience:model`, `environment:production`): it takes out no less."""
        ...

    def text(self, text: str) -> str:
        """The text of `clean`."""
        ...

    def value(self, value: JsonValue) -> JsonValue:
        """Clean every text, number and key of an outside JSON value; keys tell what stands under them.

        Raises:
            TextWithheld: it could not be proven clean.
        """
        ...

    def value_salvaged(self, value: JsonValue) -> Salvaged:
        """`value`, but a text that cannot be proven clean is withheld alone, and the others are shown.

        Raises:
            TextWithheld: it is not the fault of single texts: nested too deep, no vault.
        """
        ...

    def value_ours(self, value: JsonValue) -> JsonValue:
        """`value` for JSON that we or a model wrote."""
        ...

    def restore(self, text: str, entity_types: frozenset[str]) -> str:
        """Put values back for this run's placeholders of the given entity types; other text is unchanged.

        Raises:
            TextWithheld: a placeholder is not exactly one of this run's, unknown, expired, of another type, or not
                restorable at all.
        """
        ...

    def value_restore(self, value: JsonValue, entity_types: frozenset[str]) -> JsonValue:
        """`restore` for every text inside a JSON value that is a placeholder and nothing else; keys are left alone.

        Raises:
            TextWithheld: as `restore`, and where a placeholder stands inside of a longer text.
        """
        ...

    def learn_names(self, names: Iterable[str]) -> None:
        """Let names of services, hosts and teams pass where only weak evidence (a key called `name`) speaks against."""
        ...
