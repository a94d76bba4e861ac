"""BPJS numbers, Indonesia: health (13 digits) and employment (11), without a published check digit."""

from __future__ import annotations

from ...evidence.identifiers import identifier

ID_BPJS = identifier(
    "ID_BPJS",
    country="ID",
    keys="bpjs no_bpjs nomor_bpjs bpjs_no bpjs_number bpjs_kesehatan no_bpjs_kesehatan bpjs_ketenagakerjaan "
    "no_bpjs_ketenagakerjaan bpjstk kpj no_kpj nomor_kpj no_jkn nomor_jkn kartu_bpjs no_kartu_bpjs jkn_number",
    bare=("0{13}", "0{11}"),
    length=(11, 13),
)
