"""Secrets, card numbers and what authenticates a payment: nothing brings them back, and the vault never had them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.core.clock import FixedClock
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.redaction.engine import Redaction
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.redaction.run import RunRedactor
from opswarden.redaction.types import TextWithheld
from opswarden.redaction.vault import SqliteVault
from opswarden.tests.redaction.disguises import FORMATS, SPELLINGS
from opswarden.tests.redaction.effort import tried
from opswarden.tests.redaction.planting import KINDS, plant, survivors

REDACTION = Redaction()
KEPT = ("email", "phone", "name", "address", "mac", "ip", "cpf", "curp")
NEVER = tuple(
    kind
    for kind in KINDS
    if kind.startswith(("card ", "track", "pin block", "emv", "iso 8583"))
    or list(KINDS).index(kind) >= list(KINDS).index("jwt")
)
"""Kinds that may not be restored, hashed or stored."""
EVERYTHING = frozenset(REDACTION.entity_types)
RUN = "run_1"
_SEEN = 12
"""Bytes of a digest that are looked for."""
PURPOSES = ("vault", "vault-lookup", "placeholder-nonce", "fences", "fallback-journal", "approvals", "fingerprints")


def _digests(value: bytes, keys: list[bytes]) -> Iterator[bytes]:
    for name in ("md5", "sha1", "sha256", "sha512"):
        yield hashlib.new(name, value).digest()
        yield from (hmac.digest(key, value, name) for key in keys)


def _keys(keys: FileKeys) -> list[bytes]:
    """Every key that the vault could have used: those of the purposes, and those it derives for the run."""
    rings = [key for purpose in PURPOSES[:2] for key in keys.ring(purpose).keys.values()]
    plain = [keys.secret(purpose) for purpose in PURPOSES]
    return [*rings, *plain, *(hmac.digest(key, RUN.encode(), "sha256") for key in (*rings, *plain))]


def test_the_vault_holds_neither_them_nor_a_hash_of_them(tmp_path: Path) -> None:
    keys = FileKeys(tmp_path / "keys.json")
    folder = tmp_path / "state"
    folder.mkdir()
    clock = FixedClock(datetime(2026, 11, 29, tzinfo=UTC))
    vault = SqliteVault(SqliteDatabase(folder / "vault.sqlite"), keys, clock, ttl_s=3600)
    run = REDACTION.for_run(RUN, vault=vault)
    planted = [plant(kind, "vault") for kind in KINDS]
    shown = [run.text(FORMATS["json"](each.key, each.value)) for each in planted]
    shown += [str(run.value({each.key: each.value, "and": [each.value]})) for each in planted]
    assert "<EMAIL_ADDRESS_1·" in "\n".join(shown)

    stored = b"\n".join(path.read_bytes() for path in folder.iterdir())
    assert len(stored) > 10_000
    windows = {stored[at : at + _SEEN] for at in range(len(stored))}
    known_keys = _keys(keys)
    # A search that finds nothing proves nothing: what may be restored is found by just such a hash.
    mail = next(each.value for each in planted if each.kind == "email")
    assert any(digest[:_SEEN] in windows for digest in _digests(f"EMAIL_ADDRESS\0{mail}".encode(), known_keys))
    for each in planted:
        forms = {each.value, *each.telling, "".join(filter(str.isalnum, each.value)), each.value.casefold()}
        for form in forms:
            raw = form.encode()
            assert raw not in stored, each.kind
            if each.kind not in NEVER:
                continue
            entity_types = ("CREDIT_CARD", "SECRET", "CARD_AUTHENTICATION_DATA")
            messages = (raw, *(f"{entity_type}\0{form}".encode() for entity_type in entity_types))
            for digest in (digest for message in messages for digest in _digests(message, known_keys)):
                assert windows.isdisjoint(
                    (digest[:_SEEN], digest.hex().encode()[:_SEEN], base64.b64encode(digest)[:_SEEN])
                ), each.kind


@pytest.mark.parametrize("kind", NEVER)
def test_nothing_of_them_is_restored(kind: str) -> None:
    run = REDACTION.for_run(RUN, vault=MemoryVault())
    planted = plant(kind, "restore")
    cleaned = run.clean(FORMATS["logfmt"](planted.key, planted.value))
    assert cleaned.spans
    assert not any(REDACTION.is_restorable(span.entity_type) for span in cleaned.spans)
    with pytest.raises(TextWithheld) as withheld:
        run.restore(cleaned.text, EVERYTHING)
    assert withheld.value.reason == "not-restorable"
    entity_type = cleaned.spans[0].entity_type
    for number in ("", "_1", "_2"):
        with pytest.raises(TextWithheld):
            run.restore(f"<{entity_type}{number}·{run._nonce}>", EVERYTHING)


def _attempts(run: RunRedactor, text: str) -> Iterator[str]:
    """What every way of restoring makes of a text; a refusal gives nothing."""
    for way in (lambda: run.restore(text, EVERYTHING), lambda: str(run.value_restore({"a": [text]}, EVERYTHING))):
        try:
            yield way()
        except TextWithheld as error:
            yield f"{error} {error.remedy}"


DISGUISES = {"as it is": lambda text: text, **SPELLINGS}


@tried(120)
@given(
    st.sampled_from([kind for kind in KINDS if kind.startswith(KEPT)]),
    st.sampled_from(list(FORMATS)),
    st.sampled_from(list(DISGUISES)),
    st.booleans(),
)
def test_a_log_that_holds_placeholders_restores_nothing(kind: str, wrap: str, disguise: str, is_value: bool) -> None:
    run = REDACTION.for_run(RUN, vault=MemoryVault())
    planted = plant(kind, "known")
    mark = run.text(f'{planted.key}="{planted.value}"').partition('"')[2].rstrip('"')
    assert run._nonce in mark
    if kind in ("email", "ip", "cpf"):
        assert run.restore(mark, EVERYTHING) == planted.value

    outside = FORMATS[wrap]("note", DISGUISES[disguise](mark))
    cleaned = str(run.value({"line": outside})) if is_value else run.text(outside)
    for text in (cleaned, run.clean_ours(cleaned).text):
        for restored in _attempts(run, text):
            assert survivors(planted.telling, restored) == []
