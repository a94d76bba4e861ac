"""PhilHealth and Pag-IBIG numbers, Philippines: twelve digits, written 2-9-1 or 4-4-4, no published check digit."""

from __future__ import annotations

from ...evidence.identifiers import identifier

PH_PHILHEALTH = identifier(
    "PH_PHILHEALTH",
    country="PH",
    keys="philhealth philhealth_no philhealth_number philhealth_id phic_no phic_number pagibig pag_ibig pagibig_no "
    "pagibig_number pagibig_mid pag_ibig_mid hdmf_no hdmf_number",
    bare=("0{12}",),
    length=(12, 12),
    written=("0{2}-0{9}-0", "0{4}-0{4}-0{4}(?!-0)"),
)
