from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import Field

from opswarden.core.config import RootSettings, Section, find_file, load
from opswarden.core.errors import ConfigError


class Limits(Section):
    max_calls: int = Field(default=5, ge=0)
    stages: dict[str, str] = Field(default_factory=dict)


class Endpoint(Section):
    name: str
    region: str = "unknown"


class Settings(RootSettings):
    version: int = 1
    team: str = "platform"
    limits: Limits = Limits()
    models: tuple[Endpoint, ...] = ()


def write(folder: Path, text: str) -> Path:
    path = folder / "opswarden.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_file_wins_over_defaults_and_the_environment_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, 'team = "fraud"\n[limits]\nmax_calls = 7\nstages = {"a.b" = "act"}\n')
    assert load(Settings, path).limits.max_calls == 7
    monkeypatch.setenv("OPSWARDEN_LIMITS__MAX_CALLS", "9")
    found = load(Settings, path)
    assert (found.team, found.limits.max_calls, found.limits.stages) == ("fraud", 9, {"a.b": "act"})


@pytest.mark.parametrize(
    "text", [f"team = {'9' * 5_000}", f"team = {'[' * 5_000}{']' * 5_000}", f"team = '{'x' * 1_000_000}'"]
)
def test_a_file_that_no_person_wrote_is_an_error_of_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"opswarden\.toml (?:holds a number with thousands|is larger)"):
        load(Settings, write(tmp_path, text))


UNKNOWN = [
    ("teem = 'x'", "unknown setting 'teem'", "did you mean 'team'?"),
    ("[limits]\nmax_cals = 3", "unknown setting 'limits.max_cals'", "did you mean 'max_calls'?"),
    ("[[models]]\nname = 'a'\nregoin = 'b'", "unknown setting 'models.0.regoin'", "did you mean 'region'?"),
    ("[limits]\nzzzzzzz = 3", "unknown setting 'limits.zzzzzzz'", "valid keys here: max_calls, stages"),
]


@pytest.mark.parametrize(("text", "message", "remedy"), UNKNOWN)
def test_an_unknown_key_is_named_with_its_nearest_neighbour(
    tmp_path: Path, text: str, message: str, remedy: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(Settings, write(tmp_path, text))
    assert message in caught.value.message
    assert caught.value.remedy == remedy


def test_an_unknown_variable_is_named_with_its_nearest_neighbour() -> None:
    with pytest.raises(ConfigError) as caught:
        load(Settings, None, {"OPSWARDEN_TEEM": "x"})
    assert "OPSWARDEN_TEEM" in caught.value.message
    assert "OPSWARDEN_TEAM" in caught.value.remedy


@pytest.mark.parametrize("text", ["team = [", "[limits]\nmax_calls = -1", "[limits]\nmax_calls = 'many'"])
def test_what_cannot_be_used_is_refused_without_its_value(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(Settings, write(tmp_path, text))
    assert "many" not in caught.value.message


def test_settings_are_frozen(tmp_path: Path) -> None:
    found = load(Settings, None, {})
    with pytest.raises(ValueError, match="frozen"):
        found.team = "x"


def test_a_file_of_somebody_else_is_not_taken_for_lying_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "")
    path.chmod(0o666)
    with pytest.raises(ConfigError, match="anybody can write it"):
        find_file(tmp_path, {})
    assert find_file(tmp_path, {"OPSWARDEN_CONFIG": str(path)}) == path
    path.chmod(0o644)
    assert find_file(tmp_path, {}) == path
    if os.getuid() == 0:
        os.chown(path, 12_345, -1)
    else:
        monkeypatch.setattr(os, "getuid", lambda: 12_345)
    with pytest.raises(ConfigError, match="belongs to somebody else"):
        find_file(tmp_path, {})


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        find_file(tmp_path, {"OPSWARDEN_CONFIG": str(tmp_path / "no.toml")})
    assert find_file(tmp_path, {}) is None
    assert find_file(tmp_path, {"OPSWARDEN_CONFIG": str(write(tmp_path, ""))}) is not None
