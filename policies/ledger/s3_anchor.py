"""Heads in a bucket with Object Lock: each an object of its own that nobody can change or delete until a day is over.

Names count downwards, so that the first in a listing is the newest head. Every object is put with `If-None-Match: *`:
a head is never written over another.

Source: Amazon S3 API Reference, PutObject, GetObject, ListObjectsV2, and "Locking objects with Object Lock".
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from ...core.clock import Clock, to_iso
from ...core.database import Database
from ...core.errors import BackendError, InputError
from ...core.http_exchange import Exchanged
from ...core.https import HttpPlace
from ...core.key_services.aws_signature import AwsCredentials, Scope, signed
from ...core.ledger_keys import PublicKeys
from .anchor import AnchorFile, Anchoring, compare, parse_anchor
from .sqlite import SqliteLedger

MOST_DAYS = 36_500

_TARGET = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9!_.*'()/-]{1,700}))?")
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]{1,2}")
_KEY = re.compile(rb"<Key>([^<]{1,1024})</Key>")
_TOP = 10**19 - 1  # above every size


@dataclass(frozen=True)
class Bucket:
    """Where the heads lie.

    Args:
        name: of the bucket.
        prefix: of the objects, with its last slash; empty for none.
        region: of the bucket.
        endpoint: `https://host` of a service that speaks S3; empty for Amazon's own.
    """

    name: str
    prefix: str
    region: str
    endpoint: str = ""

    @classmethod
    def at(cls, target: str, region: str | None, endpoint: str | None) -> Bucket:
        """What `s3://bucket/prefix` names.

        Raises:
            InputError: it names no bucket, or the region is not known.
        """
        found = _TARGET.fullmatch(target)
        if found is None or ".." in target or "//" in target.removeprefix("s3://"):
            raise InputError("the bucket cannot be used", remedy="write it as `s3://bucket/prefix`")
        if not region or not _REGION.fullmatch(region):
            raise InputError(
                "the region of the bucket is not known", remedy="name it with --region, for example `eu-west-1`"
            )
        prefix = (found[2] or "").strip("/")
        return cls(found[1], f"{prefix}/" if prefix else "", region, endpoint or "")

    @property
    def url(self) -> str:
        """Its address: of the bucket itself at Amazon, with the bucket in the path elsewhere."""
        if self.endpoint:
            return f"{self.endpoint.rstrip('/')}/{self.name}"
        suffix = ".cn" if self.region.startswith("cn-") else ""
        host = f"s3.{self.region}.amazonaws.com{suffix}"
        # A dot in the name does not fit the certificate of the shorter form.
        return f"https://{host}/{self.name}" if "." in self.name else f"https://{self.name}.{host}"


class S3Heads:
    """The heads in one bucket.

    Args:
        bucket: where.
        credentials: read at every use.
        clock: dates requests and retention.
        retain_days: how long nobody may delete a head, whoever they are.

    Raises:
        InputError: the address or the number of days cannot be used.
    """

    def __init__(
        self, bucket: Bucket, credentials: Callable[[], AwsCredentials], clock: Clock, retain_days: int
    ) -> None:
        if not 1 <= retain_days <= MOST_DAYS:
            raise InputError(f"heads are locked for 1 to {MOST_DAYS} days", remedy="choose another --retain-days")
        self._bucket = bucket
        self._place = HttpPlace("the bucket", bucket.url)
        self._credentials = credentials
        self._clock = clock
        self._retain_days = retain_days

    def newest(self) -> tuple[int, bytes] | None:
        """The size in the name of the newest head, and what is stored there; `None` if there is none.

        Raises:
            BackendError: the bucket cannot be read.
        """
        prefix = quote(f"{self._bucket.prefix}heads/", safe="")
        listing = self._ask("GET", "/", query=f"list-type=2&max-keys=1&prefix={prefix}")
        if listing.status != 200 or b"ListBucketResult" not in listing.content:
            raise self._failed(listing)
        found = _KEY.search(listing.content)
        if found is None:
            return None
        key = found[1].decode(errors="replace")
        name = re.fullmatch(re.escape(f"{self._bucket.prefix}heads/") + r"([0-9]{19})-([0-9]{1,19})\.txt", key)
        if name is None or int(name[1]) != _TOP - int(name[2]):
            raise BackendError("the bucket holds something else among the heads", remedy="choose another prefix")
        answer = self._ask("GET", f"/{quote(key)}")
        if answer.status != 200:
            raise self._failed(answer)
        return int(name[2]), answer.content

    def put(self, size: int, note: str) -> None:
        """Store a head, locked; never over another one.

        Raises:
            BackendError: it was not stored.
        """
        body = note.encode()
        until = self._clock.now() + timedelta(days=self._retain_days)
        headers = {
            "Content-Type": "text/plain; charset=utf-8",
            "If-None-Match": "*",
            "X-Amz-Checksum-Sha256": base64.b64encode(hashlib.sha256(body).digest()).decode(),
            "X-Amz-Object-Lock-Mode": "COMPLIANCE",
            "X-Amz-Object-Lock-Retain-Until-Date": to_iso(until),
        }
        key = f"{self._bucket.prefix}heads/{_TOP - size:019d}-{size}.txt"
        answer = self._ask("PUT", f"/{quote(key)}", body, headers)
        if answer.status in (409, 412):
            raise BackendError("another head of this size was stored meanwhile", remedy="anchor again")
        if answer.status != 200:
            raise self._failed(answer)

    def _ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None, query: str = ""
    ) -> Exchanged:
        target = self._place.path + path if path != "/" else self._place.path or "/"
        complete = signed(
            method,
            self._place.authority,
            {**(headers or {}), "X-Amz-Content-Sha256": hashlib.sha256(body).hexdigest()},
            body,
            by=self._credentials(),
            scope=Scope(self._bucket.region, "s3"),
            at=self._clock.now(),
            path=target,
            query=query,
        )
        return self._place.ask(method, f"{target}?{query}" if query else target, body, complete)

    def _failed(self, answer: Exchanged) -> BackendError:
        remedies = {
            400: "the bucket needs Object Lock, and --region has to be its region",
            403: "allow s3:ListBucket, s3:GetObject, s3:PutObject and s3:PutObjectRetention, and check the clock",
            404: "check the name of the bucket",
        }
        # What the service wrote can repeat what was sent; its status says enough.
        return BackendError(
            f"the bucket answered {answer.status}", remedy=remedies.get(answer.status, "check --region and the service")
        )


def anchor_in_bucket(heads: S3Heads, ledger: SqliteLedger, database: Database, public_keys: PublicKeys) -> Anchoring:
    """Store the newest signed head, once, if it continues the newest one in the bucket.

    Args:
        heads: the bucket.
        ledger: of which the newest head is taken.
        database: where it lies.
        public_keys: of the ledger.

    Raises:
        InputError: the newest head in the bucket is not one of this ledger.
        BackendError: the bucket cannot be read or written.
        LedgerError: the ledger cannot be read.
    """
    newest = heads.newest()
    known = AnchorFile((), 0, 0) if newest is None else parse_anchor(newest[1], ledger.origin)
    if newest is not None and (known.torn_bytes or len(known.notes) != 1):
        raise InputError("the newest object in the bucket is no signed head", remedy="choose another prefix")
    found = compare(known, ledger, database, public_keys)
    if newest is not None:
        _check_size(newest[0], known.heads(ledger.origin, public_keys)[0].size)
    if isinstance(found, Anchoring):
        return found
    head, is_known = found
    if is_known:
        return Anchoring("unchanged", head.size)
    heads.put(head.size, head.note)
    return Anchoring("appended", head.size, is_new=newest is None)


def _check_size(named: int, size: int) -> None:
    """An older head in the place of a newer one would let in a ledger that was cut to it."""
    if named != size:
        raise InputError(
            f"the newest object in the bucket is named for {named} entries and holds a head of {size}",
            remedy="look at its versions: the first is locked, and is the head that was stored here",
        )
