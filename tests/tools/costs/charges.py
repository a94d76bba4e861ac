"""Lines of a bill that never were in a file, for analyses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from opswarden.tools.costs.allocation import Assigned, Owner
from opswarden.tools.costs.lines import Line, Origin

MAY = date(2031, 5, 1)


def line(billed: str | Decimal = "1", **changes: Any) -> Line:
    """An hour of a machine, unless changed; effective and list cost are the billed one."""
    amount = Decimal(billed)
    given: dict[str, Any] = {
        "period": MAY,
        "day": None,
        "issuer": "Oven Cloud Inc.",
        "provider": "Oven Cloud",
        "account": "acc",
        "currency": "USD",
        "category": "Usage",
        "charge_class": "",
        "frequency": "Usage-Based",
        "capacity": "on_demand",
        "commitment": "",
        "commitment_name": "",
        "commitment_type": "",
        "commitment_status": "",
        "reservation": "",
        "reservation_status": "",
        "service": "Machines",
        "service_category": "Compute",
        "region": "north",
        "resource": "vm-1",
        "resource_name": "",
        "resource_type": "",
        "sku": "sku",
        "size": "oven.xl",
        "description": "",
        "sub_account": "sub",
        "invoice": "",
        "unit": "Hour",
        "tags": "",
        "billed": amount,
        "effective": amount,
        "listed": amount,
        "contracted": amount,
        "quantity": Decimal(1),
        "origin": Origin("bill.csv", 1, 1),
    }
    return Line(**{**given, **changes})


def owned(one: Line, **owner: Any) -> Assigned:
    """A line of somebody; of a workload `bread` unless said."""
    return Assigned(Owner(**{"workload": "bread", "team": "ovens", "how": "resource", **owner}), one)
