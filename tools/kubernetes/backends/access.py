"""How a cluster is reached: a service account, an address with a token, or a kubeconfig.

Questions go through our own client, because it keeps deadlines, size limits, slots over all processes, sharing and
pauses. The official client reads kubeconfigs, with everything that can stand in them: certificates, tokens that
expire, programs that fetch one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationError

from ....core.errors import ConfigError
from .settings import WITHIN, KubernetesSettings

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where Kubernetes puts a pod's credential; the token there rotates."""

Proof = Callable[[], SecretStr | None]


def reached(
    name: str, settings: KubernetesSettings, account: Path = ACCOUNT
) -> tuple[KubernetesSettings, Proof | None]:
    """The settings with which the cluster is asked, and what gives the `Authorization` header instead of them.

    Args:
        name: of the system, for errors.
        settings: as configured.
        account: folder with the credential of a pod.

    Raises:
        ConfigError: the kubeconfig cannot be used, or the extra is not installed.
    """
    if settings.kubeconfig is not None:
        return _of_kubeconfig(name, settings, settings.kubeconfig)
    is_proven = settings.token_env or settings.token_file or settings.user or settings.client_certificate
    if settings.url == WITHIN and not is_proven:
        own: dict[str, Any] = {"token_file": account / "token"}
        if settings.ca_file is None:
            own["ca_file"] = account / "ca.crt"
        return settings.model_copy(update=own), None
    return settings, None


def _of_kubeconfig(name: str, settings: KubernetesSettings, file: Path) -> tuple[KubernetesSettings, Proof | None]:
    try:
        from kubernetes.client import Configuration  # noqa: PLC0415 - a second of imports that only a kubeconfig needs
        from kubernetes.config import ConfigException, load_kube_config  # noqa: PLC0415 - the same
        from yaml import YAMLError  # noqa: PLC0415 - the same
    except ImportError as error:
        raise ConfigError(
            f"{name} has a kubeconfig and the official client is not installed",
            remedy="pip install 'opswarden[kubernetes]'",
        ) from error
    found = Configuration()
    try:
        load: Any = load_kube_config  # not typed
        load(str(file), settings.context, found, persist_config=False)
    except (ConfigException, YAMLError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(
            f"the kubeconfig of {name} cannot be used ({type(error).__name__})",
            remedy=f"check {file} and `context`; `kubectl --kubeconfig FILE get pods` has to work",
        ) from None  # its text may hold what stands in the file
    if not found.verify_ssl or getattr(found, "tls_server_name", None):
        raise ConfigError(
            f"the kubeconfig of {name} does not check the certificate of the cluster's own address",
            remedy="give it `certificate-authority`, without `insecure-skip-tls-verify` and `tls-server-name`",
        )
    places = {"ca_file": found.ssl_ca_cert, "client_certificate": found.cert_file, "client_key": found.key_file}
    given = settings.model_dump(exclude={"kubeconfig", "context", "url", *places}, exclude_unset=True)
    try:
        asked = KubernetesSettings.model_validate(
            {
                **given,
                "environment": settings.environment,
                "url": found.host,
                "proxy": settings.proxy or getattr(found, "proxy", None),
                **{place: Path(str(path)) for place, path in places.items() if path},
            }
        )
    except ValidationError as error:
        why = error.errors(include_input=False, include_url=False)[0]["msg"]
        raise ConfigError(f"the kubeconfig of {name} cannot be used: {why}", remedy=f"check {file}") from None
    if not found.auth_settings():
        return asked, None

    def proof() -> SecretStr | None:
        held = found.get_api_key_with_prefix("BearerToken", alias="authorization")
        return SecretStr(held) if held else None

    return asked, proof
