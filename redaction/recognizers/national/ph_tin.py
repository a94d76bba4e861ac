"""TIN, Philippines: nine digits and three or five for the branch (Bureau of Internal Revenue, RR 7-2012).

The ninth is a check digit whose rule is not published, so a key or a word has to say what it is.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

PH_TIN = identifier(
    "PH_TIN",
    country="PH",
    keys="tin tin_no tin_number tin_num tin_id ph_tin bir_tin taxpayer_identification_number tax_identification_number",
    bare=("0{9}", "0{12}", "0{14}"),
    length=(9, 14),
    written=(r"0{3}[ \-]0{3}[ \-]0{3}(?:[ \-]0{3,5})?",),
    words="bir",
)
