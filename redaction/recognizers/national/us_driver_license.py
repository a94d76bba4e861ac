"""Driver licences of the United States, by key or word: every state has its own form, so the form says nothing."""

from __future__ import annotations

from ...definition import Definition, Digits, Keyed, Lettered, alphanumeric
from ...evidence.identifiers import evidence_words

_KEYS = frozenset(
    "driver_license drivers_license driver_licence drivers_licence driving_license driving_licence "
    "driver_license_number drivers_license_number driver_license_no drivers_license_no driving_license_number "
    "driving_licence_number dl_number dl_no dl_num dln license_number_driver us_driver_license".split()
)
_SPOKEN = evidence_words(
    "driver_license drivers_license driver_licence drivers_licence driving_license driving_licence dl_number"
)
# Under the key anything with a digit in it that is no word.
_KEYED = r"(?=[A-Za-z*]{0,7}[ \-]?[0-9])[0-9A-Za-z](?:[ \-]?[0-9A-Za-z*]){4,18}(?![0-9A-Za-z])"
_DIGITS = r"(?<![0-9])(?:[0-9]{7,12}|[0-9]{2,4}[ \-][0-9]{2,3}[ \-][0-9]{3,4})(?![0-9])"
# At most three letters in front; groups with hyphens or spaces (AAMVA, formats of the states).
_LETTERED = r"(?:A0{2,4}(?:[ -]0{3,4}){2,3}|A{1,3}[ -]?0{3,14}|0{2}A{2,3}0{4,6}|0{3}A{2}0{4}|0{7,9}A{1,2}|A0A0A)"

US_DRIVER_LICENSE = Definition(
    "US_DRIVER_LICENSE",
    (
        Keyed(
            _KEYS,
            bare=_KEYED,
            score=0.8,
        ),
        Lettered(rf"(?<![A0]){_LETTERED}(?![A0])", score=0.75, evidence=_SPOKEN),
        Digits(_DIGITS, least=7, score=0.7, evidence=_SPOKEN),
    ),
    identity=alphanumeric,
    country="US",
)
