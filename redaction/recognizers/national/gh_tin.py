"""Ghanaian taxpayer numbers: P, C, G, Q or V, two zeros, seven digits and a check character."""

from __future__ import annotations

from stdnum.gh import tin

from ...evidence.identifiers import identifier


def _valid(number: str) -> bool:
    return number[1:10].isdigit() and tin.is_valid(number)


GH_TIN = identifier(
    "GH_TIN",
    country="GH",
    keys="gh_tin gra_tin ghana_tin gra_number",
    shared_keys="tin tin_no tin_number tax_id taxpayer_id tax_number",
    words="gra tin",
    bare=("A0{9}[A0]",),
    length=(11, 11),
    valid=_valid,
    one_in=5_000,
)
