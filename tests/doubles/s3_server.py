"""A declared double of Amazon S3: signatures checked over what really arrived, versions, `If-None-Match`, Object Lock.

Source of the shapes: Amazon S3 API Reference, and "Locking objects with Object Lock" (compliance mode).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
REGION = "eu-west-1"

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, "
    r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})"
)


@dataclass
class Stored:
    """One version of an object."""

    content: bytes
    locked_until: datetime | None


@dataclass
class Refused(Exception):
    status: int
    code: str


@dataclass
class Said:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class S3Server:
    """One bucket; `server.fault` makes it misbehave once.

    Args:
        bucket: its name; asked in the path.
        has_lock: whether the bucket was made with Object Lock.
        now: for the fifteen minutes that a signature may be off, and for locks.
    """

    def __init__(
        self, bucket: str = "heads-of-ours", *, has_lock: bool = True, now: Callable[[], datetime] | None = None
    ) -> None:
        self.bucket = bucket
        self.versions: dict[str, list[Stored]] = {}
        self.asked: list[tuple[str, str]] = []
        self.before_put: Callable[[], None] = lambda: None
        self._has_lock = has_lock
        self._now = now or (lambda: datetime.now(UTC))
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self) -> None:
                outer._serve(self)

            do_GET = do_DELETE = do_PUT

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> S3Server:
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def delete_version(self, key: str, number: int) -> None:
        """What somebody with every right can try."""
        stored = self.versions[key][number]
        if stored.locked_until is not None and self._now() < stored.locked_until:
            raise Refused(403, "AccessDenied")
        del self.versions[key][number]

    def _serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.asked.append((handler.command, handler.path))
        try:
            self._check_signature(handler.command, handler.path, headers, body)
            said = self._answer(handler.command, handler.path, headers, body)
        except Refused as error:
            text = f"<?xml version='1.0'?><Error><Code>{error.code}</Code><Message>canary-in-an-error</Message></Error>"
            said = Said(error.status, text.encode())
        with suppress(OSError):
            handler.send_response(said.status)
            for name, value in {**said.headers, "Content-Length": str(len(said.body))}.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(said.body)

    def _answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Said:
        parts = urlsplit(target)
        _, bucket, *rest = unquote(parts.path).split("/", 2)
        if bucket != self.bucket:
            raise Refused(404, "NoSuchBucket")
        key = rest[0] if rest else ""
        if method == "PUT":
            return self._put(key, headers, body)
        if method == "GET" and not key:
            return self._list(parse_qs(parts.query))
        if method == "GET" and self.versions.get(key):
            return Said(200, self.versions[key][-1].content)
        raise Refused(404, "NoSuchKey")

    def _list(self, query: Mapping[str, list[str]]) -> Said:
        if query.get("list-type") != ["2"]:
            raise Refused(400, "InvalidArgument")
        prefix, most = query.get("prefix", [""])[0], int(query.get("max-keys", ["1000"])[0])
        keys = [key for key in sorted(self.versions) if key.startswith(prefix) and self.versions[key]][:most]
        rows = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in keys)
        return Said(200, f"<?xml version='1.0'?><ListBucketResult>{rows}</ListBucketResult>".encode())

    def _put(self, key: str, headers: Mapping[str, str], body: bytes) -> Said:
        self.before_put()
        until: datetime | None = None
        if "x-amz-object-lock-mode" in headers:
            if not self._has_lock or headers["x-amz-object-lock-mode"] != "COMPLIANCE":
                raise Refused(400, "InvalidRequest")
            if "x-amz-checksum-sha256" not in headers and "content-md5" not in headers:
                raise Refused(400, "InvalidRequest")
            until = datetime.fromisoformat(headers["x-amz-object-lock-retain-until-date"])
            if until <= self._now():
                raise Refused(400, "InvalidArgument")
        found = base64.b64encode(hashlib.sha256(body).digest()).decode()
        if headers.get("x-amz-checksum-sha256", found) != found:
            raise Refused(400, "BadDigest")
        with self._lock:
            if headers.get("if-none-match") == "*" and self.versions.get(key):
                raise Refused(412, "PreconditionFailed")
            self.versions.setdefault(key, []).append(Stored(body, until))
        return Said(200)

    def _check_signature(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> None:
        found = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        if found is None:
            raise Refused(403, "AccessDenied")
        access, day, region, names, signature = found.groups()
        if access != ACCESS_KEY:
            raise Refused(403, "InvalidAccessKeyId")
        if region != REGION:
            raise Refused(400, "AuthorizationHeaderMalformed")
        moment = headers.get("x-amz-date", "")
        at = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        if abs((at - self._now()).total_seconds()) > 900:
            raise Refused(403, "RequestTimeTooSkewed")
        must = {"host", *(name for name in headers if name.startswith("x-amz-"))}
        if not must <= set(names.split(";")) or headers["x-amz-content-sha256"] != hashlib.sha256(body).hexdigest():
            raise Refused(403, "SignatureDoesNotMatch")
        path, _, query = target.partition("?")
        lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names.split(";"))
        hashed = headers["x-amz-content-sha256"]
        ordered = "&".join(sorted(query.split("&"))) if query else ""
        request = f"{method}\n{path}\n{ordered}\n{lines}\n{names}\n{hashed}"
        scope = f"{day}/{region}/s3/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        key: Any = f"AWS4{SECRET_KEY}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        if not hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), signature):
            raise Refused(403, "SignatureDoesNotMatch")
