"""Key services that deny, throttle, break off or quote what they were sent: a clear error, no secret, few questions."""

from __future__ import annotations

import base64
import json
import logging
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.errors import BackendError, ConfigError, OpswardenError
from opswarden.core.key_envelope import Envelope
from opswarden.core.key_services.service import KeyService
from opswarden.core.keys import FileKeys
from opswarden.core.wrapped_keys import WrappedKeys
from opswarden.tests.core.key_service_peers import PEERS, SECRETS, Server
from opswarden.tests.doubles.key_server import Answer, Asked

CONTEXT = {"application": "opswarden", "installation": "eu"}
MOST_QUESTIONS = 3
"""Of one exchange, however it goes."""


class Ailing:
    """The real double, which answers as `answer` says once that is set; keeps what it was asked."""

    def __init__(self, name: str, server: Server) -> None:
        self.name, self.server = name, server
        self._healthy = server.answer
        server.answer = self._answered
        self.answer: Callable[[Asked], Answer] | None = None
        self.plain: set[str] = set()

    def _answered(self, asked: Asked) -> Answer:
        if asked.raw:
            told = json.loads(asked.raw)
            self.plain |= {str(told[key]) for key in ("plaintext", "Plaintext") if key in told}
        if self.answer is not None:
            return self.answer(asked)
        answer: Answer = self._healthy(asked)
        found = {**answer.body, **(answer.body["data"] if isinstance(answer.body.get("data"), dict) else {})}
        self.plain |= {str(found[key]) for key in ("plaintext", "Plaintext") if key in found}
        return answer

    def error(self, status: int, text: str) -> Answer:
        """An error of this service's own form."""
        if self.name == "aws-kms":
            return Answer(status, {"__type": "com.amazonaws.kms#UnheardOfException", "message": text})
        if self.name == "google-kms":
            return Answer(status, {"error": {"code": status, "message": text, "status": "UNHEARD_OF"}})
        return Answer(status, {"errors": [f"1 error occurred:\n\t* {text}\n"]})


@pytest.fixture(params=PEERS)
def ailing(request: pytest.FixtureRequest) -> Iterator[Ailing]:
    with PEERS[request.param].server() as server:
        yield Ailing(request.param, server)


@pytest.fixture
def service(ailing: Ailing) -> KeyService:
    return PEERS[ailing.name].connect(ailing.server.url, 5.0)


def refusal(kind: type[OpswardenError], ailing: Ailing, ask: Callable[[], object]) -> OpswardenError:
    """The error, after a look that neither it nor anything behind it repeats a secret."""
    ailing.server.asked.clear()
    with pytest.raises(kind) as caught:
        ask()
    error = caught.value
    told = "".join(traceback.TracebackException.from_exception(error).format(chain=True)) + f"{error.remedy}{error!r}"
    assert not [secret for secret in (*SECRETS, *ailing.plain, *map(_raw, ailing.plain)) if secret in told]
    assert "quoted" not in told
    assert error.remedy
    assert 0 < len(ailing.server.asked) <= MOST_QUESTIONS
    return error


