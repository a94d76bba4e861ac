"""Dates inside identifiers, and numbers that are nothing but a point in time."""

from __future__ import annotations

_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# Epochs in seconds, milliseconds, microseconds and nanoseconds by their number of digits: 2001 to 2036.
_EPOCH_UNITS = {10: 1, 13: 10**3, 16: 10**6, 19: 10**9}
_EPOCH_SECONDS = (1_000_000_000, 2_100_000_000)


def is_day(month: str, day: str) -> bool:
    """Whether some year has this day; two digits each."""
    return 1 <= int(month) <= 12 and 1 <= int(day) <= _DAYS[int(month) - 1]


def is_time_stamp(digits: str) -> bool:
    """Whether digits read as an epoch, as YYYYMMDD, or as that with hours, minutes and seconds behind it."""
    length = len(digits)
    if length in _EPOCH_UNITS:
        least, most = (limit * _EPOCH_UNITS[length] for limit in _EPOCH_SECONDS)
        return least <= int(digits) <= most
    if length not in {8, 10, 12, 14, 17} or digits[:2] not in {"19", "20"}:
        return False
    return is_day(digits[4:6], digits[6:8]) and (length == 8 or int(digits[8:10]) < 24)
