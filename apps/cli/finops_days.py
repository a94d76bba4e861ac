"""Months and days as people name them on the command line."""

from __future__ import annotations

from datetime import date


def month_or_days(text: str, option: str) -> tuple[date, date]:
    """`2026-08`, or `2026-08-01..2026-08-15` with both days included; as first day and the day after the last.

    Raises:
        InputError: it is neither.
    """
    from ...core.errors import InputError  # noqa: PLC0415 - keeps `--help` light

    first, _, last = text.partition("..")
    try:
        if last:
            return date.fromisoformat(first), date.fromordinal(date.fromisoformat(last).toordinal() + 1)
        start = date.fromisoformat(f"{first}-01")
    except ValueError:
        raise InputError(
            f"{option} is no month and no days", remedy="write 2026-08, or 2026-08-01..2026-08-15"
        ) from None
    return start, date(start.year + start.month // 12, start.month % 12 + 1, 1)


def day_of(text: str, option: str) -> date:
    """A day like 2026-01-31.

    Raises:
        InputError: it is none.
    """
    from ...core.errors import InputError  # noqa: PLC0415 - as above

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"{option} is no day", remedy="write it like 2026-01-31") from None
