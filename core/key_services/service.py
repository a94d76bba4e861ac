"""What a key service does for us, and what can go wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol, TypeAlias

from ..errors import BackendError, ConfigError, OpswardenError

Context: TypeAlias = Mapping[str, str]
"""What a wrapped key is bound to: the service unwraps it only beside the same names and values, and logs them."""


class DataKey(NamedTuple):
    """A fresh key of 32 bytes, and the same wrapped by the service."""

    plain: bytes
    wrapped: str

    def __repr__(self) -> str:
        return "DataKey(…)"


class KeyService(Protocol):
    """A service that holds a key it never gives away, and wraps ours with it."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def new_data_key(self, context: Context) -> DataKey:
        """A fresh data key.

        Raises:
            ConfigError: the service refuses: credentials, rights, the key's name.
            BackendError: it does not answer, or not usably.
        """
        ...

    def unwrap(self, wrapped: str, context: Context) -> bytes:
        """The data key again.

        Raises:
            ConfigError: the service refuses, or it was wrapped by another key, for another context, or altered.
            BackendError: it does not answer, or not usably.
        """
        ...

    def rewrap(self, wrapped: str, context: Context) -> str:
        """The same data key wrapped by the newest version of the service's key.

        Raises:
            ConfigError: as `unwrap`.
            BackendError: as `unwrap`.
        """
        ...


def refused(name: str, what: str, remedy: str) -> ConfigError:
    """The service says no, and will until somebody changes something."""
    return ConfigError(f"{name} refuses: {what}", remedy=remedy)


def not_ours(name: str) -> ConfigError:
    """What was to be unwrapped does not open."""
    return ConfigError(
        f"{name} cannot unwrap the stored keys: another key wrapped them, or they were altered",
        remedy="check `keys.key` and `keys.installation`, or restore the backup of the wrapped keys",
    )


def failed(name: str, status: int) -> OpswardenError:
    """An answer whose code we do not know: its text is not repeated, since it may quote what was sent."""
    if status == 429 or status >= 500:
        return BackendError(f"{name} failed (HTTP {status})", remedy="see the service's own status, then try again")
    return refused(name, f"HTTP {status}", "see the service's own log for the reason")


def unusable(name: str) -> BackendError:
    """An answer without what was asked for."""
    return BackendError(f"{name} answered something unusable", remedy="check `keys.endpoint`")
