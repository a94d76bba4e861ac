"""Dates of birth."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.date_of_birth import DATE_OF_BIRTH

TABLE: list[tuple[str, str, list[str]]] = [
    ("shortened", "cliente nasc. 03/07/1985, lote de 03/07/2026", ["03/07/1985"]),
    ("under its key", "dob=1985-03-12 ok", ["1985-03-12"]),
    ("as Python prints it", "dob=datetime.date(1991, 3, 14), x=1", ["datetime.date(1991, 3, 14)"]),
    ("as Java makes it", "birthDate=LocalDate.of(1991, 3, 14)", ["LocalDate.of(1991, 3, 14)"]),
    ("with a time", '"birth_date": "1985-03-12T00:00:00Z"', ["1985-03-12T00:00:00Z"]),
    ("day first", "date_of_birth: 12/03/1985", ["12/03/1985"]),
    ("a compact number", "birthdate=19850312", ["19850312"]),
    ("in JSON as a number", '{"dateOfBirth":479433600000}', ["479433600000"]),
    ("before 1970", '{"dob":-86400}', ["-86400"]),
    ("a year", "birth_year=1985", ["1985"]),
    ("a month in letters", '"dob":"12 March 1985"', ["12 March 1985"]),
    ("in Portuguese", "data_nascimento=12/03/1985", ["12/03/1985"]),
    ("in Spanish", '"fecha_nacimiento":"12 de marzo de 1985"', ["12 de marzo de 1985"]),
    ("in French", "date_naissance=12.03.1985", ["12.03.1985"]),
    ("in Turkish", "dogum_tarihi=12.03.1985", ["12.03.1985"]),
    ("in Indonesian", "tanggal_lahir: 12-03-1985", ["12-03-1985"]),
    ("in Vietnamese", "ngay_sinh=12/03/1985", ["12/03/1985"]),
    ("in Chinese", '"出生日期":"1985年3月12日"', ["1985年3月12日"]),
    ("in Arabic", "تاريخ_الميلاد=1985/03/12", ["1985/03/12"]),
    ("behind a word", "the payer, born on 12 March 1985, called", ["12 March 1985"]),
    ("behind a word in Spanish", "nacido el 12/03/1985 en Lima", ["12/03/1985"]),
    ("a date of something else", "created_at=2026-11-23 date=2026-11-23 expiry=2031-05-17", []),
    ("nothing there", "dob=null birth_date=unknown dob=0000-00-00", []),
    ("behind the words", "his date of birth 12/03/1985 did not match", ["12/03/1985"]),
    ("a file", "Birth: 2026-11-23 19:47:41.123456789 +0000", []),
    ("an age", "age=41 age: 3600s", []),
    ("a word alone", "born in the cloud on 4 nodes", []),
    ("a word inside another", "reborn 2026-11-23, stillborn", []),
    ("a place", "birth_place=Lima", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(DATE_OF_BIRTH, text) == values
