"""Driver licences, Korea: region, year, six digits, two check digits whose rule is not published (Police Agency)."""

from __future__ import annotations

from ...evidence.identifiers import identifier

_REGIONS = frozenset("11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 28".split())


def _valid(number: str) -> bool:
    return len(number) == 12 and number[:2] in _REGIONS


KR_DRIVER_LICENSE = identifier(
    "KR_DRIVER_LICENSE",
    country="KR",
    keys="kr_driver_license korean_driver_license 운전면허 운전면허번호 면허번호",
    shared_keys="driver_license driver_license_no driver_license_number drivers_license license_number license_no",
    bare=("0{12}", "0{2}-0{2}-0{6}-0{2}"),
    length=(12, 12),
    valid=_valid,
)
