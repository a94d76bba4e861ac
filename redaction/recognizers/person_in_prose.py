"""Names in running prose, as far as a list of given names and a few telling words go.

A capitalised given name with another capitalised word behind it, a title in front of capitalised words, or a word such
as `Dear` in front of a given name. Surnames alone, names in small letters and names of other scripts are not found:
that takes a trained model, see `redaction.nlp`.
"""

from __future__ import annotations

import re
from functools import cache

from ..definition import Anchored, Definition, Hit, Pattern, starts_word
from ..gazetteers.names import names, plain_name
from .person import NOT_PEOPLE, PARTICLES

_FIRST = r"[A-ZÀ-ÖØ-ÞĀ-Ž][a-zß-öø-ÿā-ž]{1,20}(?:['’\-][A-ZÀ-Þ]?[a-zß-öø-ÿ]{1,20})?"
_FIRST_REACH = 64
"""More characters than a first word with what may follow it up to the next capital."""
_NAME = r"[A-ZÀ-ÖØ-ÞĀ-Ž](?:\.|[\w'’\-]{0,24}[\w])?"
_PARTICLE = rf"(?:{'|'.join(sorted(PARTICLES, key=len, reverse=True))})"
_MORE = rf"(?:[ ](?:{_PARTICLE}[ ]){{0,2}}{_NAME}(?!\w))"
_OTHERS = re.compile(rf"{_MORE}{{1,3}}")
_ONE_OR_MORE = re.compile(rf"{_FIRST}{_MORE}{{0,3}}(?!\w)")
# Titles and forms of address in the languages of the markets.
_TITLES = frozenset(
    "mr mrs ms mx miss dr dra prof profa sr sra srta señor señora senhor senhora dona don doña mme mlle monsieur "
    "madame maître herr frau bapak ibu pak bay bayan sayın shri smt kumari encik puan khun anh chị ông bà ustadh chief "
    "alhaji alhaja mzee mama madam lady".split()
)
# After these a given name alone is a person.
_GREETINGS = frozenset(
    "dear hi hello hey regards cheers thanks prezado prezada olá oi hola estimado estimada bonjour cher chère merhaba "
    "halo sir".split()
)
_CUES = (
    "my name is", "i am ", "i'm ", "this is ", "called by", "spoke to", "spoke with", "talked to", "on behalf of",
    "signed by", "cardholder", "card holder", "account holder", "beneficiary", "titular",
    "meu nome é", "me llamo", "mi nombre es", "je m'appelle", "nama saya", "benim adım", "tên tôi là",
)  # fmt: skip
_CUE = re.compile(rf"(?i:{'|'.join(map(re.escape, _CUES))})[ ,]{{0,3}}(?P<quote>[\"'“]?)")
# Family names that stand first in Vietnam; nine in ten people there have one of them.
_FAMILY_FIRST = frozenset(
    "nguyễn trần lê phạm hoàng huỳnh vũ võ đặng bùi đỗ hồ ngô dương phan nguyen tran pham hoang huynh".split()
)
# What follows a name and is not it.
_NO_NAMES = frozenset(
    "CPF CNPJ RG DNI RUT RUC CURP RFC CLABE NIT CUIT CI CC TC TCKN NIK KTP NPWP NIN BVN PAN IBAN SSN ID NIC CNIC NIF "
    "CNI PIX UPI VPA SMS OTP PIN DOB TEL CEP CVV".split()
)
_CAMEL = re.compile(r"[A-Z][a-z]+[A-Z][a-z]+[A-Z]")
_WORD = re.compile(r"[^\W\d_][\w'’\-]*")
_LETTERS = re.compile(r"[A-Za-z'\-]+")
_CAPITALISED = re.compile(r"[A-Z][a-z]+")
_PARTING = re.compile(r"[-'’]")
_GLUE_BEFORE, _GLUE_AFTER = frozenset("_.-/@#$:"), frozenset("_@=(")


