"""GPUs as data: what cards have, how they can be partitioned, and instances with a part of one.

Sources: memory, dense FP16 tensor throughput and memory bandwidth from NVIDIA's data sheets of each card (AWS' for the
A10G, which it alone has); MIG profiles with their shares of memory and multiprocessors from NVIDIA's MIG user guide,
"Supported MIG Profiles"; fractions of an L4 from AWS' page on G6f instances. Prices are never here: they come from the
fleet's price list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

GIB = 2**30
GB = 10**9


@dataclass(frozen=True)
class Card:
    """A GPU.

    Args:
        name: as the fleet's `gpu_type` has it.
        memory_gb: on the card, in 10^9 bytes, as it is sold.
        tflops: dense FP16 on tensor cores.
        gb_per_s: memory bandwidth.
        generation: of its architecture; an engine that was built for a newer one may not run on an older one.
    """

    name: str
    memory_gb: float
    tflops: float
    gb_per_s: float
    generation: int


CARDS: Mapping[str, Card] = {
    card.name: card
    for card in (
        Card("T4", 16, 65, 320, 7),
        Card("L4", 24, 121, 300, 9),
        Card("A10G", 24, 70, 600, 8),
        Card("A30", 24, 165, 933, 8),
        Card("L40S", 48, 362, 864, 9),
        Card("A100-40GB", 40, 312, 1_555, 8),
        Card("A100-80GB", 80, 312, 2_039, 8),
        Card("H100-80GB", 80, 989, 3_350, 10),
        Card("H200-141GB", 141, 989, 4_800, 10),
        Card("B200-180GB", 180, 2_250, 8_000, 11),
    )
}

_ALIASES = {
    "A100": "A100-40GB",
    "A100-SXM4-40GB": "A100-40GB",
    "A100-PCIE-40GB": "A100-40GB",
    "A100-SXM4-80GB": "A100-80GB",
    "A100-PCIE-80GB": "A100-80GB",
    "H100": "H100-80GB",
    "H100-SXM5-80GB": "H100-80GB",
    "H100-80GB-HBM3": "H100-80GB",
    "H200": "H200-141GB",
    "B200": "B200-180GB",
}


@dataclass(frozen=True)
class Partition:
    """A MIG profile.

    Args:
        name: of the profile.
        memory: share of the card's memory, and of its bandwidth.
        compute: share of its multiprocessors.
        most: how many fit on one card.
    """

    name: str
    memory: Fraction
    compute: Fraction
    most: int


def _eighths(*rows: tuple[str, int, int, int]) -> tuple[Partition, ...]:
    return tuple(Partition(name, Fraction(memory, 8), Fraction(sms, 7), most) for name, memory, sms, most in rows)


_A30 = (
    Partition("1g.6gb", Fraction(1, 4), Fraction(1, 4), 4),
    Partition("2g.12gb", Fraction(2, 4), Fraction(2, 4), 2),
)
_A100_40 = _eighths(("1g.5gb", 1, 1, 7), ("1g.10gb", 2, 1, 4), ("2g.10gb", 2, 2, 3), ("3g.20gb", 4, 3, 2))
_OF_80 = _eighths(("1g.10gb", 1, 1, 7), ("1g.20gb", 2, 1, 4), ("2g.20gb", 2, 2, 3), ("3g.40gb", 4, 3, 2))
_H200 = _eighths(("1g.18gb", 1, 1, 7), ("1g.35gb", 2, 1, 4), ("2g.35gb", 2, 2, 3), ("3g.71gb", 4, 3, 2))
_B200 = _eighths(("1g.23gb", 1, 1, 7), ("1g.45gb", 2, 1, 4), ("2g.45gb", 2, 2, 3), ("3g.90gb", 4, 3, 2))

PARTITIONS: Mapping[str, tuple[Partition, ...]] = {
    "A30": _A30,
    "A100-40GB": _A100_40,
    "A100-80GB": _OF_80,
    "H100-80GB": _OF_80,
    "H200-141GB": _H200,
    "B200-180GB": _B200,
}
"""Profiles of less than a card, the smallest first. Those with media extensions, and `4g`, which no second one fits
beside, are left out."""


@dataclass(frozen=True)
class GpuInstance:
    """An instance type with one GPU or a part of one.

    Args:
        name: of the type.
        card: that it has.
        share: of the card.
        memory_mib: of the GPU that a program sees.
        cores: vCPUs.
        memory_gib: of the machine.
    """

    name: str
    card: str
    share: Fraction
    memory_mib: int
    cores: int
    memory_gib: int


INSTANCES: Mapping[str, GpuInstance] = {
    one.name: one
    for one in (
        GpuInstance("g6f.large", "L4", Fraction(1, 8), 2_861, 2, 8),
        GpuInstance("g6f.xlarge", "L4", Fraction(1, 8), 2_861, 4, 16),
        GpuInstance("g6f.2xlarge", "L4", Fraction(1, 4), 5_722, 8, 32),
        GpuInstance("g6f.4xlarge", "L4", Fraction(1, 2), 11_444, 16, 64),
        GpuInstance("g6.xlarge", "L4", Fraction(1), 22_888, 4, 16),
        GpuInstance("g6.2xlarge", "L4", Fraction(1), 22_888, 8, 32),
        GpuInstance("g5.xlarge", "A10G", Fraction(1), 22_888, 4, 16),
        GpuInstance("g5.2xlarge", "A10G", Fraction(1), 22_888, 8, 32),
        GpuInstance("g6e.xlarge", "L40S", Fraction(1), 45_776, 4, 32),
    )
}


@dataclass(frozen=True)
class Slice:
    """Something that a replica can run on: a card or a part of one.

    Args:
        card: of the catalogue.
        name: `whole`, a MIG profile, or an instance type.
        memory_bytes: that a program has.
        compute: dense FP16 throughput in TFLOPS.
        bandwidth: in GB/s.
        per_card: how many fit on a card.
    """

    card: Card
    name: str
    memory_bytes: float
    compute: float
    bandwidth: float
    per_card: int

    def share_of(self, other: Slice) -> float:
        """Of what the other one does in a second, how much this one does: the scarcer of compute and bandwidth."""
        return min(self.compute / other.compute, self.bandwidth / other.bandwidth)


def card_named(name: str | None) -> Card | None:
    """The card of a name, with or without `NVIDIA` and spaces; `None` if it is not in the catalogue."""
    if not name:
        return None
    plain = name.upper().removeprefix("NVIDIA").strip(" -_").replace(" ", "-")
    plain = plain.removeprefix("TESLA-")
    return CARDS.get(_ALIASES.get(plain, plain))


def whole(card: Card) -> Slice:
    """A card as a whole."""
    return Slice(card, "whole", card.memory_gb * GB, card.tflops, card.gb_per_s, 1)


def slices_of(card: Card) -> tuple[Slice, ...]:
    """Its MIG partitions, the smallest first."""
    return tuple(
        Slice(
            card,
            one.name,
            card.memory_gb * GB * float(one.memory),
            card.tflops * float(one.compute),
            card.gb_per_s * float(one.memory),
            one.most,
        )
        for one in PARTITIONS.get(card.name, ())
    )


def slice_named(card: Card, partition: str | None) -> Slice | None:
    """What a workload runs on today: a card, or a partition of it; `None` if there is no such partition."""
    if partition is None:
        return whole(card)
    return next((one for one in slices_of(card) if one.name == partition.lower().removeprefix("mig-")), None)


def instance_slice(instance: GpuInstance) -> Slice:
    """The GPU of an instance type."""
    card, share = CARDS[instance.card], float(instance.share)
    return Slice(
        card, instance.name, instance.memory_mib * 2.0**20, card.tflops * share, card.gb_per_s * share, round(1 / share)
    )
