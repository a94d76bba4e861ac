"""Tax file number, Australia: eight or nine digits, weighted modulo 11 (Australian Taxation Office).

So few digits are too common for one check, so a bare one needs its word, or a key without words.
"""

from __future__ import annotations

from stdnum.au import tfn

from ...evidence.identifiers import identifier

AU_TFN = identifier(
    "AU_TFN",
    country="AU",
    keys="tfn tfn_no tfn_number tax_file_number tax_file_no au_tfn",
    shared_keys="tax_id tax_number tax_no",
    bare=("0{8,9}", "0{3} 0{3} 0{2,3}"),
    length=(8, 9),
    valid=tfn.is_valid,
    one_in=9,
)
