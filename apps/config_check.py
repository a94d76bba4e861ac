"""`opswarden config check`: a configuration file before it is in force, looked at whole."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from ..core.config_problems import Place, Problem, line_of, lines_of, problems_of
from ..core.errors import InputError
from ..core.http_exchange import is_this_machine
from .settings import Settings

SIZE_LIMIT_BYTES = 1_000_000
_FOLDERS = frozenset({"path", "runbooks", "postmortems"})
_PATHS = frozenset({"client_certificate", "client_key", "jwks_file"}) | _FOLDERS
_SECRET = ("token", "password", "client_key")


@dataclass(frozen=True)
class Mistake:
    """A problem, and whether the file can be used all the same."""

    state: Literal["warning", "failed"]
    problem: Problem


def check_file(path: Path, variables: Mapping[str, str] = os.environ) -> list[Mistake]:
    """Everything that is wrong with a file, and what it names: other files, variables, addresses. Nothing is asked.

    Args:
        path: of the file; relative paths in it count from the working directory, as they do in use.
        variables: the process environment.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        content = path.read_bytes()[: SIZE_LIMIT_BYTES + 1]
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path.name} cannot be read ({type(error).__name__})", remedy="name a TOML file in UTF-8"
        ) from error
    if len(content) > SIZE_LIMIT_BYTES:
        raise InputError(f"{path.name} is larger than {SIZE_LIMIT_BYTES} bytes", remedy="it holds settings only")
    values, problems = problems_of(Settings, text)
    found = [Mistake("failed", problem) for problem in problems]
    if path.stat().st_mode & stat.S_IWOTH:
        told = Problem(None, "", "everybody on this machine can change the file", f"chmod o-w {path}")
        found.append(Mistake("failed", told))
    lines, wrong = lines_of(text), {problem.setting for problem in problems}
    for place, value in _flat(values):
        if ".".join(place) in wrong:
            continue
        for state, why, remedy in _named(place, value, variables):
            found.append(Mistake(state, Problem(line_of(lines, place), ".".join(place), why, remedy)))
    return sorted(found, key=lambda mistake: mistake.problem.line or 0)


_Finding = tuple[Literal["warning", "failed"], str, str]


def _named(place: Place, value: str, variables: Mapping[str, str]) -> Iterator[_Finding]:
    """What is wrong with what a setting names."""
    key = place[-1]
    if key.endswith("_env"):
        if not variables.get(value):
            yield "warning", f"the variable {value[:64]} is not set here", f"export {value[:64]}, or name another one"
    elif key in _PATHS or key.endswith("_file"):
        yield from _file(key, Path(value))
    elif key in ("url", "endpoint", "issuer") or key.endswith("_url"):
        host = urlsplit(value).hostname or ""
        if urlsplit(value).scheme == "http" and not is_this_machine(host):
            yield "warning", "it is asked without TLS, so others can read and change what it says", "write https"


def _file(key: str, path: Path) -> Iterator[_Finding]:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        yield "failed", f"{path} cannot be reached ({error.strerror})", "correct the path, or make the file"
        return
    if not os.access(path, os.R_OK):
        yield "failed", f"{path} cannot be read by this user", "give it the right to read"
    elif stat.S_ISDIR(mode) and key not in _FOLDERS:
        yield "failed", f"{path} is a folder", "name a file"
    elif any(word in key for word in _SECRET) and mode & stat.S_IROTH:
        yield "warning", f"everybody on this machine can read {path}", f"chmod o-rwx {path}"


def _flat(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every text in the file with its place."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, (*place, str(name)))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _flat(inner, (*place, str(number)))
    elif isinstance(value, str) and place:
        yield place, value
