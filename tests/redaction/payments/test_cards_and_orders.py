"""The measured set: every card is found in any dress; order ids of the same length that pass the check survive."""

from __future__ import annotations

import pytest

from opswarden.redaction.engine import Redaction

from .made_cards import cards, order_ids

CARD_DRESSES = [
    "{}",
    "card {} declined",
    "xq7={} zz=1",
    '{{"f":"{}"}}',
    '{{"f":{},"g":1}}',
    '{{"a":{{"b":["x","{}"]}}}}',
    r"{{\"f\":\"{}\"}}",
    "'{}'",
    "a,b,{},c",
    "a;{};c",
    "a|{}|c",
    "pan_{}_x",
    "PAN{}X",
    "https://a.example/pay/{}?x=1",
    "/pay?n={}&amount=1",
    "/pay?order_id=77&n={}",
    "POST /v1/cards/{}/verify 200",
    "paid order 77 with {}",
    "order 77 was paid by {} today",
    "transaction declined: {} (05)",
    "in this case {} was declined at that time",
    "[{}]",
    "<f>{}</f>",
    "<f n='1'>{}</f>",
    "value: {}",
    "number={}",
    "cc: {}",
    "numero_do_cartao={}",
    "Kart No: {}",
    "tarjeta terminada {}",
    "message={} declined",
    '"msg":"{} is not enrolled"',
    "order_id=ab12 pan={} rrn=432198765012",
    "order for card {} failed",
    "INSERT INTO t VALUES (1, '{}', 2)",
    "column1\tcolumn2\n17\t{}",
    "2026-11-23T19:47:41.123Z INFO {}",
    "2: {}",
    "[002] {}",
    "DE002={}",
    "-{}-",
    "{}.",
    "account={}",
    r"first\n{}\nlast",
    "payer %s %22{}%22",
    "req body: ccnum={}&x=1",
    "order_card_number={}",
    "order_id=ab pan-{}",
    "token=Q{}Z",
]
ORDER_DRESSES = [
    "order_id={}",
    '"orderId":"{}"',
    '"orderId":{},"x":1',
    '{{"order": {{"id": "{}"}}}}',
    r"{{\"order_id\":\"{}\"}}",
    "pedido nº {}",
    "pedido #{}",
    "número do pedido: {}",
    "nro_orden={}",
    "orden {}",
    "order {} settled",
    "Order {} could not be captured",
    "order no. {}",
    "order number is {}",
    "ORD{}",
    "ord_{}",
    "ORD-{}",
    "INV-{}",
    "txn:{}",
    "txn_id={}",
    "transactionId={}",
    "transaction {} timed out",
    "transaccion={}",
    "transação {} negada",
    "card declined for order {}",
    "ref {}",
    "ref: {}",
    "reference={}",
    "referência {}",
    "rrn {}",
    "rrn={}",
    "arn={}",
    "ARN: {}",
    "stan={}",
    "trace={}",
    "trace id {}",
    "invoice {}",
    "fatura {}",
    "boleto {}",
    "NSU {}",
    "NSU: {}",
    "AUT {}",
    "offset={}",
    "ts={}",
    "epoch_ns={}",
    "snowflake={}",
    "blk_{}",
    "id={}",
    '"id":"{}"',
    '"id": {}, "name": 1',
    "GET /orders/{}/items",
    "GET /v1/transactions/{}?x=1",
    "sipariş no: {}",
    "siparis_no={}",
    "no_pesanan={}",
    "mã đơn hàng {}",
    "订单号{}",
    "订单号：{}",
    "заказ № {}",
    "commande n° {}",
    "merchant_id={}",
    "terminal_id={}",
    '"order_ids":[1,{},2]',
    '"order_ids":["123456789012345","{}"]',
    "trackingNumber={}",
    "approval_code={}",
    "idempotency-key: {}",
    "x-request-id: {}",
    "span={}",
    "nonce={}",
    "seq={}",
    "<EndToEndId>E2E-{}</EndToEndId>",
    "<TxId>{}</TxId>",
    "order_id=BR-{}",
    '"transaction_id":"pay_{}"',
    "refno=AB12-{}",
    '"numero_pedido": {}',
    "idtransaksi={}",
    "acquirer_reference_number: {}",
]
SEPARATORS = (" ", "-", ".", "_", "/", "\u00a0", "\n")


def _is_hidden(redaction: Redaction, text: str, value: str) -> bool:
    at = text.index(value)
    return any(
        span.entity_type == "CREDIT_CARD" and span.start <= at and at + len(value) <= span.end
        for span in redaction.analyze(text)
    )


def _taken(redaction: Redaction, text: str) -> bool:
    """Whether something was taken for a card or its data; what other recognizers think is measured with them."""
    return any(span.entity_type.startswith(("CREDIT_CARD", "CARD_", "CRYPTO")) for span in redaction.analyze(text))


@pytest.mark.parametrize("dress", CARD_DRESSES)
def test_every_card_is_found(redaction: Redaction, dress: str) -> None:
    missed = [card for card in cards(7) if not _is_hidden(redaction, dress.format(card), card)]
    assert missed == []


def _grouped(card: str, separator: str) -> str:
    sizes = {14: (4, 6, 4), 15: (4, 6, 5)}.get(len(card), (4, 4, 4, 4, 3))
    parts, at = [], 0
    for size in sizes:
        parts.append(card[at : at + size])
        at += size
    return separator.join(part for part in parts if part)


@pytest.mark.parametrize("separator", SEPARATORS)
@pytest.mark.parametrize("dress", ["{}", "xq7={}", '"f":"{}"', "paid with {} today", "order_id={}"])
def test_separators_hide_no_card(redaction: Redaction, separator: str, dress: str) -> None:
    missed = [
        card
        for card in cards(11)
        if not _is_hidden(redaction, dress.format(_grouped(card, separator)), _grouped(card, separator))
    ]
    assert missed == []


@pytest.mark.parametrize("dress", ORDER_DRESSES)
def test_order_ids_survive(redaction: Redaction, dress: str) -> None:
    ids = order_ids(13, 200)
    lost = [number for number in ids if _taken(redaction, dress.format(number))]
    assert len(lost) <= len(ids) * 0.005, lost[:5]


def test_times_and_figures_survive(redaction: Redaction) -> None:
    texts = [
        *(f"at {1764000000000 + 7 * step} ms" for step in range(400)),
        *(f"{1764000000000000 + 7919 * step}" for step in range(400)),
        *(f"{1764000000000000000 + 7919777 * step}" for step in range(400)),
        *(f"score 0.4{539578763621480 + step}" for step in range(200)),
        *(f"2026112319{step:04d}123456"[:17] for step in range(200)),
    ]
    lost = [text for text in texts if _taken(redaction, text)]
    assert len(lost) <= len(texts) * 0.005, lost[:5]
