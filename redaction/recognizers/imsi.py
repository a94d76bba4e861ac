"""Subscriber numbers of SIM cards (IMSI): 14 or 15 digits that begin with the code of a country and a network.

Source: ITU-T E.212. One of five numbers begins like one, so a word or a key is asked for.
"""

from __future__ import annotations

from stdnum import imsi

from ..evidence.identifiers import identifier

IMSI = identifier(
    "IMSI",
    country="",
    keys="imsi imsi_no imsi_number imsi_num subscriber_imsi sim_imsi imsi1 imsi2",
    shared_keys="supi subscriber_id sim_id",
    words="supi",
    bare=("0{14,15}",),
    written=(),
    length=(14, 15),
    valid=imsi.is_valid,
)
