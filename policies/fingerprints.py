"""Keyed hashes of raw values, taken so that nothing that must not be hashed ever is."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeGuard

from pydantic import BaseModel

from ..core.canonical import JsonValue, canonical_json, digest
from ..core.keys import KeyProvider
from ..redaction.placeholders import places
from ..tools.spec import AnyTool, Effect, json_schema

# How `redaction.types.withheld_text` begins: nobody knows what the text holds, so it is not hashed either.
_WITHHELD = "[text withheld: "


@dataclass(frozen=True)
class Hashable:
    """A value in the form that may be hashed.

    Args:
        holds_secret: whether something in it stands for a value that may neither be stored nor hashed.
    """

    value: JsonValue
    holds_secret: bool


class Fingerprints:
    """HMAC-SHA256 with the installation's key: equal values give equal hashes, and nobody without the key can guess.

    Card numbers and secrets must not enter a hash, keyed or not. Redaction replaces what nobody can restore by a
    placeholder without a number, so a text that holds one of those is hashed in its redacted form.
    """

    def __init__(self, keys: KeyProvider) -> None:
        self._key = keys.secret("hmac")

    def of(self, value: JsonValue) -> str:
        """The keyed hash of a value that may be hashed, in hex."""
        return hmac.new(self._key, canonical_json(value), "sha256").hexdigest()

    def leave(self, tool: str, args: JsonValue) -> str:
        """Names a call among all that the same words of a person could cover.

        Args:
            tool: its name.
            args: in the form that may be hashed, without arguments that are harmless.
        """
        return self.of({"leave": tool, "args": args})


def hashable(raw: JsonValue, redacted: JsonValue) -> Hashable:
    """The raw value with the redacted form wherever the raw one must not be hashed.

    Args:
        raw: plain JSON.
        redacted: what redaction made of it.
    """
    if isinstance(raw, Mapping) and isinstance(redacted, Mapping) and raw.keys() == redacted.keys():
        parts = {key: hashable(item, redacted[key]) for key, item in raw.items()}
        return Hashable({key: part.value for key, part in parts.items()}, _any_secret(parts.values()))
    if _is_list(raw) and _is_list(redacted) and len(raw) == len(redacted):
        items = [hashable(item, twin) for item, twin in zip(raw, redacted, strict=True)]
        return Hashable([item.value for item in items], _any_secret(items))
    if holds_unrestorable(redacted):
        return Hashable(redacted, holds_secret=True)
    return Hashable(raw, holds_secret=False)


def holds_unrestorable(redacted: JsonValue) -> bool:
    """Whether something in a redacted value stands for what nobody can restore: a secret, a card number, anything."""
    if isinstance(redacted, str):
        return redacted.startswith(_WITHHELD) or any(place.placeholder.number is None for place in places(redacted))
    if isinstance(redacted, Mapping):
        return any(holds_unrestorable(key) or holds_unrestorable(item) for key, item in redacted.items())
    return _is_list(redacted) and any(map(holds_unrestorable, redacted))


def tool_hash(tool: AnyTool) -> str:
    """Hash of a tool's declaration: an approval given for another one is void."""
    args: type[BaseModel] = tool.args
    result: type[BaseModel] = tool.result
    return _hash_of(tool.name, tool.effect, tool.environment, tool.two_person, tool.credential_env, args, result)


# Every run hashes every tool. By what is hashed and not by the tool, which would keep its backend alive.
@lru_cache(maxsize=1024)
def _hash_of(
    name: str,
    effect: Effect,
    environment: str,
    two_person: bool,
    credential_env: str | None,
    args: type[BaseModel],
    result: type[BaseModel],
) -> str:
    facts: dict[str, JsonValue] = {
        "name": name,
        "effect": effect,
        "environment": environment,
        "two_person": two_person,
        "credential_env": credential_env,
        "parameters": json_schema(args),
        "result": json_schema(result),
    }
    return digest(facts)


def _any_secret(parts: Iterable[Hashable]) -> bool:
    return any(part.holds_secret for part in parts)


def _is_list(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    return isinstance(value, Sequence) and not isinstance(value, str)
