"""`python -m opswarden.benchmarks.translations [FOLDER]`: what the tables of words know of messages of others.

The messages are those of the programs of this machine (GNU's tools, Git, PostgreSQL, systemd and whatever else brings
catalogues of translations, `LANGUAGE/LC_MESSAGES/*.mo` under FOLDER, `/usr/share/locale` unless given). Of a message in
Spanish or Portuguese, the English one is known: how many of its stems are among the terms that ours becomes, and of
how many of our words is one among its stems.
"""

from __future__ import annotations

import gettext
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from ..tools.runbooks.words.cutting import PAIR, STOP, stem
from ..tools.runbooks.words.languages import Language, wanted_in

_FOLDERS: dict[Language, tuple[str, ...]] = {"es": ("es",), "pt": ("pt_BR", "pt")}
_LEAST = 3
"""Stems of an English message that is counted."""
_MOST_BYTES = 20_000_000
_LONGEST = 300


def main(argv: list[str]) -> int:
    """Measure, and print a line per language; 1 where there is nothing to measure on."""
    folder = Path(argv[0]) if argv else Path("/usr/share/locale")
    found = 0
    for language, names in _FOLDERS.items():
        messages = dict(each for name in names for each in _messages(folder / name / "LC_MESSAGES"))
        stems = {english: _stems(english) for english in messages}
        known = frozenset(one for each in stems.values() for one in each)
        counted = [(each, messages[english]) for english, each in stems.items() if len(each) >= _LEAST]
        right = wanted = hit = words = 0
        for english_stems, text in counted:
            asked = [each.terms for each in wanted_in(text, language, known.__contains__)]
            groups = [terms for terms in asked if terms[0][0][0] != PAIR]
            terms = {term for group in groups for term, _ in group}
            right, wanted = right + len(english_stems & terms), wanted + len(english_stems)
            hit += sum(any(term in english_stems for term, _ in group) for group in groups)
            words += len(groups)
        if counted:
            found += 1
            print(
                f"{language}: {len(counted)} messages; stems found {right / wanted:.3f}, words right {hit / words:.3f}"
            )
    return 0 if found else 1


def _messages(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.mo")):
        if path.name.startswith("iso") or path.stat().st_size > _MOST_BYTES:  # names of countries and languages
            continue
        try:
            with path.open("rb") as file:
                read = gettext.GNUTranslations(file)
        except (OSError, UnicodeDecodeError):  # a damaged catalogue, or one of another encoding
            continue
        for english, text in vars(read)["_catalog"].items():  # there is no public way to list a catalogue
            key = english[0] if isinstance(english, tuple) else english
            if key and text and len(key) <= _LONGEST:
                yield key, re.sub(r"%[-#0-9.*l]*[a-z]", " ", text)


def _stems(english: str) -> frozenset[str]:
    return frozenset(stem(word) for word in re.findall(r"[a-z]{3,}", english.lower()) if word not in STOP)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
