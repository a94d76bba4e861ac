"""Words beside digits are found alike in short texts and in long ones."""

from __future__ import annotations

import random

from opswarden.redaction.engine import Redaction
from opswarden.redaction.scanning import shapes
from opswarden.redaction.scanning.compiled import Compiled
from opswarden.redaction.scanning.outline import outline

ALPHABET = "ABab01 .-/_,\n"


def test_capitals_beside_digits() -> None:
    rng = random.Random(3)
    parts = ["".join(rng.choice(ALPHABET) for _ in range(rng.randrange(90))) for _ in range(300)]
    whole = outline("\n\n".join(parts))
    assert len(whole) >= shapes._LONG
    found, at = [], 0
    for part in parts:
        found += [at + place for place in shapes._beside_digits(outline(part))]
        at += len(part) + 2
    assert found == list(shapes._beside_digits(whole))
    assert len(found) > 500


def test_a_long_run_is_read_in_stretches_as_it_is_in_one(redaction: Redaction) -> None:
    digits = redaction._scan._digits
    rng = random.Random(7)
    found = 0
    for number in range(60):
        separators, share = (" ", ".-", " .-/_", "-", ". ")[number % 5], (0.05, 0.15, 0.3)[number % 3]
        length = rng.randint(shapes._REMEMBERED_LENGTH + 1, 260)
        shape = "".join("0" if rng.random() > share else rng.choice(separators) for _ in range(length))
        in_one: dict[tuple[int, int], list[Compiled]] = {}
        for rule in digits._rules:
            for match in rule.expression.finditer(shape):
                in_one.setdefault(match.span(1), []).append(rule)
        places = {(place.first, place.last): place for place in digits._new_places(shape)}
        assert places.keys() == in_one.keys()
        for span, place in places.items():
            assert place.judged == tuple(rule for rule in in_one[span] if rule.evidence is not None)
            assert place.weight == 1 + len(in_one[span])
        found += len(places)
    assert found > 500
    assert len(digits._wide) < 20  # nearly all rules see no further than a stretch
