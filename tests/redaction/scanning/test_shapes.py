"""Words beside digits are found alike in short texts and in long ones."""

from __future__ import annotations

import random

from opswarden.redaction.scanning import shapes
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
