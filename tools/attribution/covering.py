"""How many causes an incident needs: take the best explanation, put aside what it accounts for, go on with the rest.

Greedy set covering: with every step the first suspect, in the order of the ranking, that accounts for something not yet
accounted for. An incident with one cause needs one; two things that broke at the same time and do not explain each
other need two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

_ENOUGH = 0.5
"""An entity's trouble is accounted for when at least so much of the blame that starts there ends at the causes."""


def needed(
    ranked: Sequence[str],
    nodes: Sequence[str],
    troubled: Sequence[str],
    ends: npt.NDArray[np.float64],
    limit: int = 5,
) -> Mapping[str, int]:
    """The causes that are needed, best first, and how many entities each accounts for that no cause before it does.

    Args:
        ranked: suspects, best first.
        nodes: n entities.
        troubled: k entities whose trouble is beyond chance.
        ends: (k, n): where the blame that starts at a troubled entity ends; rows add up to 1.
        limit: at most so many causes.
    """
    place = {node: index for index, node in enumerate(nodes)}
    left = np.ones(len(troubled))
    found: dict[str, int] = {}
    for suspect in ranked:
        if len(found) >= limit or not np.any(left > 1 - _ENOUGH):
            break
        after = left - ends[:, place[suspect]]
        covered = (left > 1 - _ENOUGH) & (after <= 1 - _ENOUGH)
        if covered.any():
            found[suspect] = int(covered.sum())
            left = after
    return found
