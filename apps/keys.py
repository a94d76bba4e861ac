"""The installation's keys as the settings name them; credentials are looked up here and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ..core.clock import Clock
from ..core.errors import ConfigError
from ..core.key_envelope import Envelope
from ..core.key_services.service import KeyService
from ..core.keys import FileKeys, StoredKeys
from ..core.state import StateDirectory
from ..core.wrapped_keys import WrappedKeys
from .settings import KeySettings

_NAMES = {"aws-kms": "AWS KMS", "google-kms": "Google Cloud KMS", "vault-transit": "Vault Transit"}


def wrapped_path(state: StateDirectory) -> Path:
    """Where keys lie that a service has wrapped."""
    return state.root / "keys.wrapped.json"


def stored_path(settings: KeySettings, state: StateDirectory) -> Path:
    """The file that holds the keys, plain or wrapped."""
    return state.keys if settings.service == "file" else wrapped_path(state)


def open_keys(
    settings: KeySettings, state: StateDirectory, clock: Clock, environment: Mapping[str, str] = os.environ
) -> StoredKeys:
    """The keys; made at the first run.

    Raises:
        ConfigError: settings and files do not fit together, or the service refuses.
        BackendError: the service does not answer.
    """
    plain, wrapped = state.keys, wrapped_path(state)
    if settings.service == "file":
        if wrapped.exists() and not plain.exists():
            raise ConfigError(
                "the keys of this installation are wrapped by a key service, and none is configured",
                remedy="set `keys.service` and its settings as they were",
            )
        return FileKeys(plain)
    if plain.exists() and not wrapped.exists():
        raise ConfigError(
            f"the keys of this installation lie in {plain.name}, not wrapped by {_NAMES[settings.service]}",
            remedy="`opswarden config wrap-keys` takes them over",
        )
    return WrappedKeys(wrapped, open_envelope(settings, clock, environment))


def open_envelope(settings: KeySettings, clock: Clock, environment: Mapping[str, str] = os.environ) -> Envelope:
    """The envelope of the configured service.

    Raises:
        ConfigError: a setting is missing or cannot be used, or no service is configured.
    """
    return Envelope(_service(settings, clock, environment), settings.installation)


def _service(settings: KeySettings, clock: Clock, environment: Mapping[str, str]) -> KeyService:
    if settings.service == "file":
        raise ConfigError(
            "no key service is configured", remedy=f"set `keys.service` to one of: {', '.join(sorted(_NAMES))}"
        )
    if not settings.key:
        raise ConfigError(f"{_NAMES[settings.service]} needs a key", remedy="name it in `keys.key`")
    if settings.service == "aws-kms":
        return _aws(settings, settings.key, clock, environment)
    if settings.service == "google-kms":
        return _google(settings, settings.key, environment)
    return _vault(settings, settings.key, environment)


def _aws(settings: KeySettings, key: str, clock: Clock, environment: Mapping[str, str]) -> KeyService:
    from ..core.https import HttpService  # noqa: PLC0415 - the same
    from ..core.key_services.aws_kms import AwsKms, aws_endpoint, aws_region  # noqa: PLC0415 - where it is wanted
    from ..core.key_services.credentials import aws_credentials  # noqa: PLC0415 - the same

    region = aws_region(key, settings.region)
    address = settings.endpoint or aws_endpoint(region)
    http = HttpService("AWS KMS", address, timeout_s=settings.timeout_s, ca_file=settings.ca_file)
    return AwsKms(key, aws_credentials(environment, settings.timeout_s), clock, region=region, endpoint=http)


def _google(settings: KeySettings, key: str, environment: Mapping[str, str]) -> KeyService:
    from ..core.https import HttpService  # noqa: PLC0415 - as above
    from ..core.key_services.credentials import (  # noqa: PLC0415 - as above
        google_metadata_token,
        token_in_file,
        token_in_variable,
    )
    from ..core.key_services.google_kms import ENDPOINT, GoogleKms  # noqa: PLC0415 - as above

    if settings.token_file is not None:
        token = token_in_file(settings.token_file)
    elif settings.token_env is not None:
        token = token_in_variable(settings.token_env, environment)
    else:
        token = google_metadata_token(settings.timeout_s)
    http = HttpService(
        "Google Cloud KMS", settings.endpoint or ENDPOINT, timeout_s=settings.timeout_s, ca_file=settings.ca_file
    )
    return GoogleKms(key, token, endpoint=http)


def _vault(settings: KeySettings, key: str, environment: Mapping[str, str]) -> KeyService:
    from ..core.https import HttpService  # noqa: PLC0415 - as above
    from ..core.key_services.credentials import token_in_file, token_in_variable  # noqa: PLC0415 - as above
    from ..core.key_services.vault_transit import VaultTransit  # noqa: PLC0415 - as above

    if settings.endpoint is None:
        raise ConfigError("Vault Transit needs an address", remedy="name the server in `keys.endpoint`")
    if settings.token_file is not None:
        token = token_in_file(settings.token_file)
    else:
        token = token_in_variable(settings.token_env or "VAULT_TOKEN", environment)
    http = HttpService("Vault Transit", settings.endpoint, timeout_s=settings.timeout_s, ca_file=settings.ca_file)
    return VaultTransit(key, token, endpoint=http, mount=settings.mount, namespace=settings.namespace)