def _raw(encoded: str) -> str:
    return repr(base64.b64decode(encoded))[2:-1]


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, ConfigError), (401, ConfigError), (403, ConfigError), (404, ConfigError), (429, BackendError),
     (500, BackendError), (502, BackendError), (504, BackendError)],
)  # fmt: skip
def test_an_error_that_quotes_what_it_was_sent_is_told_without_it(
    ailing: Ailing, service: KeyService, status: int, kind: type[OpswardenError], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    key = service.new_data_key(CONTEXT)
    ailing.plain.add(base64.b64encode(key.plain).decode())

    def quotes(asked: Asked) -> Answer:
        return ailing.error(status, f"quoted {asked.raw.decode()} {dict(asked.headers)} {sorted(ailing.plain)}")

    ailing.answer = quotes
    for ask in (
        lambda: service.new_data_key(CONTEXT),
        lambda: service.unwrap(key.wrapped, CONTEXT),
        lambda: service.rewrap(key.wrapped, CONTEXT),
    ):
        told = refusal(kind, ailing, ask)
        assert service.name in told.message
        assert (len(ailing.server.asked) == 1) == (status < 429) or ailing.name == "vault-transit"
    assert not [secret for secret in (*SECRETS, *ailing.plain) if secret in caplog.text]
    assert logging.getLogger().level == 0


def test_throttling_of_aws_is_said_to_pass() -> None:
    """Its status is 400, as that of any refusal."""
    with PEERS["aws-kms"].server() as server:
        ailing = Ailing("aws-kms", server)
        ailing.answer = lambda _asked: Answer(400, {"__type": "ThrottlingException", "message": "quoted"})
        service = PEERS["aws-kms"].connect(server.url, 5.0)
        assert "try again" in refusal(BackendError, ailing, lambda: service.new_data_key(CONTEXT)).remedy


@pytest.mark.parametrize("is_honest", [True, False], ids=["said shorter", "broken off"])
def test_half_an_answer_is_none(
    ailing: Ailing, service: KeyService, monkeypatch: pytest.MonkeyPatch, is_honest: bool
) -> None:
    """Half of the JSON with its true length, and with the length of the whole."""

    def half(handler: BaseHTTPRequestHandler, status: int, body: bytes, kind: str) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body) // 2 if is_honest else len(body)))
        handler.end_headers()
        handler.wfile.write(body[: len(body) // 2])
        handler.close_connection = True

    key = service.new_data_key(CONTEXT)
    ailing.plain.add(base64.b64encode(key.plain).decode())
    monkeypatch.setattr("opswarden.tests.doubles.key_server._send", half)
    refusal(BackendError, ailing, lambda: service.unwrap(key.wrapped, CONTEXT))
    refusal(BackendError, ailing, lambda: service.new_data_key(CONTEXT))


def other_key(ailing: Ailing) -> Callable[[Asked], Answer]:
    """The service unwraps with the wrong version, and does not notice: 32 other bytes, all else in order."""
    from opswarden.tests.doubles.google_kms_server import castagnoli

    def answer(_asked: Asked) -> Answer:
        raw = b"\x07" * 32
        text = base64.b64encode(raw).decode()
        if ailing.name == "aws-kms":
            return Answer(200, {"Plaintext": text, "KeyId": "x"})
        if ailing.name == "google-kms":
            return Answer(200, {"plaintext": text, "plaintextCrc32c": str(castagnoli(raw))})
        return Answer(200, {"data": {"plaintext": text}})

    return answer


class TestKeys:
    """The keys of an installation behind such a service."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "keys.wrapped.json"

    @pytest.fixture
    def opened(self, path: Path, ailing: Ailing, service: KeyService) -> Callable[[], WrappedKeys]:
        return lambda: WrappedKeys(path, Envelope(service, "eu"))

    def test_another_key_than_the_one_that_wrapped_opens_nothing(
        self, ailing: Ailing, opened: Callable[[], WrappedKeys], path: Path
    ) -> None:
        opened()
        stored = path.read_bytes()
        ailing.answer = other_key(ailing)
        refusal(ConfigError, ailing, opened)
        assert path.read_bytes() == stored

    def test_what_was_rotated_while_the_service_is_down_is_not_gone_on_without(
        self, ailing: Ailing, opened: Callable[[], WrappedKeys]
    ) -> None:
        """Every use of the keys says so, and the service is asked once in a while, not for each of them."""
        ours, theirs = opened(), opened()
        theirs.rotate()
        ailing.answer = lambda _asked: ailing.error(500, "quoted")
        ailing.server.asked.clear()
        for _ in range(20):
            with pytest.raises(BackendError, match="HTTP 500") as caught:
                ours.ring("vault")
            assert caught.value.remedy
        assert len(ailing.server.asked) <= MOST_QUESTIONS
        ailing.answer = None
        with pytest.raises(BackendError):
            ours.ring("vault")  # not yet
        _later(ours)
        assert ours.ring("vault").newest == 2
        assert ours.ring("vault").newest == 2

    def test_a_service_that_denies_starts_nothing_and_makes_nothing(
        self, ailing: Ailing, opened: Callable[[], WrappedKeys], path: Path
    ) -> None:
        ailing.answer = lambda _asked: ailing.error(403, "quoted")
        refusal(ConfigError, ailing, opened)
        assert list(path.parent.glob("*keys*json")) == []


def _later(keys: Any) -> None:
    """As if the pause was over."""
    stamp, _, error = keys._trouble
    keys._trouble = (stamp, 0.0, error)


def test_keys_that_were_exchanged_stay_refused(tmp_path: Path) -> None:
    """The second look as well as the first."""
    keys, other = FileKeys(tmp_path / "keys.json"), FileKeys(tmp_path / "other.json")
    assert other.newest == 1
    (tmp_path / "other.json").replace(tmp_path / "keys.json")
    for _ in range(3):
        with pytest.raises(ConfigError):
            keys.ring("vault")
