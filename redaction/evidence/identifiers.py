"""Building the recognizer of an identifier that a state, a bank or a telephone company gives to a person.

What differs from one to the next is its shape, its check and its names; how much has to speak for it is the same for
all: in its written form the check alone; bare, a word or a key beside the check; under its own name anything goes,
because a mistyped one is still somebody's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from ..definition import Check, Definition, Digits, Evidence, Hit, Keyed, Lettered, alphanumeric
from ..structures.key_names import key_words
from ..views.confusables import in_latin
from .diagnosis import FILLERS

Valid = Callable[[str], bool]
"""Whether a compact value, capitals and digits only, is one."""

_SEPARATORS = r"[ .\-/]"
# A separator in a written shape: `\.`, `-`, `[ -]`, `/`; not what is said of its surroundings, as in `(?!-0)`.
_SEPARATED = re.compile(r"(?<![!<])(?:\[[ .\-/\\]{1,6}\]|\\[.\-]|(?<!\[)[\-/])(?![^()]*\))")
_COMMON = FILLERS | frozenset("new old can common device health national card account user name tax service".split())


def identifier(
    entity_type: str,
    *,
    country: str,
    keys: str,
    bare: tuple[str, ...],
    length: tuple[int, int],
    valid: Valid | None = None,
    one_in: int = 1,
    written: tuple[str, ...] = (),
    shared_keys: str = "",
    words: str = "",
    zeros: int = 0,
    even_times: bool = False,
    name: str = "",
) -> Definition:
    """The definition of an identifier.

    Args:
        entity_type: upper case, beginning with the country: `BR_CPF`.
        country: ISO 3166-1 alpha-2.
        keys: its own names, separated by spaces, words joined by `_`; a key that ends with one holds nothing else.
        bare: shapes without separators, digits spelled `0` and letters `A`: `0{11}`, `A{4}0{6}[A0]{3}`.
        length: how many digits and letters it has at least and at most.
        valid: the check; None when there is none beside the shape.
        one_in: of so many random values of the bare shape one is valid. Below 10 a bare one needs a word.
        written: shapes with separators as people write it, which tell enough when the value is valid. Without a check
            they need a word too.
        shared_keys: names that other identifiers share (`tax_id`); there the value has to be valid.
        words: further words of which one in front says what it is; `keys` always are.
        zeros: digits it has when a JSON number lost the zeros in front.
        even_times: whether a bare number that reads as a time counts; where `valid` leaves few of them over.
        name: tells recognizers of one entity type apart.
    """
    said = evidence_words(keys + " " + words)
    check = None if valid is None else _checked(valid, zeros)
    under = _any_of(bare, length, zeros)
    spaced = dict.fromkeys(spaced for shape in written if valid and (spaced := _spaced(shape)) not in (*bare, *written))
    rules: list[Digits | Lettered | Keyed] = [
        *(_shaped(shape, length[0], check, replace(said, one_in=one_in, even_times=even_times)) for shape in bare),
        *(_shaped(shape, length[0], check, None if valid else said) for shape in written),
        # With blanks in the places of its separators it needs a word.
        *(_shaped(shape, length[0], check, replace(said, one_in=1)) for shape in spaced),
        Keyed(frozenset(keys.split()), bare=under, check=_own(check)),
    ]
    if shared_keys and check is not None:
        rules.append(Keyed(frozenset(shared_keys.split()), bare=under, check=check))
    return Definition(entity_type, tuple(rules), identity=alphanumeric, country=country, name=name)


def compact(value: str) -> str:
    """Capitals and digits of a value."""
    capitals = value.upper()
    return capitals if capitals.isalnum() else "".join(part for part in capitals if part.isalnum())


def _checked(valid: Valid, zeros: int) -> Check:
    def check(text: str, start: int, end: int) -> Hit | None:
        value = compact(text[start:end])
        if len(set(value)) == 1:  # one digit over and over passes many sums and is nobody's
            return None
        try:
            return (start, end, 0.95) if valid(value.zfill(zeros) if zeros else value) else None
        except (ValueError, LookupError):  # some checks of python-stdnum raise at what is none
            return None

    return check


def _own(check: Check | None) -> Check:
    """Under its own name: surer when valid."""

    def own(text: str, start: int, end: int) -> Hit:
        return (check(text, start, end) if check else None) or (start, end, 0.75)

    return own


def _shaped(shape: str, least: int, check: Check | None, evidence: Evidence | None) -> Digits | Lettered:
    if "A" in shape:
        return Lettered(rf"(?<![A0])(?:{shape})(?![A0])", check=check, evidence=evidence)
    return Digits(rf"(?<![0-9])(?:{shape})(?![0-9])", least=least, check=check, evidence=evidence)


def _spaced(shape: str) -> str:
    """A written shape with a blank for each of its separators."""
    return _SEPARATED.sub(" ", shape)


def _any_of(bare: tuple[str, ...], length: tuple[int, int], zeros: int) -> str:
    """As many digits (and letters, if it has any) as it has, separators between them or not."""
    least, most = length
    has_letters = any("A" in shape for shape in bare)
    one = "[0-9A-Za-z]" if has_letters else "[0-9]"
    if zeros:
        least = max(5, least - 3)
    # `vehicle_number=unknown` holds none.
    some_digit = rf"(?=[A-Za-z .\-/]{{0,{2 * most}}}[0-9])" if has_letters else ""
    return rf"{some_digit}{one}(?:{_SEPARATORS}?{one}){{{least - 1},{most - 1}}}(?![0-9A-Za-z])"


def evidence_words(words: str) -> Evidence:
    """Evidence by words: separated by spaces, the words of one joined by `_`."""
    split = [key_words(form) for word in words.split() for form in dict.fromkeys((word, in_latin(word)))]
    return Evidence(frozenset(map("".join, split)), telling=frozenset(_most_telling(each) for each in split if each))


def _most_telling(words: tuple[str, ...]) -> str:
    """Of several words the one that is seldom met alone: `ktp` of `no_ktp`."""
    return max((word for word in words if word not in _COMMON), key=len, default=words[0])
