"""UPI ids, India: a name or a mobile number, `@`, and the handle of a payment service (NPCI, "UPI handles").

There is no dot in a handle, so an address at a domain stays an e-mail address.
"""

from __future__ import annotations

from ...definition import Anchored, Definition, Hit, Keyed, starts_word

# NPCI publishes handles per bank and per third-party app; the older ones also stand in Chromium's autofill.
HANDLES = frozenset(
    "okaxis okbizaxis okhdfcbank okicici oksbi ybl ibl axl paytm ptaxis pthdfc ptsbi ptyes pty apl yapl rapl amazonpay "
    "waaxis wahdfcbank waicici wasbi upi bhim abfspay airtel airtelpaymentsbank allbank andb aubank axis axisb "
    "axisbank axisgo bandhan barodampay birla boi bob cboi cbin centralbank citi citigold cmsidfc cnrb csbcash csbpay "
    "cub dbs dcb dcbbank denabank dlb eazypay equitas esaf ezeepay fam fbl federal fincarebank finobank freecharge "
    "goaxb hdfcbank hdfcbankjd hsbc icici icicibank idbi idbibank idfc idfcbank idfcfirst idfcnetc ikwik imobile "
    "indbank indianbank indianbk indus indusind iob jio jkb jsb jsbp jupiteraxis karb karurvysyabank kaypay kbl kbl052 "
    "kmb kmbl kotak kotak811 kvb kvbank lime lvb lvbank mahb mairtel myicici naviaxis niyoicici nsdl obc "
    "oneyes payzapp pingpay pnb pockets postbank psb purz pz rajgovhdfcbank rbl rmhdfcbank s2b saraswat sbi sc scb "
    "scbl scmobile shriramhdfcbank sib slc slice sliceaxis srcb superyes svcb synd syndbank syndicate tapicici "
    "timecosmos tjsb tjsp tmb trans ubi uboi uco ucobank unionbank unionbankofindia united utbi utkarshbank vijayabank "
    "vijb vjb yescred yesbank yesbankltd yesg yespay yespop zoicici".split()
)
_KEYS = frozenset(
    "upi upi_id upi_address upi_handle upi_vpa vpa vpa_id payer_vpa payee_vpa customer_vpa collect_vpa sender_vpa "
    "receiver_vpa beneficiary_vpa remitter_vpa virtual_payment_address virtual_address payer_addr payee_addr pa "
    "यूपीआई यूपीआई_आईडी".split()
)
_NAME = r"[A-Za-z0-9][A-Za-z0-9.\-_]{0,63}"


def _known(text: str, start: int, end: int) -> Hit | None:
    """A handle that exists, with nothing behind it that makes it a host."""
    at = text.index("@", start)
    if text[start - 1 : start] == "\\" and text[start] in "nrt" and start + 1 < at:
        start += 1  # the letter of an escaped line break
    if text[at + 1 : end].lower() not in HANDLES or not starts_word(text, start):
        return None
    return start, end, 0.97


IN_UPI_ID = Definition(
    "IN_UPI_ID",
    (
        Anchored(
            ("@",),
            before=r"[A-Za-z0-9_\-.]{0,63}[A-Za-z0-9]",
            after=r"@[A-Za-z][A-Za-z0-9]{1,24}(?![\w@\-]|\.[A-Za-z0-9])",
            check=_known,
        ),
        Keyed(_KEYS, bare=rf"{_NAME}@[A-Za-z][A-Za-z0-9]{{1,24}}(?![\w@\-]|\.[A-Za-z0-9])", score=0.97),
    ),
    country="IN",
)
