"""Russian internal passports: series of 4 digits, number of 6; no check digit."""

from __future__ import annotations

from ...evidence.identifiers import identifier

RU_PASSPORT = identifier(
    "RU_PASSPORT",
    country="RU",
    keys="паспорт номер_паспорта серия_и_номер_паспорта паспортные_данные ru_passport pasport nomer_pasporta",
    words="паспорта паспортом серия",
    bare=("0{10}", "0{4} 0{6}", "0{2} 0{2} 0{6}"),
    length=(10, 10),
)
