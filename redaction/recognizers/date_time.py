"""Dates and times. Only profiles that ask for it take them out: without them there is no order of events."""

from __future__ import annotations

from ..definition import Anchored, Definition, Digits, Hit, Pattern, starts_word

_MONTHS = (
    "january february march april june july august september october november december janeiro fevereiro março maio "
    "junho julho agosto setembro outubro novembro dezembro enero febrero marzo mayo junio septiembre octubre noviembre "
    "diciembre janvier février avril juin juillet août septembre octobre novembre décembre"
).split()
_SHORT = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DAYS = (
    "monday tuesday wednesday thursday friday saturday sunday segunda-feira terça-feira quarta-feira quinta-feira "
    "sexta-feira sábado domingo lunes martes miércoles jueves viernes"
).split()


def _date(text: str, start: int, end: int) -> Hit | None:
    parts = [int(part) for part in text[start:end].replace("/", "-").replace(".", "-").split("-")]
    year, rest = (parts[0], parts[1:]) if parts[0] > 31 else (parts[2], parts[:2])
    if not (min(rest) >= 1 and max(rest) <= 31 and min(rest) <= 12 and (1900 <= year <= 2100 or year < 100)):
        return None
    return (start, end, 0.6) if starts_word(text, start) else None


def _apart(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.5) if starts_word(text, start) and not text[end : end + 1].isalnum() else None


_NAMES = "|".join((*_MONTHS, *_SHORT))

DATE_TIME = Definition(
    "DATE_TIME",
    (
        Digits(r"(?<![0-9])[0-9]{4}([\-/.])[0-9]{1,2}\2[0-9]{1,2}(?![0-9])", least=8, check=_date),
        Digits(r"(?<![0-9])[0-9]{1,2}([\-/.])[0-9]{1,2}\2(?:[0-9]{4}|[0-9]{2})(?![0-9])", least=7, check=_date),
        Pattern(r"(?<![0-9:])[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?(?: ?[APap][Mm]\b)?(?![0-9:])", 0.5),
        Pattern(
            rf"(?i:[0-9]{{1,2}}(?:st|nd|rd|th)?[ \-](?:of |de )?(?:{_NAMES})\.?(?:,? (?:de )?[0-9]{{4}})?)",
            check=_apart,
        ),
        Pattern(rf"(?i:(?<![a-z])(?:{_NAMES})\.? [0-9]{{1,2}}(?:st|nd|rd|th)?(?:,? [0-9]{{4}})?)", check=_apart),
        Anchored(tuple(_DAYS), after=rf"(?i:{'|'.join(_DAYS)})", check=_apart),
        Anchored(("19", "20"), after=r"(?:19[4-9]|20[0-4])[0-9](?![0-9\-/.:_])", check=_apart),
    ),
)
