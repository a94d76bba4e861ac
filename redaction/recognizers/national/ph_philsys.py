"""PhilSys, Philippines: the card number (PCN) of 16 digits and the number itself (PSN) of 12 (Republic Act 11055).

Neither has a published check digit.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

PH_PHILSYS = identifier(
    "PH_PHILSYS",
    country="PH",
    keys="philsys philsys_id philsys_no philsys_number philsys_card_number philsys_card_no philsys_pcn philsys_psn "
    "pcn psn philid phil_id philid_no national_id_ph ephilid",
    bare=("0{16}", "0{12}"),
    length=(12, 16),
    written=("0{4}-0{4}-0{4}-0{4}", "0{4}-0{4}-0{4}(?!-0)"),
)