def _is_given(word: str) -> bool:
    given = names("given_names")
    if plain_name(word) in given:
        return True
    first = _PARTING.split(word, maxsplit=1)[0]
    if first != word and len(first) > 2 and plain_name(first) in given:
        return True
    # Of two names that are joined either may be known.
    return "-" in word and any(len(part) > 2 and plain_name(part) in given for part in word.split("-")[1:])


def _are_nobody(words: list[str]) -> bool:
    """One of the words is what things are called."""
    return any(word.casefold() in NOT_PEOPLE for word in words)


def _stands_alone(text: str, start: int, end: int) -> bool:
    if start and (text[start - 1].isalnum() or text[start - 1] in _GLUE_BEFORE):
        return starts_word(text, start) and text[start - 1] not in _GLUE_BEFORE
    return text[end : end + 1] not in _GLUE_AFTER


@cache
def _openings() -> frozenset[str]:
    """The words that a name may begin with, or stand behind."""
    return names("given_names") | _TITLES | _GREETINGS | _FAMILY_FIRST


def _may_begin(text: str, at: int) -> bool:
    """Whether the word of ASCII letters that ends here can open a name; most capitalised words of logs cannot."""
    ending = _LETTERS.match(text[max(0, at - _FIRST_REACH) : at + 1][::-1])
    word = ending.group()[::-1] if ending else ""
    # Of two names that are joined either may be known.
    return (
        "-" in word
        or "'" in word
        or word in PARTICLES
        or any(part.lower() in _openings() for part in _CAPITALISED.findall(word))
    )


def _capitalised(text: str, start: int, end: int) -> Hit | None:
    """A given name with more behind it, or what follows a title or a greeting."""
    first = _WORD.match(text, start)
    if first is None:
        return None
    opening = first.group().casefold()
    if opening in _TITLES or opening in _GREETINGS:
        at = first.end()
        while text[at : at + 1] in (".", ",", " ", "\n") and at - first.end() < 3:
            at += 1
        name = _ONE_OR_MORE.match(text, at)
        begins, score = at, 0.6 if opening in _TITLES else 0.5
    elif not _is_given(first.group()) and opening not in _FAMILY_FIRST:
        return None  # as most capitalised words of logs
    else:
        name = _OTHERS.match(text, first.end())
        begins, score = start, 0.55
    if name is None or not _stands_alone(text, start, name.end()):
        return None
    end = name.end()
    places = list(_WORD.finditer(text, begins, end))
    while len(places) > 2 and (places[-1].group() in _NO_NAMES or _CAMEL.match(places[-1].group())):
        places.pop()
        end = places[-1].end()
    words = [place.group() for place in places]
    if _are_nobody(words) or (opening not in _TITLES | _FAMILY_FIRST and not _is_given(words[0])):
        return None
    return begins, end, score


def _cued(text: str, start: int, end: int) -> Hit | None:
    cue = _CUE.match(text, start)
    if cue is None or not starts_word(text, start):
        return None
    name = _ONE_OR_MORE.match(text, cue.end())
    if name is None:
        return None
    words = _WORD.findall(name.group())
    # Two words in quotes behind a person's part need no list.
    is_quoted = bool(cue["quote"]) and len(words) > 1 and text[name.end() : name.end() + 1] in ('"', "'", "”")
    return None if _are_nobody(words) or not (is_quoted or _is_given(words[0])) else (*name.span(), 0.5)


PERSON_IN_PROSE = Definition(
    "PERSON",
    (
        Pattern(
            rf"{_FIRST}[.,]?[ \n](?:{_PARTICLE} ){{0,2}}[A-ZÀ-ÖØ-ÞĀ-Ž]",
            check=_capitalised,
            near=tuple(f"a{sign}{blank}A" for sign in ("", ".", ",") for blank in " \n"),
            reach=(_FIRST_REACH, 4),
            may_begin=_may_begin,
        ),
        Anchored(_CUES, after=r"[^\n]", check=_cued),
    ),
    name="person_in_prose",
)
