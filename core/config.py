"""Reading `opswarden.toml` and `OPSWARDEN_*`: frozen settings, and errors that name the key and its nearest neighbour.

Every folder declares its own `Section`; the root that joins them lives in `apps/settings.py`.
"""

from __future__ import annotations

import difflib
import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from .config_problems import hint, walked, worded
from .errors import ConfigError

FILE_NAME = "opswarden.toml"
ENV_PREFIX = "OPSWARDEN_"
ENV_FILE_KEY = "OPSWARDEN_CONFIG"
_SIZE_LIMIT_BYTES = 1_000_000
# The last two belong to the Makefile and the tests; a shell may have exported them.
_NOT_SETTINGS = frozenset({ENV_FILE_KEY, "OPSWARDEN_EVAL_DATA", "OPSWARDEN_SOAK"})


class Section(BaseModel):
    """A part of the settings: closed and frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RootSettings(BaseSettings):
    """The base of the whole: environment variables win over the file."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, env_ignore_empty=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment first, then the values read from the file; no `.env`, no secrets folder."""
        return env_settings, init_settings


S = TypeVar("S", bound=RootSettings)


def find_file(folder: Path, environment: Mapping[str, str] = os.environ) -> Path | None:
    """The configuration file: what `OPSWARDEN_CONFIG` names, or `opswarden.toml` in `folder`.

    Settings name commands to run and packages to import, so a file that merely lies where people work must be theirs.

    Raises:
        ConfigError: the variable names a file that is not there, or others can write the one in the folder.
    """
    named = environment.get(ENV_FILE_KEY)
    if named:
        path = Path(named)
        if not path.is_file():
            raise ConfigError(f"{ENV_FILE_KEY} names {named!r}, which is no file", remedy="correct or unset it")
        return path
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    found = path.stat()
    if found.st_uid not in (0, os.getuid()) or found.st_mode & stat.S_IWOTH:
        raise ConfigError(
            f"{path} belongs to somebody else, or anybody can write it",
            remedy=f"make it yours, or name it in {ENV_FILE_KEY} if you trust it",
        )
    return path


def load(settings: type[S], path: Path | None, environment: Mapping[str, str] = os.environ) -> S:
    """Read, check and freeze the settings.

    Raises:
        ConfigError: the file cannot be read, a key is unknown, or a value does not fit.
    """
    values = _read(path) if path else {}
    _refuse_unknown_variables(settings, environment)
    try:
        return settings(**values)
    except ValidationError as error:
        raise _explain(settings, error, path) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = file.read(_SIZE_LIMIT_BYTES + 1)
        if len(content) > _SIZE_LIMIT_BYTES:
            raise ConfigError(f"{path.name} is larger than {_SIZE_LIMIT_BYTES} bytes", remedy="it holds settings only")
        return tomllib.loads(content.decode())
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", remedy="check its rights") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} is no valid TOML: {error}", remedy="mend the line it names") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"{path.name} holds a number with thousands of digits, or is nested hundreds of levels deep",
            remedy="it holds settings only",
        ) from error


def _explain(settings: type[RootSettings], error: ValidationError, path: Path | None) -> ConfigError:
    first = error.errors(include_input=False, include_url=False)[0]
    place, valid = walked(settings, [str(part) for part in first["loc"]])
    name = ".".join(place)
    source = f"{path.name} or {ENV_PREFIX}*" if path else f"{ENV_PREFIX}*"
    if first["type"] == "extra_forbidden":
        return ConfigError(f"unknown setting {name!r} in {source}", remedy=hint(place[-1], valid))
    return ConfigError(
        f"setting {name!r} in {source}: {worded(first)}", remedy="`opswarden config check` explains all of it"
    )


def _refuse_unknown_variables(settings: type[RootSettings], environment: Mapping[str, str]) -> None:
    valid = set(settings.model_fields)
    for variable in environment:
        if not variable.upper().startswith(ENV_PREFIX) or variable.upper() in _NOT_SETTINGS:
            continue
        name = variable[len(ENV_PREFIX) :].lower().split("__")[0]
        if name not in valid:
            near = difflib.get_close_matches(name, sorted(valid), n=1, cutoff=0.4)
            hint = f"did you mean {ENV_PREFIX}{near[0].upper()}?" if near else "unset it"
            raise ConfigError(f"unknown environment variable {variable}", remedy=hint)
