"""Reading payment QR codes."""

from __future__ import annotations

from opswarden.redaction.payments.emv_qr import crc_fits, elements, holds, read_accounts, read_names

# The example of BCB's manual for Pix.
BCB = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000"
    "5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D"
)


def test_elements_in_their_order() -> None:
    found = elements(BCB, 0, len(BCB))
    assert [element.tag for element in found] == ["00", "26", "52", "53", "58", "59", "60", "62", "63"]
    assert BCB[found[5].start : found[5].end] == "Fulano de Tal"


def test_a_code_that_was_cut_off_ends_with_the_text() -> None:
    assert elements(BCB, 0, 50)[-1].end == 50
    assert [BCB[field.start : field.end] for field in read_accounts(BCB[:50], 0, 6)] == [BCB[32:50]]


def test_no_tag_stands_twice() -> None:
    assert [element.tag for element in elements("000201010211" * 100, 0, 1200)] == ["00", "01"]


def test_what_is_no_code_has_no_fields() -> None:
    for text in ("000201", "00020126", "0002010102110203abc", "000201" * 30):
        assert read_accounts(text, 0, 6) == []
        assert read_names(text, 0, 6) == []


def test_crc() -> None:
    assert crc_fits(f"pay {BCB} now", 4)
    assert not crc_fits(BCB[:-1] + "E", 0)
    assert not crc_fits(BCB[:-8], 0)


def test_whether_a_place_lies_in_a_key() -> None:
    assert holds(f"qr={BCB}", 3 + BCB.index("e12b"))
    assert not holds(f"qr={BCB}", 3 + BCB.index("Fulano"))
    assert not holds("ana@example.com", 3)
    assert not holds("000201 ana@example.com", 10)
