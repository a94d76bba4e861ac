"""MST, the tax code of Vietnam: ten digits, the last modulo 11, and `-001` for a branch (Circular 105/2020/TT-BTC)."""

from __future__ import annotations

from stdnum.vn import mst

from ...evidence.identifiers import identifier

VN_MST = identifier(
    "VN_MST",
    country="VN",
    keys="mst so_mst mst_no mst_number ma_so_thue masothue mã_số_thuế ma_so_thue_ca_nhan mst_ca_nhan mst_cty "
    "ma_so_doanh_nghiep mã_số_doanh_nghiệp",
    shared_keys="tax_id tax_code tax_number tax_no taxpayer_id tin",
    bare=("0{10}",),
    length=(10, 13),
    written=("0{10}-0{3}",),
    valid=mst.is_valid,
    one_in=11,
    zeros=10,
)
