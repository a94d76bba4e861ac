"""What a generator of values is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from .draw import Draw

Kind: TypeAlias = Literal[
    "cards",
    "authentication",  # CVV, track, PIN block
    "iban",
    "email",
    "secrets",
    "ids_with_checksum",
    "ids_with_context",  # nothing but a word nearby tells them from any other number
    "phones",
    "network",
    "names",
    "details",  # where somebody lives and was born, what a payment is for
]

Placement: TypeAlias = Literal["unseen keys", "telling keys", "prose"]
PLACEMENTS: tuple[Placement, ...] = ("unseen keys", "telling keys", "prose")


class Made(NamedTuple):
    """A value with what belongs around it and may stay: the scheme and host of a connection string."""

    before: str
    value: str
    after: str = ""


@dataclass(frozen=True)
class Generator:
    """Makes invented values of one kind.

    Args:
        name: unique among generators.
        entity_types: what recognizers may call it; the first is what it is reported under.
        kind: the class whose figure it counts in.
        make: a value by the published rules.
        keys: what it stands under, in several languages; each may be in somebody's list or not.
        words: what people call it in prose; the first is used where only a word nearby can tell.
        placements: where it can be found at all.
        is_wide: too long, or with line breaks, for carriers of one short field.
    """

    name: str
    entity_types: tuple[str, ...]
    kind: Kind
    make: Callable[[Draw], str | Made]
    keys: tuple[str, ...]
    words: tuple[str, ...]
    placements: tuple[Placement, ...] = PLACEMENTS
    is_wide: bool = False

    def one(self, draw: Draw) -> Made:
        """A value with what is around it."""
        made = self.make(draw)
        return made if isinstance(made, Made) else Made("", made)


def split(words: str) -> tuple[str, ...]:
    """Words of a text, `_` for a space inside of one."""
    return tuple(word.replace("_", " ") for word in words.split())


def identifier(
    entity_types: str,
    kind: Kind,
    bare: Callable[[Draw], str],
    keys: str,
    words: str,
    form: Callable[[str], str] | None = None,
) -> tuple[Generator, ...]:
    """A generator of the bare number, and one of the number as people write it if there is a form.

    `entity_types`, `keys` and `words` are texts to split; a `_` in `words` is a space.
    """
    types = tuple(entity_types.split())
    plain = Generator(f"{types[0]}", types, kind, bare, tuple(keys.split()), split(words))
    if form is None:
        return (plain,)
    return plain, Generator(
        f"{types[0]} (written)", types, kind, lambda draw: form(bare(draw)), tuple(keys.split()), split(words)
    )


def punctuated(mask: str) -> Callable[[str], str]:
    """Puts signs between characters: `###.###-##`, one `#` for each."""

    def write(value: str) -> str:
        characters = iter(value)
        return "".join(next(characters) if sign == "#" else sign for sign in mask)

    return write


def valid(check: Callable[[str], object], make: Callable[[Draw], str]) -> Callable[[Draw], str]:
    """Draws until a rule is met that only says yes or no."""

    def draw_one(draw: Draw) -> str:
        while True:
            found = make(draw)
            if check(found):
                return found

    return draw_one


def ended(make: Callable[[Draw], str], check: Callable[[str], object]) -> Callable[[Draw], str]:
    """A body with what the rule says comes behind it; another body where the rule has no digit for it."""

    def draw_one(draw: Draw) -> str:
        while True:
            body = make(draw)
            found = str(check(body))
            if found.isdigit():
                return body + found

    return draw_one


def digits(length: int, first: str = "123456789") -> Callable[[Draw], str]:
    """So many digits, the first one of some."""
    return lambda draw: draw.digits(length, first)
