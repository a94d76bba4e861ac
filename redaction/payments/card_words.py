"""Words that say that a number is a card's, and words that say that it is something else of the same length."""

from __future__ import annotations

import re

# What a key ends with when a card number stands under it.
CARD_KEYS = frozenset(
    "pan card card_number card_no card_num card_nr card_pan cardnumber cardno cc cc_number cc_num cc_no ccn ccnum "
    "credit_card credit_card_number credit_card_no debit_card debit_card_number primary_account_number account_pan "
    "funding_pan dpan fpan mpan tpan token_pan device_pan network_token cardholder_pan clear_pan clearpan acct_pan "
    "bank_card bank_card_no bankcard card_account_number plastic_number payment_card prepaid_card card_value "
    # Portuguese, Spanish, French, Italian, German, Dutch, Polish
    "cartao cartão numero_cartao numero_do_cartao num_cartao nro_cartao nr_cartao cartao_credito cartao_de_credito "
    "cartao_debito numero_cartão número_cartão número_do_cartão "
    "tarjeta numero_tarjeta numero_de_tarjeta número_tarjeta número_de_tarjeta num_tarjeta nro_tarjeta tarjeta_credito "
    "tarjeta_de_credito tarjeta_debito tarjeta_de_debito "
    "carte numero_carte numero_de_carte numéro_carte numéro_de_carte carte_bancaire num_carte carta numero_carta "
    "carta_di_credito kartennummer kreditkarte kreditkartennummer kaartnummer numer_karty nr_karty karta "
    # Turkish, Indonesian, Malay, Vietnamese, Filipino, Swahili, Uzbek
    "kart kart_no kart_numarasi kart_numarası kartno kredi_karti kredi_kartı banka_karti kartu nomor_kartu no_kartu "
    "kartu_kredit kartu_debit nombor_kad no_kad kad_kredit so_the sothe số_thẻ the_tin_dung thẻ ma_the numero_ng_card "
    "kadi namba_ya_kadi karta_raqami "
    # Russian, Ukrainian, Arabic, Persian, Hindi, Bengali, Thai, Chinese, Japanese, Korean
    "номер_карты карта номер_картки картка رقم_البطاقة البطاقة بطاقة شماره_کارت کارت कार्ड কার্ড บัตร หมายเลขบัตร "
    "卡号 卡號 银行卡 銀行卡 银行卡号 信用卡 信用卡号 カード番号 カード 카드번호 카드".split()
)
# One of these anywhere in a key, or right in front of a number, makes the number a card's.
CARD_WORDS = frozenset(
    "pan card cards cardnumber cardno cc ccn ccnum dpan fpan creditcard debitcard bankcard cartao cartão cartoes "
    "tarjeta "
    "tarjetas kart kartı kartno kartu kad carte thẻ karte kartennummer kreditkarte карта карты карте картой картка "
    "卡号 卡號 银行卡 信用卡 卡 カード カード番号 카드 카드번호 کارت بطاقة visa mastercard amex maestro elo rupay "
    "unionpay "
    "hipercard verve mir troy jcb diners discover naranja cabal".split()
)
# Written of a card before its number, for numbers that no range tells.
_SPOKEN = (
    r"(?<![^\W\d_])(?:card|cartao|cartão|tarjeta|carte|kartu|kart|kad|pan|visa|master ?card|amex|maestro|elo|rupay"
    r"|union ?pay|uatp|bc card|карт[аыеу]|thẻ)(?![^\W\d_])|卡号|卡號|银行卡|信用卡|カード|카드"
)

# Said right before a number, these make it an id of their own.
ORDER_WORDS = frozenset(
    "order orders ord invoice invoices inv boleto transaction transactions transacao transação "
    "transacoes transaccion transacción transacciones txn txns trx tx tran trans pedido pedidos orden "
    "ordem ordine ordre commande commandes facture fatura factura faturas facturas fattura recibo receipt "
    "comprovante comprobante cupom nf nfe nfce nota protocolo protocol lote lot batch remessa remesa folio guia ticket "
    "ref refs refno reference references referencia referência referans referensi rrn arn stan trace traces nsu aut "
    "nossonumero tracking rastreio rastreamento shipment waybill awb parcel "
    "siparis sipariş islem işlem fis fiş makbuz pesanan transaksi faktur struk resi invois maagizo oda muamala "
    "đơn đơnhàng donhang giao giaodịch giaodich hóađơn bestellung bestellnummer auftrag auftragsnummer rechnung "
    "rechnungsnummer bestelling factuur zamowienie zamówienie faktura заказ заказа заказу заказ номерзаказа транзакция "
    "транзакции операция операции счет чек замовлення 订单 订单号 訂單 訂單號 交易 交易号 交易號 流水号 流水 単号 "
    "单号 注文 注文番号 取引 "
    "取引番号 주문 주문번호 거래 거래번호 طلب الطلب معاملة المعاملة فاتورة سفارش تراکنش ऑर्डर लेनदेन অর্ডার "
    "merchant mid tid terminal snowflake blk uuid guid iccid imei imsi barcode ean gtin upc sku serial correlation "
    "idempotency epoch timestamp ts offset nonce lsn xid gtid seq sequence e2e endtoend utr pnr eticket".split()
)
# Under a key more words tell that; in prose `this case 4111…` tells nothing.
ORDER_KEYS = ORDER_WORDS | frozenset(
    "id ids span request req position time millis micros nanos ns us ms block job task attempt container application "
    "app session bytes size length len count total sum duration latency elapsed version build revision rev uid hash "
    "checksum crc etag digest file partition shard case row amount valor monto importe price balance saldo "
    "commit instance run index idx cursor watermark checkpoint generation created updated expires voucher coupon "
    "payout refund subscription plan quote documento doc contract contrato purchase po so bill compra venda venta "
    "achat "
    "autorizacao autorização autorizacion autorización authorization authorisation auth authcode approval "
    "settlement dispute chargeback reversal memory mem heap rss swap disk used free usage cost costs spend saving "
    "savings capacity quota throughput bandwidth rate limit".split()
)
# Between such a word and the number; these tell nothing themselves.
NUMBER_WORDS = frozenset(
    "no nr num numb number numbers numero número nro nº n id ids code codigo código cod key value val is es é was were "
    "of de do da del di du des der the la el a o um una nomor nomer numarasi numarası mã ma số so hàng hang dịch dich "
    "nummer numer номер 号 號 番号 번호 رقم new old".split()
)


def _glued(words: frozenset[str]) -> frozenset[str]:
    """Also `orderno` and `nroorden`, as keys without a seam have them."""
    after = ("id", "no", "nr", "num", "number", "ref", "code", "key", "ts")
    before = ("id", "no", "nro", "num", "nomor")
    long = [word for word in words if len(word) > 2]
    return words | {word + end for word in long for end in after} | {start + word for word in long for start in before}


ORDER_WORDS = _glued(ORDER_WORDS)
ORDER_KEYS = _glued(ORDER_KEYS)

_SPOKEN_OF = re.compile(_SPOKEN, re.IGNORECASE)
_SPOKEN_REACH = 32


def spoken_of_card(text: str, start: int, further: int = 0) -> bool:
    """Whether a word for a card stands shortly before a place, or so many characters further before it."""
    return _SPOKEN_OF.search(text, max(0, start - _SPOKEN_REACH - further), start) is not None
