"""Our own rule: the sizes that reserve least for a fleet at a stated risk.

Each workload gets the size at which one more reserved unit no longer buys enough safety: the sum of reserved size and
risk is least. What a risk costs is one number for the fleet (the *dial*). It weighs every workload in part alike and in
part by its size, so that neither many small nor a few large ones can carry the harm.

What decides is the expected harm, so a workload whose weeks are alike gets a size close to what it uses, and one whose
weeks differ gets room.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .odds import Odds
from .use import Floats, SizedResource

Places = npt.NDArray[np.int64]
FLOOR: dict[SizedResource, float] = {"cpu": 0.025, "memory": 250e6}
"""The least that is recommended: the least of VPA, 25m and 250 MB."""
ALIKE = 0.2
"""How much of the price of a risk is the same for all workloads; the rest goes by size."""
HARD_WEIGHT = 3.0
"""A bad week counts as much as three with more than 1 % of the time above."""
DIALS = np.exp(np.linspace(np.log(0.05), np.log(200.0), 160))
"""What a risk may cost, in sizes; larger is safer."""


@dataclass(frozen=True)
class Guards:
    """Limits that no dial overrides.

    Args:
        floor: least size; the usual one unless given.
        seen_days: no size below a peak of so many days; 0: only odds decide.
        most_cut: of what is reserved, at once.
        most_risk: of a bad week of a single workload.
    """

    floor: float | None = None
    seen_days: int = 0
    most_cut: float = 1.0
    most_risk: float = 1.0


@dataclass(frozen=True)
class Priced:
    """Every size that may be chosen, what it risks and the harm in units of size; each (V, G).

    Args:
        sizes: ascending.
        hard: risk of a bad week.
        soft: of more than 1 % of the time above.
        harm: what a dial multiplies.
    """

    sizes: Floats
    hard: Floats
    soft: Floats
    harm: Floats

    def at(self, dial: float) -> Places:
        """Where the sum of size and harm is least, (V,)."""
        return np.asarray(np.argmin(self.sizes + dial * self.harm, axis=1), np.int64)


def priced(
    resource: SizedResource, odds: Odds, reserved: Floats, guards: Guards = Guards(), peak: Floats | None = None
) -> Priced:
    """What each size costs and risks, within the guards."""
    least = np.full(len(reserved), FLOOR[resource] if guards.floor is None else guards.floor)
    least = np.maximum(least, reserved * (1 - guards.most_cut))
    if peak is not None:
        least = np.fmax(least, peak)
    sizes = np.clip(odds.sizes, np.minimum(least, reserved)[:, None], reserved[:, None])
    # Odds belong to the size itself: where a guard makes it larger, they are those of the larger size.
    whole = sizes >= reserved[:, None] * (1 - 1e-9)
    hard, soft = (np.where(whole, 0.0, _at(odds.sizes, one, sizes)) for one in (odds.hard, odds.soft))
    weight = ALIKE * reserved.mean() + (1 - ALIKE) * reserved
    harm = weight[:, None] * (soft + HARD_WEIGHT * hard)
    if guards.most_risk < 1:
        risky = hard > guards.most_risk
        risky[:, -1] = False
        harm = np.where(risky, np.inf, harm)
    return Priced(sizes, hard, soft, harm)


def _at(grid: Floats, values: Floats, sizes: Floats) -> Floats:
    """Values of a (V, G) grid at other sizes of the same workload: those of the largest step not above them."""
    step = np.log(grid[0, 1] / grid[0, 0])
    place = np.floor(np.log(np.maximum(sizes, 1e-300) / grid[:, :1]) / step + 1e-6)
    return np.take_along_axis(values, np.clip(place, 0, grid.shape[1] - 1).astype(np.int64), axis=1)
