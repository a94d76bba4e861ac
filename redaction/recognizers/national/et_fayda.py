"""Ethiopian digital ids (Fayda): 12 digits (FIN) or 16 (FAN); the rule of the check digit is not published.

Source: National ID Program, Ethiopia.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

ET_FAYDA = identifier(
    "ET_FAYDA",
    country="ET",
    keys=(
        "fayda fayda_id fayda_no fayda_number fayda_fin fayda_fan fayda_fcn fayda_alias_number "
        "fayda_identification_number fan_number fin_number et_fayda"
    ),
    bare=("0{12}", "0{16}", "0{4} 0{4} 0{4}(?: 0{4})?"),
    length=(12, 16),
)
