"""What went wrong at an endpoint, told by its type; never in the words of the endpoint, which may quote the prompt."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import ModuleType
from typing import Any

from ...core.errors import ModelError

_KEY = "check the endpoint's API key"
_LATER = "try again later, or add another endpoint"
_REQUEST = "check the model name and the abilities declared for this endpoint"
_RETRYABLE_STATUS = frozenset({408, 409, 425, 429})

# In this order, because LiteLLM's types inherit from each other. Type, what happened, what to do, whether to try again.
_BY_TYPE: tuple[tuple[str, str, str, bool], ...] = (
    ("Timeout", "did not answer in time", _LATER, True),
    ("RateLimitError", "takes no more requests now", _LATER, True),
    ("ContextWindowExceededError", "says that the request is too long", "declare its `context_tokens`", False),
    ("ContentPolicyViolationError", "refused the content", "", False),
    ("UnsupportedParamsError", "does not know a parameter", _REQUEST, False),
    ("PaymentRequiredError", "asks for payment", "check the account", False),
    ("AuthenticationError", "refused the key", _KEY, False),
    ("PermissionDeniedError", "refused the key", _KEY, False),
    ("NotFoundError", "does not know the model", _REQUEST, False),
    ("UnprocessableEntityError", "refused the request", _REQUEST, False),
    ("BadRequestError", "refused the request", _REQUEST, False),
    ("MidStreamFallbackError", "broke off its answer", _LATER, True),
    ("ServiceUnavailableError", "is not available", _LATER, True),
    ("BadGatewayError", "is not available", _LATER, True),
    ("InternalServerError", "failed", _LATER, True),
    ("APIConnectionError", "could not be reached", "check its address and the network", True),
)


class EndpointFailure(ModelError):
    """A `ModelError` that may know how long the endpoint wants to be left alone.

    Args:
        retry_after_s: seconds, if the endpoint said so.
        is_answer: whether the model did answer, with a refusal or with something that cannot be used; then the fault
            is the model's and not the road's.
    """

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        retryable: bool = False,
        retry_after_s: float | None = None,
        is_answer: bool = False,
    ) -> None:
        super().__init__(message, remedy=remedy, retryable=retryable)
        self.retry_after_s = retry_after_s
        self.is_answer = is_answer


def failure(endpoint: str, error: BaseException, litellm: ModuleType, now: datetime) -> EndpointFailure:
    """What an error of LiteLLM means. The caller raises it outside of its `except`, so that no traceback quotes it."""
    status = getattr(error, "status_code", None)
    told = f" (HTTP {status})" if isinstance(status, int) and not isinstance(status, bool) else ""
    for name, what, remedy, retryable in _BY_TYPE:
        kind = getattr(litellm.exceptions, name, None)
        if isinstance(kind, type) and isinstance(error, kind):
            wait_s = retry_after_s(_headers(error), now) if retryable else None
            return EndpointFailure(
                f"endpoint {endpoint!r} {what}{told}",
                remedy=remedy,
                retryable=retryable,
                retry_after_s=wait_s,
                is_answer=name == "ContentPolicyViolationError",
            )
    if isinstance(error, litellm.exceptions.APIError) and isinstance(status, int):
        return _by_status(endpoint, status, retry_after_s(_headers(error), now))
    return unusable(endpoint, type(error).__name__, is_answer=False)


def too_late(endpoint: str) -> EndpointFailure:
    """It did not answer before the deadline, or showed no sign of life."""
    return EndpointFailure(f"endpoint {endpoint!r} did not answer in time", remedy=_LATER, retryable=True)


def unusable(endpoint: str, what: str, *, is_answer: bool = True) -> EndpointFailure:
    """It answered, and the answer has no shape we know.

    Args:
        endpoint: its name.
        what: words of ours, or the name of a type.
        is_answer: whether it is sure that the model wrote it, and nothing in between.
    """
    return EndpointFailure(
        f"endpoint {endpoint!r} gave an answer that cannot be used: {what}",
        remedy="check that it speaks the protocol of its provider",
        is_answer=is_answer,
    )


def _by_status(endpoint: str, status: int, wait_s: float | None) -> EndpointFailure:
    if 300 <= status < 400:
        return EndpointFailure(
            f"endpoint {endpoint!r} redirects elsewhere (HTTP {status})",
            remedy="declare the address that it redirects to; prompts go nowhere else",
        )
    if status in (401, 403):
        return EndpointFailure(f"endpoint {endpoint!r} refused the key (HTTP {status})", remedy=_KEY)
    if status < 300:
        return unusable(endpoint, "no JSON of a chat completion", is_answer=False)
    is_passing = status >= 500 or status in _RETRYABLE_STATUS
    return EndpointFailure(
        f"endpoint {endpoint!r} failed (HTTP {status})",
        remedy=_LATER if is_passing else _REQUEST,
        retryable=is_passing,
        retry_after_s=wait_s if is_passing else None,
    )


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """How long the endpoint wants to be left alone: seconds or a date (RFC 9110 10.2.3), or `retry-after-ms`."""
    lowered = {str(name).lower(): str(value).strip() for name, value in headers.items()}
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        text = lowered.get(name)
        if text is None:
            continue
        try:
            wait_s = float(text) / scale
        except ValueError:
            wait_s = _until(text, now)
        if math.isfinite(wait_s) and wait_s >= 0:
            return wait_s
    return None


def _until(text: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return math.nan
    return math.nan if moment.tzinfo is None else max(0.0, (moment - now).total_seconds())


def _headers(error: BaseException) -> Mapping[str, str]:
    for holder in (error, getattr(error, "response", None)):
        for name in ("litellm_response_headers", "headers"):
            found: Any = getattr(holder, name, None)
            if isinstance(found, Mapping) and found:
                return found
    return {}
