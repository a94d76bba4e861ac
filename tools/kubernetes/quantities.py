"""Sizes as a cluster writes them."""

from __future__ import annotations

import re
from typing import Any

_QUANTITY = re.compile(r"([0-9]{1,18}(?:\.[0-9]{0,18})?)(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei|e[0-9]{1,2})?")
_FACTORS = {
    "": 1.0, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50, "Ei": 2.0**60,
}  # fmt: skip


def quantity(value: Any) -> float:
    """A quantity (`500m`, `2Gi`) in cores, bytes or pieces; 0 if it is none.

    Source: Kubernetes API conventions, "Quantity".
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    found = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return 0.0
    unit = found[2] or ""
    return float(found[1]) * (10.0 ** int(unit[1:]) if unit.startswith("e") else _FACTORS[unit])
