"""CMND, the identity card of Vietnam before 2016: nine digits without a check (Decree 05/1999/ND-CP)."""

from __future__ import annotations

from ...evidence.identifiers import identifier

VN_CMND = identifier(
    "VN_CMND",
    country="VN",
    keys="cmnd so_cmnd cmnd_no cmnd_number cmt so_cmt cmtnd so_cmtnd cmnd_cccd cccd_cmnd chung_minh_nhan_dan "
    "so_chung_minh so_chung_minh_nhan_dan số_cmnd số_cmt chứng_minh_nhân_dân số_chứng_minh_nhân_dân",
    bare=("0{9}", "0{12}"),
    length=(9, 12),
)
