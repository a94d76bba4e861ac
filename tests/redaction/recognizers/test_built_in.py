"""The list of recognizers."""

from __future__ import annotations

from pathlib import Path

import opswarden.redaction.recognizers as package
from opswarden.redaction.recognizers.built_in import BUILT_IN

NO_RECOGNIZERS = set(
    "__init__ built_in card_ranges person_words americas asia africa_europe also_alone american_keys calendar_date "
    "weighted_sum".split()
)


def test_every_file_is_in_the_list() -> None:
    files = {path.stem for path in Path(package.__path__[0]).rglob("*.py")} - NO_RECOGNIZERS
    assert files == {definition.name for definition in BUILT_IN}


def test_every_recognizer_has_its_table() -> None:
    tables = {path.stem.removeprefix("test_") for path in Path(__file__).parent.rglob("test_*.py")}
    assert {definition.name for definition in BUILT_IN} <= tables


def test_names_tell_recognizers_apart() -> None:
    assert len({definition.name for definition in BUILT_IN}) == len(BUILT_IN)


def test_what_is_never_kept() -> None:
    kept = {definition.entity_type for definition in BUILT_IN if definition.restorable}
    assert kept.isdisjoint(
        {"SECRET", "CREDIT_CARD", "CARD_TRACK", "CARD_SECURITY_CODE", "CARD_AUTHENTICATION_DATA", "CARD_EXPIRY"}
    )
