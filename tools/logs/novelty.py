"""How much a new kind of line means where new kinds keep coming.

Some entities write texts of which a part is never caught as a value, so kinds of lines that were not there before are
nothing new to them. How many of them the quiet time brought, at this size, says how many to expect; the share of the
new kinds beyond that is the chance that one of them means something.

Source: expected over found is the false discovery rate of Storey, "A direct approach to false discovery rates", JRSS B
64, 2002; what is expected is counted in the second half of the quiet time, when most kinds have been seen once.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def surprise(blocks: Ints, after: Ints, owner: Ints, window_blocks: float) -> Floats:
    """For every kind of line how surprising it is, in [0, 1]; 1 for kinds that are not new.

    Args:
        blocks: (n, k) lines in each of k equal parts of the quiet time.
        after: (n,) lines in the window.
        owner: (n,) a number for the entity of each.
        window_blocks: how many parts of the quiet time the window is as long as, > 0.
    """
    k = blocks.shape[1]
    half = k // 2
    lost = blocks.sum(axis=1)
    first = np.argmax(blocks > 0, axis=1)
    late = (lost > 0) & (first >= half)
    is_new = (lost == 0) & (after > 0)
    # As many lines as such a kind would have had in a window as long as ours.
    size = blocks[np.arange(len(blocks)), first] * window_blocks
    found = np.ones(len(after))
    for name in np.unique(owner[is_new]):
        mine = owner == name
        usual = np.sort(size[mine & late])
        if not len(usual):
            continue
        new = np.flatnonzero(mine & is_new)
        counts = after[new]
        expected = (len(usual) - np.searchsorted(usual, counts)) / (k - half) * window_blocks
        as_large = len(counts) - np.searchsorted(np.sort(counts), counts)
        found[new] = np.clip(1 - expected / as_large, 0.0, 1.0)
    return found
