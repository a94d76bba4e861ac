"""AWS Signature Version 4, as far as one POST of JSON and small objects in a bucket need it.

Source: AWS General Reference, "Create a signed AWS API request"; checked against the published test suite.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import SecretStr

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class AwsCredentials:
    """What signs; the token only where the credentials are temporary."""

    access_key: str
    secret_key: SecretStr
    session_token: SecretStr | None = None


@dataclass(frozen=True)
class Scope:
    """What a signature is good for."""

    region: str
    service: str


def signed(
    method: str,
    host: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    by: AwsCredentials,
    scope: Scope,
    at: datetime,
    path: str = "/",
    query: str = "",
) -> dict[str, str]:
    """The headers with date, token and signature.

    `host` is what the `Host` header will say. `path` and `query` are signed as they are: encoded as the request line
    has them, the parts of the query sorted. All headers are signed. The service refuses a date that is more than five
    minutes off.
    """
    moment = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    sent = {**headers, "X-Amz-Date": moment}
    if by.session_token is not None:
        sent["X-Amz-Security-Token"] = by.session_token.get_secret_value()
    lines = {name.lower(): " ".join(value.split()) for name, value in {**sent, "Host": host}.items()}
    names = ";".join(sorted(lines))
    canonical = "\n".join(
        (
            method,
            path,
            query,
            *(f"{name}:{lines[name]}" for name in sorted(lines)),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        )
    )
    place = f"{moment[:8]}/{scope.region}/{scope.service}/aws4_request"
    to_sign = "\n".join((_ALGORITHM, moment, place, hashlib.sha256(canonical.encode()).hexdigest()))
    key = f"AWS4{by.secret_key.get_secret_value()}".encode()
    for part in place.split("/"):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    signature = hmac.digest(key, to_sign.encode(), hashlib.sha256).hex()
    authorization = f"{_ALGORITHM} Credential={by.access_key}/{place}, SignedHeaders={names}, Signature={signature}"
    return {**sent, "Authorization": authorization}
