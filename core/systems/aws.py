"""Amazon Web Services: a client that asks once and not for long, and what its refusals mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ..clock import Deadline
from ..errors import BackendError, ConfigError

_ABSENT = ("does not exist", "not found", "Could not find")


class AwsPlace(Protocol):
    """Where an account of AWS is reached."""

    @property
    def region(self) -> str: ...
    @property
    def profile(self) -> str | None: ...
    @property
    def endpoint(self) -> str | None: ...
    @property
    def timeout_s(self) -> float: ...


def aws_client(settings: AwsPlace, service: str) -> Any:
    """A client of boto3 that asks once and not for long.

    Raises:
        ConfigError: boto3 is not installed, or there is no such profile.
    """
    try:
        import boto3  # noqa: PLC0415 - an extra
        from botocore.config import Config  # noqa: PLC0415 - the same
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - the same
    except ImportError:
        raise ConfigError("boto3 is not installed", remedy='pip install "opswarden[aws]"') from None
    # A repeated request could move what somebody else has moved since.
    config = Config(
        connect_timeout=settings.timeout_s, read_timeout=settings.timeout_s, retries={"total_max_attempts": 1}
    )
    try:
        session = boto3.Session(profile_name=settings.profile, region_name=settings.region)
        return session.client(service, endpoint_url=settings.endpoint, config=config)
    except BotoCoreError as error:
        raise ConfigError(
            f"AWS cannot be used as configured ({type(error).__name__})", remedy="check `profile` and `region`"
        ) from None


def ask_aws(client: Any, place: str, operation: str, deadline: Deadline, **arguments: Any) -> Mapping[str, Any] | None:
    """Ask one operation of a client; `None` where what is asked for does not exist.

    Args:
        client: of boto3.
        place: what people call it.
        operation: as boto3 names it.
        deadline: is looked at before it is asked.
        arguments: of the operation.

    Raises:
        BackendError: it refused, or did not answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra

    if deadline.passed:
        raise BackendError(f"no time was left to ask {place}", remedy="try again")
    try:
        found: Mapping[str, Any] = getattr(client, operation)(**arguments)
    except ClientError as error:
        told = error.response.get("Error", {})
        if any(word in str(told.get("Message", "")) for word in _ABSENT):
            return None
        code = str(told.get("Code", ""))[:60]
        raise BackendError(f"{place} refused ({code})", remedy="check its rights and the request") from None
    except BotoCoreError as error:
        raise BackendError(
            f"{place} did not answer ({type(error).__name__})", remedy="check the network and the credential"
        ) from None
    return found
