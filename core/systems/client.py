"""The client that every backend over HTTP uses: idempotent questions, asked again where that may help."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

from pydantic import SecretStr

from ..clock import Clock, Deadline, SystemClock
from ..errors import BackendError
from ..http_exchange import Exchanged
from .credentials import authorization
from .exchange import Place, TooLarge, Unreachable
from .kept_answers import AnswerFolder
from .pressure import Breaker, Window
from .settings import HttpSettings
from .shared import SharedAnswers
from .slots import Slots

_ATTEMPTS = 4
_FIRST_PAUSE_S = 0.2
_LONGEST_PAUSE_S = 5.0
_LASTING_S = 300.0
_LATER = frozenset((408, 429, 500, 502, 503, 504))
_OVERLOADED = frozenset((429, 503))

Params = Sequence[tuple[str, str]]


class Signing(Protocol):
    """Proves who asks by a signature over the whole question."""

    @property
    def identity(self) -> str:
        """Whose credential signs; tells answers of one credential from those of another."""
        ...

    def headers(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, str]:
        """The headers with the signature, as they are to be sent now.

        Raises:
            ConfigError: there is no credential.
        """
        ...


def _is_any(_answer: Exchanged) -> bool:
    return True


def _is_none(_answer: Exchanged) -> bool:
    return False


@dataclass
class Asked:
    """What a client has asked so far."""

    questions: int = 0
    bytes_read: int = 0


class SystemClient:
    """Asks one system with one credential.

    Args:
        name: what people call the system, for errors.
        settings: of the system.
        locks: folder in which processes agree on how many may ask at once.
        clock: counts deadlines, rests and sharing.
        sleep: waits between attempts.
        jitter: a number from 0 to 1, so that many who wait do not come back together.
        proof: gives the `Authorization` header for a question, where the settings do not say how.
        answers: where processes share answers; each asks for itself without it.
        signing: signs every question, in place of `proof`.
        is_busy: tells an answer that asks to come back later, where a system has no status for that.

    Raises:
        ConfigError: a certificate cannot be used.
    """

    def __init__(
        self,
        name: str,
        settings: HttpSettings,
        locks: Path,
        *,
        clock: Clock | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        proof: Callable[[], SecretStr | None] | None = None,
        answers: AnswerFolder | None = None,
        signing: Signing | None = None,
        is_busy: Callable[[Exchanged], bool] = _is_none,
    ) -> None:
        self.name = name
        self.asked = Asked()
        self._settings = settings
        self._clock = clock or SystemClock()
        self._sleep = sleep
        self._jitter = jitter
        self._proof = proof or (lambda: authorization(name, settings))
        self._place = Place(name, settings)
        self._breaker = Breaker(name, self._clock)
        self._window = Window(name, settings.concurrency, self._clock)
        self._slots = Slots(locks, name, settings.concurrency)
        self._answers = answers
        self._signing = signing
        self._is_busy = is_busy
        self._shared = SharedAnswers(self._clock, settings.shared_s)

    def get(
        self,
        path: str,
        params: Params,
        deadline: Deadline,
        *,
        accept: str = "application/json",
        is_lasting: bool = False,
    ) -> Exchanged:
        """Ask with the parameters in the address.

        Args:
            path: below the address of the system.
            params: names and values.
            deadline: by when.
            accept: the form of the answer.
            is_lasting: whether the answer is about the past, or about what changes in hours: it serves for five
                minutes, unless nothing is shared.

        Raises:
            TooLarge: the answer is larger than `limit_mb`.
            BackendError: no answer came before the deadline.
        """
        query = f"?{urlencode(params)}" if params else ""
        return self._shared_answer("GET", f"{path}{query}", None, {"Accept": accept}, deadline, is_lasting)

    def post_form(self, path: str, params: Params, deadline: Deadline, *, is_lasting: bool = False) -> Exchanged:
        """Ask with the parameters in the body; for questions too long for an address that change nothing."""
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        return self._shared_answer("POST", path, urlencode(params).encode("ascii"), headers, deadline, is_lasting)

    def post_json(
        self,
        path: str,
        document: Mapping[str, Any],
        deadline: Deadline,
        *,
        is_lasting: bool = False,
        headers: Mapping[str, str] | None = None,
        is_settled: Callable[[Exchanged], bool] = _is_any,
    ) -> Exchanged:
        """Ask with a JSON document; for questions that change nothing.

        Args:
            path: below the address of the system.
            document: the question.
            deadline: by when.
            is_lasting: as of `get`.
            headers: of this question, such as the name of the operation.
            is_settled: whether an answer may serve others; one that says "not yet" may not.
        """
        asked = {"Accept": "application/json", "Content-Type": "application/json", **(headers or {})}
        body = json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
        return self._shared_answer("POST", path, body, asked, deadline, is_lasting, is_settled)

    def post_once(self, path: str, document: Mapping[str, Any], deadline: Deadline) -> Exchanged:
        """Say something that must not be said twice: asked once, whatever comes back."""
        asked = {"Accept": "application/json", "Content-Type": "application/json"}
        body = json.dumps(document, separators=(",", ":"), sort_keys=True).encode()
        return self._once("POST", path, body, asked, deadline)

    def rest(self, seconds: float, deadline: Deadline) -> None:
        """Wait before the same question is asked again, as long as there is time."""
        self._sleep(max(0.0, min(seconds, deadline.left_s)))

    def _shared_answer(
        self,
        method: str,
        target: str,
        body: bytes | None,
        headers: Mapping[str, str],
        deadline: Deadline,
        is_lasting: bool,
        is_settled: Callable[[Exchanged], bool] = _is_any,
    ) -> Exchanged:
        seconds = self._settings.shared_s
        if is_lasting and seconds > 0:
            seconds = max(seconds, _LASTING_S)

        def ask() -> Exchanged:
            return self._asked_again(method, target, body, headers, deadline)

        def ask_together() -> Exchanged:
            if self._answers is None or seconds <= 0:
                return ask()
            question = self._question(method, target, body, headers)
            return self._answers.get(question, seconds, ask, deadline, is_settled)

        key = (method, target, body, *sorted(headers.items()))
        return self._shared.get(key, ask_together, deadline, seconds, is_settled)

    def _question(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        """Everything that an answer depends on: who is asked, how, with which credential, and what."""
        proof = self._proof() if self._signing is None else SecretStr(self._signing.identity)
        told = [
            self.name,
            self._settings.model_dump_json(),
            proof.get_secret_value() if proof is not None else "",
            method,
            target,
            *(f"{name}: {value}" for name, value in sorted(headers.items())),
            (body or b"").decode("latin-1"),
        ]
        return json.dumps(told).encode()

    def _asked_again(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str], deadline: Deadline
    ) -> Exchanged:
        for attempt in range(1, _ATTEMPTS + 1):
            is_last = attempt == _ATTEMPTS
            wait_s = self._pause_s(attempt)
            try:
                answer = self._once(method, target, body, headers, deadline)
            except Unreachable as error:
                if is_last or not error.again or deadline.left_s <= wait_s:
                    raise
            else:
                asked_for_s = _retry_after_s(answer) or 0.0
                wait_s = max(wait_s, asked_for_s)
                if not (answer.status in _LATER or self._is_busy(answer)) or is_last or deadline.left_s <= wait_s:
                    return answer
            self._sleep(wait_s)
        raise AssertionError("the last attempt returns or raises")

    def _once(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str], deadline: Deadline
    ) -> Exchanged:
        sent = self._proven(method, target, body, headers)
        with self._window.place(deadline), self._slots.slot(deadline):
            seconds = min(self._settings.timeout_s, deadline.left_s)
            if seconds <= 0:
                raise Unreachable(f"no time was left to ask {self.name}", again=False, late=True)
            self._breaker.enter()
            self.asked.questions += 1
            limit = self._settings.limit_mb * 1_000_000
            try:
                answer = self._place.ask(method, f"{self._place.path}{target}", body, sent, seconds, limit)
            except TooLarge:
                self.asked.bytes_read += limit
                self._breaker.succeeded()
                raise
            except BaseException:
                self._breaker.failed()
                raise
        self.asked.bytes_read += len(answer.content)
        if answer.status >= 500 or answer.status in _OVERLOADED or self._is_busy(answer):
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        return answer

    def _proven(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> Mapping[str, str]:
        """The headers of a question, with the proof of who asks."""
        sent = {**self._settings.headers, **headers}
        if self._signing is not None:
            return self._signing.headers(method, f"{self._place.path}{target}", sent, body or b"")
        proof = self._proof()
        return sent if proof is None else {**sent, "Authorization": proof.get_secret_value()}

    def _pause_s(self, attempt: int) -> float:
        """Half of an exponentially growing pause, and anything up to the other half: nobody comes back together."""
        longest = min(_FIRST_PAUSE_S * float(2 ** (attempt - 1)), _LONGEST_PAUSE_S)
        return longest * (0.5 + self._jitter() / 2)


def json_of(client: SystemClient, answer: Exchanged) -> Any:
    """The JSON of an answer with a status below 300.

    Raises:
        BackendError: the system refused, failed, or did not answer JSON.
    """
    if answer.status >= 300:
        raise refusal(client.name, answer.status)
    try:
        return json.loads(answer.content)
    except (ValueError, RecursionError):
        raise BackendError(
            f"{client.name} did not answer JSON",
            remedy="check its `url`; a login page or a proxy may stand before it",
        ) from None


def refusal(name: str, status: int) -> BackendError:
    """What a status means for whoever owns the system; nothing that it wrote is repeated."""
    told, remedy = _STATUSES.get(status, ("", ""))
    if not told:
        told = "failed" if status >= 500 else "refused the question"
        remedy = "look into the system" if status >= 500 else "check the version of the system and its `url`"
    return BackendError(f"{name} {told} ({status})", remedy=remedy)


_STATUSES = {
    401: ("does not accept the credential", "check its token or password"),
    403: ("forbids us this", "give the credential the right to read"),
    404: ("does not know this address", "check its `url`, with the path before the API"),
    413: ("finds the question too large", "ask for less"),
    422: ("could not carry out the question", "ask for less, or check the query"),
    429: ("has had too many questions", "lower its `concurrency`, or raise the system's limits"),
    503: ("is not ready", "look into the system"),
    504: ("did not finish in time", "ask for less"),
}


def _retry_after_s(answer: Exchanged) -> float | None:
    """Seconds of `Retry-After`; its form with a date is not used by the systems we ask."""
    written = answer.headers.get("retry-after", "").strip()
    return float(written) if written.isdigit() and len(written) < 6 else None
