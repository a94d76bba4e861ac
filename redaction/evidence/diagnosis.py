"""Words that say a number is no personal data: an order, a transaction, a time, a size, a count.

A check digit passes one of ten other numbers, so what stands over a number or in front of it decides. Numbers under
these words are what an engineer needs for the diagnosis.
"""

from __future__ import annotations

from collections.abc import Sequence

# Business and protocol ids.
_IDS = (
    "order orders pedido pedidos orden ordem commande siparis pesanan txn tx transaction transactions transaccion "
    "transacao transacción transação transaksi islem trace span request req response resp ref reference referencia "
    "referência rrn arn stan nsu aut seq sequence nonce block blk job jobs task attempt container application app "
    "session correlation uuid guid hash checksum crc etag digest serial batch lote lot invoice factura fatura boleto "
    "ticket case tracking barcode ean gtin upc sku settlement payout charge refund chargeback dispute auth "
    "authorization authcode approval mcc mid tid terminal merchant acquirer event message msg offset position "
    "partition shard lsn xid gtid snowflake instance commit build revision rev version epoch run experiment "
    "workflow pipeline pod node worker thread process pid ppid port queue topic consumer object inode page row "
    "rows line lines record records item items index idx step iteration generation token_count e2e endtoend "
    "ticketid orderid txid idempotency utr mem project subscription tenant"
).split()
# Times, sizes, counts and measures.
_MEASURES = (
    "ts timestamp time times date datetime epoch millis micros nanos ns us ms sec secs seconds second minutes "
    "duration latency elapsed uptime age ttl timeout expires expiry deadline start started end ended finished created "
    "updated modified created_at updated_at size bytes byte kb mb gb length len count total sum avg mean min max rate "
    "amount price cost balance quantity qty capacity limit used free available memory heap rss cpu disk usage "
    "utilization throughput qps rps cnt pct lag pos err hit miss score weight threshold version release seed random "
    "valor monto amount_cents "
    "quantia importe montant tutar jumlah saldo hits misses errors retries"
).split()
DIAGNOSIS = frozenset(_IDS) | frozenset(_MEASURES)
# Words at the end of a key, or between a word and its number, that say nothing by themselves.
FILLERS = frozenset(
    "id ids at number numbers no num nr numero número nro n nº code key value val field of de do da del la el the is "
    "was were for with and to from in on a e y o by as str text raw x".split()
    # What happened to what the word before names: `rows_processed`.
    + "processed read written sent received failed dropped skipped loaded inserted deleted emitted consumed produced "
    "scanned evicted rejected accepted ingested flushed committed returned".split()
)
# What programs call any field.
_CONTAINERS = frozenset(
    "field fields campo campos champ column columna coluna kolom value valor valeur attr attribute attributes atributo "
    "argument param params parameter parametro prop property data dato dado payload item items elem element extra misc "
    "custom variable temp meta other otro outro additional".split()
)
LISTS = frozenset("rows records items lines entries results messages events requests".split())
"""Over a number these count something; over a list they say what kind of things it holds, and nothing of one value."""
_LONGEST_LETTERS = 3
"""A longer run of letters is a word of some language: `udf3` and `xq7` hold none."""
# With these in front of a filler the number belongs to somebody, whatever else the key says.
PEOPLE = frozenset(
    "customer client cliente user usuario usuário person people persona pessoa payer payee pagador beneficiary sender "
    "recipient member holder titular owner account conta cuenta document documento identity identidad identidade "
    "national nacional citizen ciudadano cidadao tax fiscal personal employee driver passport patient student voter "
    "applicant borrower contact kyc subscriber cedula cpf".split()
)
# Units that nobody's number is measured in, wherever they stand: `max_bytes_to_merge`.
_UNITS_ANYWHERE = frozenset("bytes millis micros nanos".split())
_REFERENCE = "37"
"""Field of ISO 8583 with the retrieval reference number."""
UNITS = (
    "kb mb gb tb kib mib gib tib bytes byte bits bps ns us µs ms s sec secs seconds minutes hours days records rows "
    "messages events requests items files blocks times tokens ops"
).split()


def says_diagnosis(words: Sequence[str]) -> bool:
    """Whether the last word of a key that says something names no personal data: `order_id`, not `user_id`."""
    if len(words) == 2 and words[1].isdigit() and (words[0] in {"de", "bit"} or words[1].lstrip("0") == _REFERENCE):
        return True  # a field of ISO 8583: DE041, field 37
    for word in reversed(words):
        if word in PEOPLE:
            return False
        if word in DIAGNOSIS:
            return True
        if word not in FILLERS and not word.isdigit():
            return False
    # Nothing but fillers: `id` alone is some row's.
    return bool(words) and words[-1] in {"id", "ids"}


def says_measure(words: Sequence[str]) -> bool:
    """Whether the words of one key name a unit, wherever in it."""
    return not _UNITS_ANYWHERE.isdisjoint(words)


def says_nothing(words: Sequence[str]) -> bool:
    """Whether the words of a key, without what stands over it, say nothing: `f`, `p2`, `xq7`, `field_12`, `udf3`."""
    return bool(words) and all(
        word.isdigit() or word in _CONTAINERS or (len(word) <= _LONGEST_LETTERS and word not in DIAGNOSIS)
        for word in words
    )
