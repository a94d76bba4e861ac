"""Dates of birth, under their keys and behind the words for being born.

An age stays: alone it tells nobody apart, and `age` is also how old a message, a pod or a certificate is. So does plain
`birth`: file systems say it of a file.
"""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Hit, Keyed, casefolded, starts_word

_KEYS = frozenset(
    "dob d_o_b birthday birthdate birth_date birth_day date_of_birth dateofbirth date_birth bday born born_on "
    "birth_year year_of_birth birth_month "
    "data_nascimento data_de_nascimento dt_nascimento dt_nasc data_nasc nascimento nascido_em ano_nascimento "
    "fecha_nacimiento fecha_de_nacimiento fec_nacimiento fecha_nac fec_nac nacimiento f_nacimiento "
    "date_naissance date_de_naissance ddn naissance ne_le née_le né_le "
    "dogum_tarihi doğum_tarihi dogum doğum dogumtarihi dogum_yili "
    "tanggal_lahir tgl_lahir tarikh_lahir ttl_lahir lahir "
    "ngay_sinh ngày_sinh nam_sinh sinh_ngay "
    "วันเกิด petsa_ng_kapanganakan tarehe_ya_kuzaliwa "
    "تاريخ_الميلاد تاريخ_الولادة जन्म_तिथि जन्मतिथि জন্ম_তারিখ تاریخ_پیدائش "
    "出生日期 出生年月 生日 生年月日 дата_рождения дата_народження "
    "geburtsdatum geb_datum geboortedatum data_di_nascita data_nascita data_urodzenia data_nasterii".split()
)
_MONTH = r"[^\W\d_]{3,12}\.?"
_DATE = (
    r"[0-9]{4}[\-/.][0-9]{1,2}[\-/.][0-9]{1,2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)?"
    r"(?:Z|[+\-][0-9]{2}:?[0-9]{2})?"
    r"|[0-9]{1,2}[\-/. ][0-9]{1,2}[\-/. ](?:[0-9]{4}|[0-9]{2})"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th|\.|er|º)?[ \-/](?:de |of )?{_MONTH}"
    r"[ \-/,]{1,2}(?:de |del )?(?:[0-9]{4}|[0-9]{2})"
    rf"|{_MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)?,? [0-9]{{4}}"
    r"|[0-9]{4} ?年 ?[0-9]{1,2} ?月 ?[0-9]{1,2} ?日"
)
# As programs print a date: `datetime.date(1991, 3, 14)`, `LocalDate.of(1991, 3, 14)`.
_PRINTED = r"[A-Za-z][\w.]{0,30}\([0-9]{4}, ?[0-9]{1,2}, ?[0-9]{1,2}(?:, ?[0-9]{1,2}){0,3}\)"
_BARE = rf"(?:{_PRINTED}|{_DATE}|-?[0-9]{{4,13}})(?![0-9A-Za-z])"
_WHOLE = re.compile(rf"(?:{_PRINTED}|{_DATE}|-?[0-9]{{4,13}})\Z")
_BORN = (
    "born",
    "d.o.b",
    "dob ",
    "birthday",
    "date of birth",
    "birth date",
    "nascid",
    "nacid",
    "nacimiento",
    "nascimento",
    "nasc.",
    "né le",
    "née le",
    "naissance",
    "doğum",
    "lahir",
    "sinh",
    "geboren",
    "рожд",
)
_SAID = re.compile(
    r"(?i:born|d\.o\.b\.?|dob|date of birth|birth date|birthday|nascid[oa]|nacid[oa]|nacimiento|nascimento|nasc\."
    r"|née? le|naissance|doğum|lahir|sinh|geboren|рожд[а-я]{0,8})"
    r"(?:[ :]{1,2}(?i:on|at|is|was|em|el|le|am|date|tarihi|di|ngày|the|op|dia)){0,3}[ :,(]{1,3}"
    rf"(?P<value>{_DATE})(?![0-9A-Za-z])"
)


def _keyed(text: str, start: int, end: int) -> Hit | None:
    found = text[start : min(end, start + 48)]
    if not _WHOLE.match(found.strip()) or set(found.strip(" -")) <= set("0-/."):
        return None
    return start, start + len(found), 0.8


def _said(text: str, start: int, end: int) -> Hit | None:
    """The date behind the word, not the word."""
    found = _SAID.match(text, start)
    return (*found.span("value"), 0.7) if found and starts_word(text, start) else None


DATE_OF_BIRTH = Definition(
    "DATE_OF_BIRTH",
    (
        Keyed(_KEYS, bare=_BARE, whole=True, check=_keyed),
        Anchored(_BORN, after=r"[^\W\d_]", check=_said),
    ),
    identity=casefolded,
)
