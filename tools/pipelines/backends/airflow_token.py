"""How one proves oneself to an Airflow: by name and password (2), or by a token that it gives for them (3)."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from typing import TypeAlias

from pydantic import SecretStr

from ....core.clock import Clock
from ....core.errors import BackendError
from ....core.systems.credentials import authorization
from ....core.systems.exchange import Place
from .settings import AirflowSettings

Proof: TypeAlias = Callable[[], SecretStr | None]

_KEPT_S = 300.0
"""Tokens live for a day unless their operator says otherwise; a fresh one costs one question."""
_LIMIT_BYTES = 100_000


class TokenProof:
    """Gets a token from `/auth/token`, and a new one every five minutes. Safe to use from several threads.

    Args:
        name: of the system, for errors.
        settings: with `user` and its password; other proofs are used as they are.
        clock: counts the five minutes.
    """

    def __init__(self, name: str, settings: AirflowSettings, clock: Clock) -> None:
        self._name, self._settings, self._clock = name, settings, clock
        self._at = Place(name, settings)
        self._lock = threading.Lock()
        self._token: SecretStr | None = None
        self._since = 0.0

    def __call__(self) -> SecretStr | None:
        """The value of the `Authorization` header.

        Raises:
            BackendError: no token was given.
            ConfigError: the password is not set.
        """
        written = authorization(self._name, self._settings)
        if self._settings.version == 2 or self._settings.user is None or written is None:
            return written
        with self._lock:
            if self._token is None or self._clock.monotonic() - self._since > _KEPT_S:
                self._token, self._since = self._asked(written), self._clock.monotonic()
            return self._token

    def _asked(self, written: SecretStr) -> SecretStr:
        pair = base64.b64decode(written.get_secret_value().removeprefix("Basic ")).decode()
        user, _, password = pair.partition(":")
        body = json.dumps({"username": user, "password": password}).encode()
        headers = {**self._settings.headers, "Accept": "application/json", "Content-Type": "application/json"}
        answer = self._at.ask(
            "POST", f"{self._at.path}/auth/token", body, headers, self._settings.timeout_s, _LIMIT_BYTES
        )
        try:
            found = json.loads(answer.content) if answer.status < 300 else None
        except (ValueError, RecursionError):
            found = None
        token = found.get("access_token") if isinstance(found, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise BackendError(
                f"{self._name} gives no token ({answer.status})", remedy="check `user`, its password and `version`"
            )
        return SecretStr(f"Bearer {token}")
