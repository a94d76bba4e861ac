"""HashiCorp Vault (and OpenBao), secrets engine Transit.

Source: Vault API documentation, Transit: encrypt, decrypt, rewrap; `associated_data` needs Vault 1.9 or later.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from ..canonical import canonical_json
from ..errors import ConfigError, OpswardenError
from ..https import HttpService, Reply
from .credentials import TokenSource
from .service import Context, DataKey, failed, not_ours, refused, unusable

_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_PATH = re.compile(r"[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*")
_CIPHERTEXT = re.compile(r"vault:v[1-9][0-9]{0,9}:[A-Za-z0-9+/=]+")
_LENGTH_BYTES = 32
_REFUSALS = {
    403: (
        "the token is not valid, or its policy does not allow it",
        "allow `update` on encrypt/, decrypt/ and rewrap/ of the key",
    ),
    404: ("there is nothing at this path", "check `keys.mount`, `keys.namespace` and that Transit is enabled"),
}


class VaultTransit:
    """An AEAD key of Vault's Transit engine (`aes256-gcm96`, the default, or `chacha20-poly1305`).

    Data keys are made here and not by `datakey`, which cannot bind them to a context that Vault checks.

    Args:
        key: its name.
        mount: where Transit is mounted.
        namespace: of Vault Enterprise.

    Raises:
        ConfigError: a name cannot stand in a path.
    """

    def __init__(
        self,
        key: str,
        token: TokenSource,
        *,
        endpoint: HttpService,
        mount: str = "transit",
        namespace: str | None = None,
    ) -> None:
        if not _KEY.fullmatch(key):
            raise ConfigError("`keys.key` is no name of a Transit key", remedy="letters, digits, `_`, `-` and `.`")
        for setting, value in (("keys.mount", mount), ("keys.namespace", namespace)):
            if value is not None and not _PATH.fullmatch(value):
                raise ConfigError(f"`{setting}` is no path", remedy="write it as `a/b`, without a slash at its ends")
        self._key = key
        self._mount = mount
        self._token = token
        self._namespace = namespace
        self._http = endpoint

    @property
    def name(self) -> str:
        """What people call it."""
        return "Vault Transit"

    def new_data_key(self, context: Context) -> DataKey:
        """A data key from this machine's generator."""
        plain = secrets.token_bytes(_LENGTH_BYTES)
        question = {"plaintext": base64.b64encode(plain).decode(), "associated_data": _bound(context)}
        return DataKey(plain, self._ciphertext(self._ask("encrypt", question)))

    def unwrap(self, wrapped: str, context: Context) -> bytes:
        """The data key; the ciphertext names the version that wrapped it."""
        if not _CIPHERTEXT.fullmatch(wrapped):
            raise not_ours(self.name)
        found = self._ask("decrypt", {"ciphertext": wrapped, "associated_data": _bound(context)})
        try:
            plain = base64.b64decode(found["plaintext"], validate=True)
        except (KeyError, TypeError, binascii.Error):
            raise unusable(self.name) from None
        if len(plain) != _LENGTH_BYTES:
            raise unusable(self.name)
        return plain

    def rewrap(self, wrapped: str, context: Context) -> str:
        """Inside Vault, under the newest version; where that Vault's `rewrap` knows no associated data, from here."""
        if not _CIPHERTEXT.fullmatch(wrapped):
            raise not_ours(self.name)
        item = {"ciphertext": wrapped, "associated_data": _bound(context)}
        reply = self._post("rewrap", {"batch_input": [item]})
        if reply.status == 200:
            results = _data(reply).get("batch_results")
            first = results[0] if isinstance(results, list) and results else None
            if isinstance(first, dict) and not first.get("error"):
                return self._ciphertext(first)
        elif reply.status != 400:
            raise self._error("rewrap", reply)
        plain = base64.b64encode(self.unwrap(wrapped, context)).decode()
        return self._ciphertext(self._ask("encrypt", {"plaintext": plain, "associated_data": _bound(context)}))

    def _ask(self, verb: str, question: Mapping[str, Any]) -> Mapping[str, Any]:
        reply = self._post(verb, question)
        if reply.status != 200:
            raise self._error(verb, reply)
        return _data(reply)

    def _post(self, verb: str, question: Mapping[str, Any]) -> Reply:
        headers = {
            "X-Vault-Token": self._token().get_secret_value(),
            "X-Vault-Request": "true",
            "Content-Type": "application/json",
        }
        if self._namespace:
            headers["X-Vault-Namespace"] = self._namespace
        return self._http.post(f"/v1/{self._mount}/{verb}/{self._key}", json.dumps(question).encode(), headers)

    def _error(self, verb: str, reply: Reply) -> OpswardenError:
        if reply.status == 503:
            return refused(self.name, "it is sealed or a standby", "unseal it, or name the active server")
        if reply.status == 400 and verb == "decrypt":
            return not_ours(self.name)
        if reply.status in _REFUSALS:
            return refused(self.name, *_REFUSALS[reply.status])
        return failed(self.name, reply.status)

    def _ciphertext(self, found: Mapping[str, Any]) -> str:
        text = found.get("ciphertext")
        if not isinstance(text, str) or not _CIPHERTEXT.fullmatch(text):
            raise unusable(self.name)
        return text


def _data(reply: Reply) -> Mapping[str, Any]:
    found = reply.body.get("data")
    return found if isinstance(found, dict) else {}


def _bound(context: Context) -> str:
    return base64.b64encode(canonical_json(context)).decode()
