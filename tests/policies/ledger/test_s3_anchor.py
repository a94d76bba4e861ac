"""Heads in a bucket, against a declared double that checks signatures, conditions and Object Lock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta

import botocore.auth
import botocore.compat
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from pydantic import SecretStr

from opswarden.core.clock import FixedClock
from opswarden.core.database import Database
from opswarden.core.errors import BackendError, InputError
from opswarden.core.key_services.aws_signature import AwsCredentials, Scope, signed
from opswarden.core.keys import FileKeys
from opswarden.policies.ledger.anchor import Anchoring
from opswarden.policies.ledger.checkpoint import open_checkpoint
from opswarden.policies.ledger.s3_anchor import Bucket, S3Heads, anchor_in_bucket
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.tests.doubles.s3_server import ACCESS_KEY, REGION, SECRET_KEY, Refused, S3Server

Anchor = Callable[..., Anchoring]


@pytest.fixture
def server(clock: FixedClock) -> Iterator[S3Server]:
    with S3Server(now=clock.now) as running:
        yield running


@pytest.fixture
def anchor_it(ledger: SqliteLedger, database: Database, keys: FileKeys, clock: FixedClock) -> Anchor:
    def run(
        server: S3Server, *, region: str = REGION, secret: str = SECRET_KEY, days: int = 30, to: str = "/audit"
    ) -> Anchoring:
        bucket = Bucket.at(f"s3://{server.bucket}{to}", region, server.url)
        heads = S3Heads(bucket, lambda: AwsCredentials(ACCESS_KEY, SecretStr(secret)), clock, days)
        return anchor_in_bucket(heads, ledger, database, keys.public_key())

    return run


def grow(ledger: SqliteLedger, count: int = 1) -> None:
    ledger.append([LedgerEntry("call.decided", "run", {"n": number}) for number in range(count)])


def test_each_head_is_an_object_of_its_own_and_the_newest_comes_first(
    server: S3Server, anchor_it: Anchor, ledger: SqliteLedger, keys: FileKeys
) -> None:
    assert anchor_it(server).status == "empty"
    for size in (1, 11, 111):
        grow(ledger, size - (ledger.head().size if ledger.head() else 0))  # type: ignore[union-attr]
        assert (anchor_it(server).status, anchor_it(server).status) == ("appended", "unchanged")
    names = sorted(server.versions)
    assert [name.rpartition("-")[2] for name in names] == ["111.txt", "11.txt", "1.txt"]
    notes = [server.versions[name][-1].content.decode() for name in names]
    assert [open_checkpoint(note, ledger.origin, keys.public_key()).size for note in notes] == [111, 11, 1]


def test_a_head_is_locked_for_everybody_until_its_day(
    server: S3Server, anchor_it: Anchor, ledger: SqliteLedger, clock: FixedClock
) -> None:
    grow(ledger)
    anchor_it(server, days=30)
    (name,) = server.versions
    with pytest.raises(Refused):
        server.delete_version(name, 0)
    assert server.versions[name][0].locked_until == clock.now() + timedelta(days=30)
    clock.advance(31 * 86_400)
    server.delete_version(name, 0)


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (["DELETE FROM entry WHERE seq > 2", "DELETE FROM checkpoint WHERE size > 3"], "the end was cut off"),
        (["UPDATE entry SET leaf = zeroblob(32) WHERE seq = 1"], "it was rewritten"),
    ],
)
def test_a_ledger_that_does_not_continue_is_refused(
    server: S3Server, anchor_it: Anchor, ledger: SqliteLedger, database: Database, tamper: list[str], told: str
) -> None:
    grow(ledger, 3)
    grow(ledger, 2)
    anchor_it(server)
    if "leaf" in tamper[0]:
        grow(ledger, 1)
    for statement in tamper:
        database.connection().execute(statement)
    found = anchor_it(server)
    assert found.status == "refused"
    assert told in found.problem
    assert len(server.versions) == 1


def test_of_two_at_once_none_writes_over_the_other(server: S3Server, anchor_it: Anchor, ledger: SqliteLedger) -> None:
    grow(ledger)

    def other() -> None:
        server.before_put = lambda: None
        assert anchor_it(server).status == "appended"

    server.before_put = other
    with pytest.raises(BackendError, match="stored meanwhile"):
        anchor_it(server)
    assert [len(kept) for kept in server.versions.values()] == [1]
    assert anchor_it(server).status == "unchanged"


def test_what_the_service_refuses(server: S3Server, anchor_it: Anchor, ledger: SqliteLedger, clock: FixedClock) -> None:
    grow(ledger)
    for options, status in (({"secret": "x"}, 403), ({"region": "us-east-1"}, 400)):
        with pytest.raises(BackendError, match=f"answered {status}") as caught:
            anchor_it(server, **options)
        assert "canary-in-an-error" not in caught.value.message
    with S3Server(has_lock=False, now=clock.now) as plain, pytest.raises(BackendError, match="answered 400") as caught:
        anchor_it(plain)
    assert "Object Lock" in caught.value.remedy
    with S3Server("another", now=clock.now) as other:
        other.bucket = "gone"
        bucket = Bucket.at("s3://another", REGION, other.url)
        heads = S3Heads(bucket, lambda: AwsCredentials(ACCESS_KEY, SecretStr(SECRET_KEY)), clock, 1)
        with pytest.raises(BackendError, match="answered 404"):
            heads.newest()


def test_something_else_in_the_place_of_the_heads(server: S3Server, anchor_it: Anchor, ledger: SqliteLedger) -> None:
    grow(ledger)
    anchor_it(server)
    (name,) = server.versions
    server.versions[name][0].content = b"hello\n"
    with pytest.raises(InputError):
        anchor_it(server)
    server.versions["audit/heads/0-garbage"] = server.versions[name]
    with pytest.raises(BackendError, match="something else"):
        anchor_it(server)
    del server.versions["audit/heads/0-garbage"]
    server.versions[f"audit/heads/{0:019d}-7.txt"] = server.versions[name]
    with pytest.raises(BackendError, match="something else"):
        anchor_it(server)


def test_an_older_head_in_the_place_of_the_newest_lets_no_ledger_in_that_was_cut_to_it(
    server: S3Server, anchor_it: Anchor, ledger: SqliteLedger, database: Database
) -> None:
    for _ in range(2):
        grow(ledger, 2)
        anchor_it(server)
    newest, older = sorted(server.versions)
    # Who may put objects without a condition makes a new version; the locked one stays below it.
    server.versions[newest].append(server.versions[older][0])
    for statement in ("DELETE FROM entry WHERE seq > 1", "DELETE FROM checkpoint WHERE size > 2"):
        database.connection().execute(statement)
    with pytest.raises(InputError, match="named for 4 entries and holds a head of 2"):
        anchor_it(server)
    assert len(server.versions) == 2


@pytest.mark.parametrize("end", [-1, -40, 30, 1])
def test_a_head_that_is_cut_is_none(server: S3Server, anchor_it: Anchor, ledger: SqliteLedger, end: int) -> None:
    grow(ledger)
    anchor_it(server)
    (name,) = server.versions
    server.versions[name][0].content = server.versions[name][0].content[:end]
    with pytest.raises(InputError):
        anchor_it(server)


@pytest.mark.parametrize("target", ["s3://", "s3://A", "s3://b/../c", "s3://b//c", "https://b", "s3://bucket/a b"])
def test_what_names_no_bucket(target: str) -> None:
    with pytest.raises(InputError):
        Bucket.at(target, REGION, None)


def test_addresses_at_amazon() -> None:
    assert Bucket.at("s3://abc/x/", REGION, None).url == "https://abc.s3.eu-west-1.amazonaws.com"
    assert Bucket.at("s3://a.bc", REGION, None).url == "https://s3.eu-west-1.amazonaws.com/a.bc"
    assert Bucket.at("s3://abc", "cn-north-1", None).url == "https://abc.s3.cn-north-1.amazonaws.com.cn"
    with pytest.raises(InputError, match="region"):
        Bucket.at("s3://abc", None, None)


def test_the_signature_is_that_of_amazons_own_library(clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    body, path, query = b"a head\n", "/heads/0-9.txt", "list-type=2&max-keys=1&prefix=audit%2Fheads%2F"
    for module in (botocore.auth, botocore.compat):
        if hasattr(module, "get_current_datetime"):
            monkeypatch.setattr(module, "get_current_datetime", lambda *_, **__: clock.now().replace(tzinfo=None))
    sent = {"X-Amz-Content-Sha256": hashlib.sha256(body).hexdigest(), "If-None-Match": "*"}
    request = AWSRequest("PUT", f"https://b.example.com{path}?{query}", headers=sent, data=body)
    S3SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "s3", REGION).add_auth(request)
    at = clock.now()
    assert request.headers["X-Amz-Date"] == at.strftime("%Y%m%dT%H%M%SZ")
    ours = signed(
        "PUT",
        "b.example.com",
        sent,
        body,
        by=AwsCredentials(ACCESS_KEY, SecretStr(SECRET_KEY)),
        scope=Scope(REGION, "s3"),
        at=at,
        path=path,
        query=query,
    )
    assert ours["Authorization"] == request.headers["Authorization"]
