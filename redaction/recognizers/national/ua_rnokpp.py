"""Ukrainian taxpayer numbers of people (РНОКПП): 10 digits: days since 1899, serial, a check digit.

One of eleven numbers passes, and seconds since 1970 have as many digits, so a word or a key is asked for.
"""

from __future__ import annotations

from stdnum.ua import rntrc

from ...evidence.identifiers import identifier

UA_RNOKPP = identifier(
    "UA_RNOKPP",
    country="UA",
    keys="рнокпп rnokpp ідентифікаційний_номер индивидуальный_налоговый_номер іпн ipn ua_rnokpp ipn_number drfo drfou",
    shared_keys="tax_id taxpayer_id inn инн",
    bare=("0{10}",),
    length=(10, 10),
    valid=rntrc.is_valid,
    zeros=10,
)
