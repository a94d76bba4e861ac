"""Where the credentials of a key service come from. Read at every use, since they change and expire; kept nowhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

from pydantic import SecretStr

from ..errors import BackendError, ConfigError
from ..https import HttpService
from .aws_signature import AwsCredentials

TokenSource: TypeAlias = Callable[[], SecretStr]
AwsSource: TypeAlias = Callable[[], AwsCredentials]

_TOKEN_LIMIT_BYTES = 16_000
# ECS and EKS Pod Identity hand credentials out on these addresses of the machine's own link.
_ECS_HOST = "169.254.170.2"
_CONTAINER_HOSTS = frozenset((_ECS_HOST, "169.254.170.23", "fd00:ec2::23"))
_GOOGLE_METADATA = "http://169.254.169.254"
_GOOGLE_TOKEN_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"  # noqa: S105 - a path


def token_in_variable(name: str, environment: Mapping[str, str]) -> TokenSource:
    """A token in an environment variable.

    The source raises:
        ConfigError: the variable is empty or not set.
    """

    def read() -> SecretStr:
        value = environment.get(name, "").strip()
        if not value:
            raise ConfigError(f"the variable {name} holds no token", remedy=f"set {name}, or `keys.token_file`")
        return _one_line(value, f"the variable {name}")

    return read


def token_in_file(path: Path) -> TokenSource:
    """A token in a file that an agent beside us keeps fresh.

    The source raises:
        ConfigError: there is none.
    """

    def read() -> SecretStr:
        try:
            with path.open("rb") as file:
                value = file.read(_TOKEN_LIMIT_BYTES).decode("ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"the token file {path.name!r} cannot be read", remedy="check `keys.token_file`"
            ) from error
        if not value:
            raise ConfigError(f"the token file {path.name!r} is empty", remedy="check the agent that writes it")
        return _one_line(value, f"the token file {path.name!r}")

    return read


def google_metadata_token(timeout_s: float, url: str = _GOOGLE_METADATA) -> TokenSource:
    """The token of the service account that a Google machine or pod runs as.

    Source: Google Cloud, "Authenticate workloads using service accounts", metadata server.

    The source raises:
        BackendError: there is no metadata server, or it gives no token.
    """
    name = "the Google metadata server"
    remedy = "run on Google Cloud with a service account, or set `keys.token_file`"

    def read() -> SecretStr:
        server = HttpService(name, url, timeout_s=timeout_s, plain_hosts=frozenset(("169.254.169.254",)))
        reply = server.get(_GOOGLE_TOKEN_PATH, {"Metadata-Flavor": "Google"})
        token = reply.body.get("access_token")
        if reply.status != 200 or not isinstance(token, str) or not token:
            raise BackendError(f"{name} gives no token (HTTP {reply.status})", remedy=remedy)
        return _one_line(token, name)

    return read


def aws_credentials(environment: Mapping[str, str], timeout_s: float) -> AwsSource:
    """Credentials from the usual variables, or from the container's own source (ECS, EKS Pod Identity).

    Source: AWS SDKs and Tools Reference Guide, "AWS access keys" and "Container credential provider".

    The source raises:
        ConfigError: there are none.
        BackendError: the container's source does not answer.
    """

    def read() -> AwsCredentials:
        access, secret = environment.get("AWS_ACCESS_KEY_ID"), environment.get("AWS_SECRET_ACCESS_KEY")
        if access and secret:
            token = environment.get("AWS_SESSION_TOKEN")
            return AwsCredentials(
                access.strip(), SecretStr(secret.strip()), SecretStr(token.strip()) if token else None
            )
        relative = environment.get("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")
        full = environment.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
        if relative or full:
            return _of_container(f"http://{_ECS_HOST}{relative}" if relative else str(full), environment, timeout_s)
        raise ConfigError(
            "there are no AWS credentials",
            remedy="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the pod an identity (EKS Pod Identity)",
        )

    return read


def _of_container(url: str, environment: Mapping[str, str], timeout_s: float) -> AwsCredentials:
    name = "the container's credentials"
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    server = HttpService(name, origin, timeout_s=timeout_s, plain_hosts=_CONTAINER_HOSTS)
    headers: dict[str, str] = {}
    file = environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    plain = environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    if file:
        headers["Authorization"] = token_in_file(Path(file))().get_secret_value()
    elif plain:
        headers["Authorization"] = _one_line(plain, "AWS_CONTAINER_AUTHORIZATION_TOKEN").get_secret_value()
    reply = server.get(f"{parts.path}{'?' + parts.query if parts.query else ''}", headers)
    found = [reply.body.get(key) for key in ("AccessKeyId", "SecretAccessKey", "Token")]
    if reply.status != 200 or not all(isinstance(value, str) and value for value in found):
        raise BackendError(
            f"{name} cannot be had (HTTP {reply.status})", remedy="check the identity that the pod or task runs as"
        )
    access, secret, token = map(str, found)
    return AwsCredentials(access, SecretStr(secret), SecretStr(token))


def _one_line(value: str, where: str) -> SecretStr:
    """A header takes no line breaks; whoever pasted two lines shall not send half a request."""
    if not value.isascii() or not value.isprintable():
        raise ConfigError(f"{where} holds more than one line of ASCII", remedy="store the token alone")
    return SecretStr(value)
