"""Each key service beside its double, ready to be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from opswarden.core.clock import SystemClock
from opswarden.core.https import HttpService
from opswarden.core.key_services.aws_kms import AwsKms
from opswarden.core.key_services.credentials import aws_credentials, token_in_variable
from opswarden.core.key_services.google_kms import GoogleKms
from opswarden.core.key_services.service import KeyService
from opswarden.core.key_services.vault_transit import VaultTransit
from opswarden.tests.doubles import aws_kms_server, google_kms_server, vault_server
from opswarden.tests.doubles.aws_kms_server import AwsKmsServer
from opswarden.tests.doubles.google_kms_server import GoogleKmsServer
from opswarden.tests.doubles.vault_server import VaultServer

AWS_VARIABLES = {
    "AWS_ACCESS_KEY_ID": aws_kms_server.ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": aws_kms_server.SECRET_KEY,
}
SECRETS = (aws_kms_server.SECRET_KEY, google_kms_server.TOKEN, vault_server.TOKEN, "aGVsbG8")

Server: TypeAlias = Any


@dataclass(frozen=True)
class Peer:
    """A double and how our side of it is made."""

    server: Callable[[], Server]
    connect: Callable[[str, float], KeyService]


def aws(
    url: str, timeout_s: float = 5.0, *, key: str = aws_kms_server.ARN, variables: Mapping[str, str] = AWS_VARIABLES
) -> AwsKms:
    http = HttpService("AWS KMS", url, timeout_s=timeout_s)
    credentials = aws_credentials(variables, timeout_s)
    return AwsKms(key, credentials, SystemClock(), region="eu-west-1", endpoint=http)


def google(
    url: str, timeout_s: float = 5.0, *, key: str = google_kms_server.KEY, token: str = google_kms_server.TOKEN
) -> GoogleKms:
    http = HttpService("Google Cloud KMS", url, timeout_s=timeout_s)
    return GoogleKms(key, token_in_variable("TOKEN", {"TOKEN": token}), endpoint=http)


def vault(
    url: str,
    timeout_s: float = 5.0,
    *,
    key: str = vault_server.KEY,
    token: str = vault_server.TOKEN,
    mount: str = "transit",
    namespace: str | None = None,
) -> VaultTransit:
    http = HttpService("Vault Transit", url, timeout_s=timeout_s)
    source = token_in_variable("VAULT_TOKEN", {"VAULT_TOKEN": token})
    return VaultTransit(key, source, endpoint=http, mount=mount, namespace=namespace)


PEERS: dict[str, Peer] = {
    "aws-kms": Peer(AwsKmsServer, aws),
    "google-kms": Peer(GoogleKmsServer, google),
    "vault-transit": Peer(VaultServer, vault),
}
