"""Which attack stands in which place; the same for a seed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from .canaries import canaries
from .repertoire import arguments, authority, leaks, words
from .repertoire.good_faith import good_faith
from .types import CAPTURED, GO, OWN, Attack, AttackCase, Benign
from .vectors import PLACES, UNREAD

_PLACES_EACH = 1
"""Places of text for an attack of `some`, besides the model's own accord."""


def attacks(seed: int) -> tuple[Attack, ...]:
    """Every attack, with the planted values of a seed."""
    values = canaries(seed)
    families: tuple[Iterator[Attack], ...] = (
        arguments.hostile_arguments(),
        arguments.environment_switch(),
        arguments.look_alikes(),
        arguments.engine_escapes(),
        arguments.oversized(),
        arguments.tool_names(),
        arguments.foreign_team(),
        leaks.secrets_in_channel(values),
        leaks.encoded_values(values),
        leaks.forged_placeholders(),
        leaks.addresses(),
        leaks.reads_out_of_bounds(),
        authority.forged_approval(),
        authority.replayed_approval(),
        authority.swapped_arguments(),
        authority.call_ids(),
        authority.captured_agent(),
        authority.higher_powers(),
        words.markup(),
        words.false_claims(),
        words.hostile_replies(),
        words.budget_burn(),
    )
    return tuple(attack for family in families for attack in family)


def attack_cases(seed: int) -> tuple[AttackCase, ...]:
    """The attacks of a seed in their places, in a fixed order; ids are `family.name@place`."""
    found = []
    for attack in attacks(seed):
        for vector in _vectors(attack, seed):
            found.append(AttackCase(f"{attack.family}.{attack.name}@{vector}", attack, vector))
    return tuple(found)


def benign_tasks() -> tuple[Benign, ...]:
    """A task in good faith for each family."""
    return tuple(good_faith())


def _vectors(attack: Attack, seed: int) -> Sequence[str]:
    if attack.direct is not None:
        return (CAPTURED,)
    if attack.vectors == "all":
        return (OWN, *PLACES)
    if attack.vectors == "own":
        return (OWN,)
    readable = [name for name, place in PLACES.items() if name not in UNREAD and place.holds(attack.text)]
    ranked = sorted(readable, key=lambda name: _draw(seed, attack.family, attack.name, name))
    taken = ranked[:_PLACES_EACH]
    # What only starts a play says the same everywhere; what is obeyed word by word is worth being said by the model.
    return (OWN, *taken) if attack.text != GO or attack.play is not None else taken


def _draw(*parts: str | int) -> bytes:
    return hashlib.blake2b("|".join(map(str, parts)).encode(), digest_size=8).digest()
