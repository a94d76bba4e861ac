"""Lines with one planted value each: every generator under keys that tell nothing, telling keys, and in prose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .carriers import carried
from .draw import Draw
from .fields import FORMATS, NEUTRAL_KEYS, Placed
from .generator import Generator, Made, Placement
from .word_nearby import write_beside

_SENTENCES = (
    "{word} {value} was rejected by the issuer",
    "customer says their {word} is {value}, please check",
    "o {word} {value} do cliente não confere",
    "el {word} {value} no coincide con el titular",
    "{word} no: {value} could not be verified",
    "retry for {word} {value} gave up after 3 attempts",
    "le {word} {value} du client est refusé",
    "{word} {value} milik nasabah ditolak",
)


@dataclass(frozen=True)
class PlantedLine:
    """A text with one value in it.

    Args:
        id: unique within a measurement, the same for the same seed.
        generator: what made the value.
        placement: what leads to it.
        format: how it is written; `sentence` in prose.
        value: what was planted, before it was encoded.
        placed: the text and where the value lies.
    """

    id: str
    generator: Generator
    placement: Placement
    format: str
    value: str
    placed: Placed


def planted_lines(generators: tuple[Generator, ...], *, per_placement: int, seed: int) -> Iterator[PlantedLine]:
    """So many lines for every generator and placement it can be found in, formats taking turns."""
    for place, generator in enumerate(generators):
        for placement in generator.placements:
            for number in range(per_placement):
                name = f"{generator.name}/{placement}/{number:04d}"
                draw = Draw(seed, name)
                made = generator.one(draw)
                if placement == "prose":
                    yield PlantedLine(
                        name, generator, placement, "sentence", made.value, _in_prose(generator, made, number, draw)
                    )
                    continue
                yield _under_key(name, generator, placement, made, place * 5 + number, draw)


def _under_key(name: str, generator: Generator, placement: Placement, made: Made, turn: int, draw: Draw) -> PlantedLine:
    """Formats take turns; where to start differs by generator, so that few lines of each still cover every format."""
    if placement == "unseen keys" and generator.kind == "ids_with_context":
        said, write = write_beside(turn)
        placed = write(draw.pick(generator.words), draw.pick(NEUTRAL_KEYS), made, draw)
        is_lines = "\n" in placed.text
    else:
        usable = [each for each in FORMATS if each.takes_wide or not generator.is_wide]
        chosen = usable[turn % len(usable)]
        said, is_lines = chosen.name, chosen.is_lines
        placed = chosen.write(draw.pick(NEUTRAL_KEYS if placement == "unseen keys" else generator.keys), made, draw)
    if not is_lines:
        placed = carried(placed, draw)
    return PlantedLine(name, generator, placement, said, made.value, placed)


def _in_prose(generator: Generator, made: Made, number: int, draw: Draw) -> Placed:
    front, rear = _SENTENCES[number % len(_SENTENCES)].format(word=draw.pick(generator.words), value="\0").split("\0")
    start = len(front) + len(made.before)
    return Placed(f"{front}{''.join(made)}{rear}", start, start + len(made.value))
