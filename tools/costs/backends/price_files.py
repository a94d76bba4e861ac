"""Price lists as plain CSV, such as `region,instance_type,usd_per_hour`; the mapping says what is what."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

from ....core.errors import InputError
from ...plain_files import read_plain_text
from ..prices import Price
from ..settings import PriceFile

_LARGEST_BYTES = 20_000_000
_MOST_PRICES = 200_000
_LONGEST_NAME = 200


def read_price_file(folder: Path, wanted: PriceFile) -> tuple[tuple[Price, ...], int]:
    """The prices of a file, and how many of its rows are none.

    Raises:
        InputError: the file, or a column that the mapping names, is not there.
    """
    if "/" in wanted.file or "\\" in wanted.file:
        raise InputError("a price file lies in the fleet's own folder", remedy="give its name without a path")
    text = read_plain_text(str(folder / wanted.file), _LARGEST_BYTES)
    if text is None:
        raise InputError("a price file cannot be read", remedy="it is a plain CSV file of at most 20 MB, and no link")
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    columns = rows.fieldnames or ()
    for column in (wanted.sku, wanted.price):
        if column not in columns:
            raise InputError("a price file lacks a column of its mapping", remedy="correct `price_files` in costs.yaml")
    found: list[Price] = []
    bad = 0
    try:
        for row in rows:
            price = _price(row, wanted)
            if price is None or len(found) >= _MOST_PRICES:
                bad += 1
            else:
                found.append(price)
    except csv.Error as error:
        raise InputError("a price file is no CSV", remedy="write it again, one price a line") from error
    return tuple(found), bad


def _price(row: dict[str, str | None], wanted: PriceFile) -> Price | None:
    sku = (row.get(wanted.sku) or "").strip()
    try:
        amount = float(row.get(wanted.price) or "")
    except ValueError:
        return None
    if not sku or len(sku) > _LONGEST_NAME or not math.isfinite(amount) or amount < 0:
        return None
    region = (row.get(wanted.region) or "").strip()[:_LONGEST_NAME]
    return Price(region, sku, wanted.capacity_type, wanted.unit, amount, wanted.currency, wanted.since, wanted.file)
