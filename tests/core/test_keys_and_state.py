from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from opswarden.core.errors import ConfigError
from opswarden.core.keys import FileKeys, back_up
from opswarden.core.state import open_state


def test_keys_are_made_once_private_and_stay_the_same(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    first, again = FileKeys(path), FileKeys(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert first.secret("vault") == again.secret("vault")
    assert first.secret("vault") != first.secret("hmac")
    assert len(first.secret("vault")) == 32
    Ed25519PublicKey.from_public_bytes(first.public_key()).verify(first.sign(b"text"), b"text")


def test_many_first_runs_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(FileKeys(path).secret("vault"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"not json", b'{"version": 9, "master": "AA==", "ledger_seed": "AA=="}']
)
def test_a_damaged_key_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError):
        FileKeys(path)
    assert path.read_bytes() == content


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    FileKeys(path)
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="others"):
        FileKeys(path)


def test_a_backup_opens_the_same_vaults_and_overwrites_nothing(tmp_path: Path) -> None:
    path, copy = tmp_path / "keys.json", tmp_path / "copy.json"
    original = FileKeys(path).secret("vault")
    back_up(path, copy)
    assert copy.stat().st_mode & 0o777 == 0o600
    path.unlink()
    assert FileKeys(copy).secret("vault") == original
    with pytest.raises(ConfigError, match="exists"):
        back_up(copy, copy)


def test_the_state_directory_is_private(tmp_path: Path) -> None:
    state = open_state(tmp_path / "a" / "b")
    assert state.root.stat().st_mode & 0o777 == 0o700
    state.root.chmod(0o755)
    with pytest.raises(ConfigError, match="open to others"):
        open_state(state.root)


def test_a_state_directory_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o700)
    link = tmp_path / "link"
    link.symlink_to(theirs)
    monkeypatch.setattr(os, "geteuid", lambda: theirs.stat().st_uid + 1)
    for path in (theirs, link):
        with pytest.raises(ConfigError, match="somebody else"):
            open_state(path)
    assert list(theirs.iterdir()) == [], "nothing is made in it"


def test_a_file_in_the_place_of_the_state_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be used"):
        open_state(tmp_path / "x")
