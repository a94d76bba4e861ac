"""drain3 beside our templates: plain, with the masks of its own example configuration, and over our masks.

It is a package of the development group only; without it the suite measures without these baselines and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.util import find_spec

Group = Callable[[Iterable[str]], list[int]]
"""The group of every line."""

_BEFORE, _BEHIND = r"((?<=[^A-Za-z0-9])|^)", r"((?=[^A-Za-z0-9])|$)"
MASKS = (
    (rf"{_BEFORE}(([0-9a-f]{{2,}}:){{3,}}([0-9a-f]{{2,}})){_BEHIND}", "ID"),
    (rf"{_BEFORE}(\d{{1,3}}\.\d{{1,3}}\.\d{{1,3}}\.\d{{1,3}}){_BEHIND}", "IP"),
    (rf"{_BEFORE}([0-9a-f]{{6,}} ?){{3,}}{_BEHIND}", "SEQ"),
    (rf"{_BEFORE}([0-9A-F]{{4}} ?){{4,}}{_BEHIND}", "SEQ"),
    (rf"{_BEFORE}(0x[a-f0-9A-F]+){_BEHIND}", "HEX"),
    (rf"{_BEFORE}([\-\+]?\d+){_BEHIND}", "NUM"),
)
"""Source: `examples/drain3.ini` of drain3; its last mask is about one program and left away."""


def is_there() -> bool:
    """Whether drain3 is installed."""
    return find_spec("drain3") is not None


def drain3_groups(*, with_masks: bool) -> Group:
    """drain3 with its defaults, one miner for every call.

    Raises:
        ImportError: drain3 is not installed.
    """
    from drain3 import TemplateMiner  # noqa: PLC0415 - a package for development
    from drain3.masking import MaskingInstruction  # noqa: PLC0415 - the same
    from drain3.template_miner_config import TemplateMinerConfig  # noqa: PLC0415 - the same

    def group(lines: Iterable[str]) -> list[int]:
        config = TemplateMinerConfig()
        config.profiling_enabled = False
        if with_masks:
            config.masking_instructions = [MaskingInstruction(pattern, name) for pattern, name in MASKS]
        miner = TemplateMiner(config=config)
        return [int(miner.add_log_message(line)["cluster_id"]) for line in lines]

    return group
