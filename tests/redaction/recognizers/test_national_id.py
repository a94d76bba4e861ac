"""Numbers of documents under general keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national_id import NATIONAL_ID

TABLE: list[tuple[str, str, list[str]]] = [
    ("in English", "national_id=AB4817362 ok", ["AB4817362"]),
    ("in a sentence", "o national ID 27234794 do cliente", ["27234794"]),
    ("the container network interface", "cni 27234794 failed", []),
    ("in JSON as a number", '{"id_number":48173620,"ok":true}', ["48173620"]),
    ("in Portuguese", '"documento": "48.173.620-5"', ["48.173.620-5"]),
    ("in Spanish", "numero_identificacion=48173620", ["48173620"]),
    ("in French", '"numero_cni":"1 751 1989 00123"', ["1 751 1989 00123"]),
    ("in Turkish", "kimlik_no=48173620519", ["48173620519"]),
    ("in Indonesian", "no_ktp: 3174051205900004", ["3174051205900004"]),
    ("in Vietnamese", "so_cccd=048173620519", ["048173620519"]),
    ("in Chinese", "身份证号: 481736199012050519", ["481736199012050519"]),
    ("in Arabic", "رقم_الهوية=4817362051", ["4817362051"]),
    ("a taxpayer", "customer.taxId=48-173620", ["48-173620"]),
    ("a column follows", "documento=48173620 200 OK", ["48173620"]),
    ("a row of a table", "document_id=48173620 id=48173620", []),
    ("a page of a document", "page_id_number=48173620", []),
    ("nothing there", "national_id=null tax_id=unknown id_number=-", []),
    ("too few digits", "tax_id=EU1", []),
    ("a UUID", "id_number=cdda802e-fb9c-47ad-9866-0794d394c912", []),
    ("one digit over and over", "id_number=00000000", []),
    ("an order under a key that ends alike", "order_id_number=48173620 trace.idNo=48173620", []),
    ("a person in an order", "order.customer.national_id=48173620", ["48173620"]),
    ("an order", "order_id=48173620", []),
    ("no key", "48173620", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(NATIONAL_ID, text) == values
