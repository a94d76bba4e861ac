"""Amazon's JSON protocols through the client of all systems: signed questions, and what their refusals mean.

Source: AWS JSON 1.0 and 1.1 protocols (Smithy documentation): the operation is a header, an error is named in `__type`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from ..clock import Deadline
from ..errors import BackendError, ConfigError
from ..http_exchange import Exchanged
from ..key_services.aws_signature import AwsCredentials, Scope, signed
from .client import SystemClient, json_of, refusal
from .settings import HttpSettings

_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]{1,2}")
_BUSY = frozenset(
    "Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException "
    "TooManyRequestsException RequestLimitExceeded LimitExceededException LimitExceeded".split()
)
_REFUSALS = {
    "forbidden": ("forbids us this", "the credential needs the rights of a policy in `docs/examples`"),
    "credential": ("does not accept the credential", "check the access key, the profile and this machine's clock"),
    "busy": ("has had too many questions", "lower its `concurrency`, or raise the quotas of the account"),
    "absent": ("does not know what is asked for", "check the names in its settings, and `region`"),
    "query": ("does not accept the question", "check its version and the names in its settings"),
}
_KINDS = {
    **dict.fromkeys(("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"), "forbidden"),
    **dict.fromkeys(
        "UnrecognizedClientException InvalidClientTokenId ExpiredToken ExpiredTokenException InvalidSignatureException "
        "SignatureDoesNotMatch IncompleteSignature IncompleteSignatureException MissingAuthenticationToken "
        "MissingAuthenticationTokenException RequestExpired OptInRequired".split(),
        "credential",
    ),
    **dict.fromkeys(_BUSY, "busy"),
    **dict.fromkeys(("ResourceNotFoundException", "ResourceNotFound"), "absent"),
    **dict.fromkeys(
        "MalformedQueryException InvalidParameterException InvalidParameterValue InvalidParameterCombination "
        "MissingParameter ValidationError ValidationException".split(),
        "query",
    ),
}


class AwsSettings(HttpSettings):
    """A service of Amazon in one region. Who asks is found as by Amazon's own tools: variables, profile, role."""

    url: str = Field(default="", max_length=2_000, description="of the service; the region's own unless set")
    region: str = Field(min_length=1, max_length=32, description="such as `eu-west-1`")
    profile: str | None = Field(
        default=None, max_length=128, description="of Amazon's own files; what boto3 finds without one"
    )

    @model_validator(mode="before")
    @classmethod
    def _addressed(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        region = given.get("region")
        if isinstance(region, str) and not _REGION.fullmatch(region):
            raise ValueError("`region` is no region of AWS, such as `eu-west-1`")
        if any(given.get(name) is not None for name in ("token_env", "token_file", "user")):
            raise ValueError("questions are signed with a key of AWS: `profile`, or what boto3 finds")
        if isinstance(region, str) and not given.get("url"):
            host = f"{cls.host_part()}.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"
            return {**given, "url": f"https://{host}"}
        return given

    @classmethod
    def host_part(cls) -> str:
        """What the address of the service begins with."""
        raise NotImplementedError


class AwsRefused(BackendError):
    """The service does not carry out the question.

    Args:
        kind: `forbidden`, `credential`, `busy`, `absent`, `query` or `other`.
    """

    def __init__(self, message: str, *, remedy: str, kind: str) -> None:
        super().__init__(message, remedy=remedy)
        self.kind = kind


class AwsSigning:
    """Implements `Signing` with what boto3 finds, which it renews by itself.

    Args:
        name: of the system, for errors.
        settings: of the service.
        service: as signatures name it.
        now: the time; the service refuses one that is five minutes off.
    """

    def __init__(self, name: str, settings: AwsSettings, service: str, now: Callable[[], datetime]) -> None:
        self._name = name
        self._settings = settings
        self._scope = Scope(settings.region, service)
        self._now = now
        self._session: Any = None
        parts = urlsplit(settings.url)
        host = parts.hostname or ""
        host = f"[{host}]" if ":" in host else host
        is_usual = parts.port in (None, 80 if settings.is_plain else 443)
        self._host = host if is_usual else f"{host}:{parts.port}"

    @property
    def identity(self) -> str:
        """The access key."""
        return self._credentials().access_key

    def headers(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        """Signed now."""
        by = self._credentials()
        return signed(method, self._host, headers, body, by=by, scope=self._scope, at=self._now(), path=target or "/")

    def _credentials(self) -> AwsCredentials:
        try:
            import boto3  # noqa: PLC0415 - an extra
            from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - the same
        except ImportError:
            raise ConfigError(f"{self._name} needs boto3", remedy='pip install "opswarden[aws]"') from None
        try:
            if self._session is None:
                self._session = boto3.Session(profile_name=self._settings.profile, region_name=self._settings.region)
            found = self._session.get_credentials()
            frozen = None if found is None else found.get_frozen_credentials()
        except BotoCoreError as error:
            raise ConfigError(
                f"there is no credential of AWS for {self._name} ({type(error).__name__})",
                remedy="check `profile`, and the role or the variables that it stands for",
            ) from None
        if frozen is None or not frozen.access_key or not frozen.secret_key:
            raise ConfigError(
                f"there is no credential of AWS for {self._name}",
                remedy="set `profile`, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the pod a role",
            )
        token = SecretStr(frozen.token) if frozen.token else None
        return AwsCredentials(frozen.access_key, SecretStr(frozen.secret_key), token)


class AwsApi:
    """Operations of one service.

    Args:
        client: asks it, signed.
        prefix: what the names of operations begin with in `X-Amz-Target`.
        version: of the protocol, `1.0` or `1.1`.
    """

    def __init__(self, client: SystemClient, prefix: str, version: str) -> None:
        self.client = client
        self._prefix = prefix
        self._type = f"application/x-amz-json-{version}"

    def ask(
        self,
        operation: str,
        question: Mapping[str, Any],
        deadline: Deadline,
        *,
        is_lasting: bool = False,
        is_settled: Callable[[Exchanged], bool] | None = None,
    ) -> tuple[Mapping[str, Any], int]:
        """What an operation answers, and its bytes.

        Raises:
            AwsRefused: it refused.
            BackendError: it did not answer, or something else than JSON.
        """
        headers = {"Content-Type": self._type, "X-Amz-Target": f"{self._prefix}.{operation}"}
        settled = {} if is_settled is None else {"is_settled": is_settled}
        answer = self.client.post_json("/", question, deadline, is_lasting=is_lasting, headers=headers, **settled)
        if 400 <= answer.status < 500:
            raise self._refused(answer)
        document = json_of(self.client, answer)
        if not isinstance(document, dict):
            raise BackendError(f"{self.client.name} is no service of AWS", remedy="check its `url`")
        return document, len(answer.content)

    def _refused(self, answer: Exchanged) -> BackendError:
        kind = _KINDS.get(code_of(answer), "other")
        if kind == "other":
            error = refusal(self.client.name, answer.status)
            return AwsRefused(error.message, remedy=error.remedy, kind=kind)
        told, remedy = _REFUSALS[kind]
        return AwsRefused(f"{self.client.name} {told} ({answer.status})", remedy=remedy, kind=kind)


def is_busy(answer: Exchanged) -> bool:
    """Whether the service asks to come back later: Amazon says so with 400 and a name."""
    return answer.status == 400 and code_of(answer) in _BUSY


def code_of(answer: Exchanged) -> str:
    """The name of an error; empty if it has none that we could know."""
    try:
        document = json.loads(answer.content[:10_000])
    except (ValueError, RecursionError):
        return ""
    told = document.get("__type") if isinstance(document, dict) else None
    return told.rpartition("#")[2].partition(":")[0] if isinstance(told, str) else ""
