"""Payment data through the whole engine: what leaves, and what stays for the diagnosis."""

from __future__ import annotations

import pytest

from opswarden.redaction.engine import Redaction

VIETQR = "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA53037045802VN6304ABCD"
CHIP = (
    "9F2608A1B2C3D4E5F607189F2701809F3602001A950500800080005A08411111111111111157114111111111111111D27122010000000000"
)
TABLE = [
    (
        "a payment code keeps its bank, currency and country",
        f"qr={VIETQR} created",
        "qr=00020101021238570010A000000727012700069704030113<BANK_ACCOUNT>0208QRIBFTTA53037045802VN6304ABCD created",
    ),
    (
        "chip data keeps its verification results",
        f"emv_data={CHIP} ok",
        "emv_data=9F2608<CARD_AUTHENTICATION_DATA>9F2701809F3602001A950500800080005A08<CARD_AUTHENTICATION_DATA>"
        "5711<CARD_AUTHENTICATION_DATA> ok",
    ),
    (
        "a message keeps amount, trace number, RRN and response code",
        "0200722000000A000000164111111111111111000000000000010000112319474112345643219876501205 x",
        "0200722000000A00000016<CREDIT_CARD>000000000000010000112319474112345643219876501205 x",
    ),
    (
        "a field dump",
        "[002] 4111111111111112 [003] 000000 [035] 4111111111111111=2712101123 [039] 05 [052] 0412AC89ABCDEF67",
        "[002] <CARD_AUTHENTICATION_DATA> [003] 000000 [035] <CARD_TRACK> [039] 05 [052] <CARD_AUTHENTICATION_DATA>",
    ),
    (
        "a truncated card keeps what PCI lets it show",
        "pan=411111******1111 exp=12/27 cvv=123 code=05",
        "pan=411111******1111 exp=<CARD_EXPIRY> cvv=<CARD_SECURITY_CODE> code=05",
    ),
    (
        "an authorisation line",
        "card=4111111111111111 response_code=05 mcc=5411 bin=41111111 last4=1111 rrn=432198765012 auth_code=A1B2C3",
        "card=<CREDIT_CARD> response_code=05 mcc=5411 bin=41111111 last4=1111 rrn=432198765012 auth_code=A1B2C3",
    ),
    (
        "ISO 20022",
        "<EndToEndId>E2E-1</EndToEndId><Dbtr><Nm>Ana Souza</Nm></Dbtr><DbtrAcct><Id><Othr><Id>00012345</Id></Othr></Id>"
        "</DbtrAcct><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId>",
        "<EndToEndId>E2E-1</EndToEndId><Dbtr><Nm><PERSON></Nm></Dbtr><DbtrAcct><Id><Othr><Id><BANK_ACCOUNT></Id></Othr></Id>"
        "</DbtrAcct><FinInstnId><BICFI>DEUTDEFF</BICFI></FinInstnId>",
    ),
    (
        "SWIFT MT103",
        ":20:REF1\n:32A:261123EUR1000,00\n:50K:/123456789\nANA SOUZA\n:59:/DE89370400440532013000\nJOHN DOE\n:71A:SHA",
        ":20:REF1\n:32A:261123EUR1000,00\n:50K:/<BANK_ACCOUNT>\n<PERSON>\n:59:/<IBAN_CODE>\n<PERSON>\n:71A:SHA",
    ),
    (
        "a boleto is a bill and nobody's",
        "linha digitavel 34191.79001 01043.510047 91020.150008 5 84410026000 paga",
        "linha digitavel 34191.79001 01043.510047 91020.150008 5 84410026000 paga",
    ),
]


@pytest.mark.parametrize(("text", "cleaned"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_leaves(redaction: Redaction, text: str, cleaned: str) -> None:
    assert redaction.scrub(text) == cleaned
    assert redaction.scrub(cleaned) == cleaned


@pytest.mark.parametrize("text", [row[1] for row in TABLE], ids=[row[0] for row in TABLE])
@pytest.mark.parametrize("value", ["4111111111111111", "0412AC89ABCDEF67", "Ana Souza", "ANA SOUZA", "0011012345678"])
def test_in_a_json_string_nothing_gets_through(redaction: Redaction, text: str, value: str) -> None:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("<", "\\u003c")
    assert value not in redaction.scrub(f'{{"msg":"{escaped}"}}')
