"""Proofs of identity for one question, read anew each time, because files rotate."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from ..errors import BackendError, ConfigError
from .settings import HttpSettings

_SIZE_LIMIT_BYTES = 65_536


def authorization(name: str, settings: HttpSettings, variables: Mapping[str, str] = os.environ) -> SecretStr | None:
    """The value of the `Authorization` header; `None` if the system is asked without one.

    Args:
        name: of the system, for errors.
        settings: where the credential is.
        variables: the process environment.

    Raises:
        ConfigError: the variable is not set.
        BackendError: the file cannot be read, or is empty.
    """
    if settings.token_env is not None or settings.token_file is not None:
        token = _held(name, settings.token_env, settings.token_file, variables)
        return SecretStr(f"Bearer {token}")
    if settings.user is not None:
        password = _held(name, settings.password_env, settings.password_file, variables)
        pair = base64.b64encode(f"{settings.user}:{password}".encode()).decode("ascii")
        return SecretStr(f"Basic {pair}")
    return None


def _held(name: str, variable: str | None, file: Path | None, variables: Mapping[str, str]) -> str:
    if variable is not None:
        held = variables.get(variable, "").strip()
        if not held:
            raise ConfigError(f"{name} needs {variable}, which is not set", remedy=f"export {variable}")
    else:
        held = _read(name, file or Path())
    if not held.isascii() or not held.isprintable():
        raise ConfigError(f"the credential of {name} holds what no header can", remedy="write it again, on one line")
    return held


def _read(name: str, file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(_SIZE_LIMIT_BYTES + 1)
        held = content.decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BackendError(
            f"the credential file of {name} cannot be read ({type(error).__name__})", remedy=f"check {file}"
        ) from error
    if not held or len(content) > _SIZE_LIMIT_BYTES:
        raise BackendError(f"the credential file of {name} is empty or too large", remedy=f"check {file}")
    return held
