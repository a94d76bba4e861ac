"""Texts that are made of what recognizers look for, of what they trip over, and of anything else."""

from __future__ import annotations

import random

from hypothesis import strategies as st

from opswarden.tests.redaction.disguises import BLOCKS, FORMATS, SPELLINGS
from opswarden.tests.redaction.planting import KINDS, plant

PIECES = [
    *"aZ09@.:=/+-_,;<>()[]{}\"'\\%&# \n\t\r|*·‹›\x00\x1a\x1b",
    *"\u200b\u00a0４é張İﬁ＜＞＠а",
    *(
        '%40 \\u0040 &lt; &#64; \\n \\\\\\" :// :: name customer_name password token cpf phone card cvv lat lon key'
    ).split(),
    "order_id",
    *("Jane Doe CPF ana@example.com ana example.com 4111 1111 111111111111 4111111111111111 hunter2 Bearer").split(),
    *("529.982.247-25 52998224725 10.1.2.3 fe80::1 +5511987654321 GB29NWBK60161331926819 YW5hQGV4YW1wbGUuY29t").split(),
    *("abc123def456 eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1In0. <EMAIL_ADDRESS_1· <EMAIL_ADDRESS> <PERSON_1·abcd>").split(),
    *(
        "PERSON_1·abcd <SECRET· abcd> {NONCE}> titular nombre nama senha contraseña şifre dni rut nik bvn aadhaar"
    ).split(),
    *("kind: Secret data: stringData: INSERT INTO VALUES ( ), ('x' <a> </a> <![CDATA[ ]]> --flag -H Cookie:").split(),
    *("{1:F01BANKBEBB {4: :50K: :59: -} 5A08 57 9F26 0200 F52= 000201 5802BR 6304 %B ^ ; =2512101 &#x40; =3D").split(),
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "\x1b[31m",
    "\nts,customer_name,cpf\n",
    "apiVersion: v1\nkind: Secret\ndata:\n  ",
    'Traceback (most recent call last):\n  File "/app/x.py", line 7, in f\n',
]


def _made(kind: str, wrap: str, disguise: str, seed: int) -> str:
    planted = plant(kind, seed)
    hide = {**BLOCKS, **SPELLINGS}.get(disguise, str)
    return FORMATS[wrap](planted.key, hide(planted.value)) if wrap else hide(planted.value)


PLANTED = st.builds(
    _made,
    st.sampled_from(list(KINDS)),
    st.sampled_from(["", "", *FORMATS]),
    st.sampled_from(["", "", "", *BLOCKS, *SPELLINGS]),
    st.integers(0, 50),
)
"""A planted value, bare or in a log line, plain or encoded."""
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), PLANTED, st.characters(codec="utf-8")), max_size=25).map("".join)
PROSE = st.one_of(st.text("abcxyz ,.!?", max_size=20), PLANTED)

FILLER = (
    "2026-11-23T19:47:41.123Z INFO payments-api status=200 latency_ms=41 route=/v1/charges retries=0 pool=main " * 3
)
LONG_TEXTS = st.lists(TEXTS, min_size=2, max_size=4).map(f"\n{FILLER}\n".join)


def mixed_bytes(rng: random.Random, size: int) -> bytes:
    """Bytes of which some are text."""
    parts = [
        rng.randbytes(rng.randrange(20)) if rng.random() < 0.3 else rng.choice(PIECES).encode() for _ in range(size)
    ]
    return b"".join(parts)
