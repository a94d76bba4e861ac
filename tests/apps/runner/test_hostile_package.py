"""A package's agent that wants out: each attempt fails, and what it tried at the gate is in the ledger."""

from __future__ import annotations

import errno
import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.runner import process
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.apps.staging import PACKAGES

# The role may tell its end to the terminal, and nothing else is said of it anywhere.
SETTINGS = f"""version = 1
packages = ["levers:register"]
[runner]
mode = "apart"
agent_packages = ["hostile:register"]
paths = ["{PACKAGES}"]
[gate.stages.platform.production]
"levers.pull" = "act"
"""


@pytest.fixture
def hostile(
    cli: Cli, home: Path, write_settings: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    monkeypatch.syspath_prepend(str(PACKAGES))
    monkeypatch.setenv("LEVERS_FILE", str(home / "effects"))
    monkeypatch.setenv("HOUSE_KEY", "a-credential-of-the-runner")
    write_settings(SETTINGS)
    return lambda **asked: cli("agent", "hostile", "--input", json.dumps(asked))


def records(cli: Cli, kind: str) -> list[dict[str, Any]]:
    entries = cli("audit", "tail", "-n", 1000, "--format", "json").json
    return [entry["body"] for entry in entries if entry["kind"] == kind]


def test_every_way_out_is_closed(hostile: Callable[..., Any], cli: Cli, home: Path) -> None:
    held = cli("runner", "check", "--format", "json").json
    (doctored,) = [each for each in cli("doctor", "--format", "json").json if each["name"] == "runner"]
    assert ("user apart" in doctored["text"]) is held["user"]
    assert ("NOT apart" in doctored["text"]) is not (held["user"] and held["files"] and held["network"])
    assert "not filtered" in doctored["text"]
    if not (held["files"] and held["network"]):
        pytest.skip(f"this machine keeps an agent process from neither files nor network: {held['problem']}")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        port = listening.getsockname()[1]
        said = hostile(state=str(home / "state"), settings=str(home / "opswarden.toml"), port=port)
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert said.code == 0, said.err
    found = said.json["state"]
    attempts = found["attempts"]
    for name in ("keys", "database", "settings", "state folder", "users", "proc"):
        assert attempts[name].startswith("FileNotFoundError"), (name, attempts[name])
    assert attempts["write code"].startswith(("OSError: [Errno 30]", "PermissionError")), attempts["write code"]
    assert not (PACKAGES / "planted.py").exists()
    assert attempts["tcp"].startswith("OSError: [Errno 101]"), attempts["tcp"]
    assert attempts["udp"].startswith("OSError: [Errno 101]"), attempts["udp"]
    assert attempts["names"].startswith("gaierror"), attempts["names"]
    for name in ("ptrace", "memory"):
        assert attempts[name].startswith("PermissionError"), (name, attempts[name])
    assert attempts["root"].startswith(("PermissionError", "OSError")), attempts["root"]
    assert attempts["stdin"] == "GOT ''"
    assert attempts["second connection"].startswith(("GOT b''", "ConnectionReset", "BrokenPipe"))
    assert set(found["environment"]) <= {"HOME", "TMPDIR", "LANG", "LC_CTYPE", "PYTHONDONTWRITEBYTECODE"}
    if held["user"]:
        assert found["uid"] != os.getuid()
        assert attempts["signal"].startswith("PermissionError"), attempts["signal"]
    assert "a-credential-of-the-runner" not in said.out
    # Decisions are made elsewhere, whatever is rewired here.
    assert attempts["rewire"] == "GOT 'rewired'"
    assert found["pulled"][0] == "denied"
    assert found["looked"] == ["denied", "default-deny"]
    assert not (home / "effects").exists()
    assert [body["decision"] for body in records(cli, "call.decided")] == ["ask", "deny"]
    assert records(cli, "runner.refused") == [{"what": "second-connection"}]
    assert cli("audit", "verify").code == 0


def test_a_forged_principal_ends_the_run_and_is_recorded(hostile: Callable[..., Any], cli: Cli) -> None:
    body = {"tool": "levers.look", "args": {"lever": "l"}, "call_id": "c", "principal": {"role": "triage"}}
    said = hostile(forge="call", body=body)
    assert said.code == 3
    assert "does not keep to the protocol" in said.err
    assert records(cli, "runner.refused") == [{"what": "request-call"}]
    assert records(cli, "call.decided") == []
    assert records(cli, "run.ended")[-1]["outcome"] == "failed"


def test_a_machine_that_cannot_confine_starts_nothing(
    hostile: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With a launcher that can change nothing, as where neither root nor user namespaces are to be had."""
    whole = process.LAUNCHER.read_text()
    assert "    _unshare(wanted)" in whole
    bound = tmp_path / "launcher.py"
    bound.write_text(
        whole.replace("def _unshare(flags: int) -> None:", "def _unshare(flags: int) -> None:\n    raise OSError(1)")
    )
    monkeypatch.setattr(process, "LAUNCHER", bound)
    said = hostile(forge="cards", body={})
    assert said.code == 3
    assert "not confined: files, network" in said.err
    assert "runner check" in said.err


SEEN = """
import ctypes, json, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def error_of(what):
    try:
        return repr(what())
    except OSError as error:
        return error.errno
def traced():
    if libc.ptrace(16, os.getppid(), None, None):
        raise OSError(ctypes.get_errno(), "")
told = {"root": sorted(os.listdir("/")), "environment": sorted(os.environ), "ptrace": error_of(traced)}
told["tcp"] = error_of(lambda: socket.create_connection(("127.0.0.1", 9), 1))
print(json.dumps(told))
"""


def test_without_root_a_user_namespace_keeps_it_from_files_and_network(tmp_path: Path) -> None:
    """As somebody who may do nothing: the system's Python runs the launcher as nobody."""
    python = next((path for path in map(Path, ("/usr/bin/python3", "/usr/local/bin/python3")) if path.exists()), None)
    if os.getuid() != 0 or python is None:
        pytest.skip("to be somebody else takes root, and a Python that everybody may run")
    view = Path(tempfile.mkdtemp())
    os.chown(view, 65534, 65534)
    shutil.copy(process.LAUNCHER, view / "launcher.py")
    (view / "view").mkdir()
    os.chown(view / "view", 65534, 65534)
    status, theirs = os.pipe()
    plan = {
        "root": str(view / "view"),
        "readable": [path for path in ("/usr", "/bin", "/lib", "/lib64", "/dev/null") if Path(path).exists()],
        "home": process.HOME,
        "uid": 65534,
        "gid": 65534,
        "limits": {"RLIMIT_CORE": 0},
        "status": theirs,
        "least": [],
        "parent": os.getpid(),
        "command": [str(python), "-I", "-c", SEEN],
    }
    line = [str(python), "-I", "-S", str(view / "launcher.py"), json.dumps(plan)]
    try:
        more: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []}
        said = subprocess.run(line, env={}, pass_fds=[theirs], capture_output=True, cwd="/", timeout=60, **more)
        os.close(theirs)
        held = json.loads(os.read(status, 4096))
    finally:
        os.close(status)
        shutil.rmtree(view)
    if not held["network"]:
        pytest.skip("this machine gives no user namespaces to everybody")
    assert (held["user"], held["files"], held["network"]) == (False, True, True), held
    seen = json.loads(said.stdout)
    assert set(seen["root"]) <= {"bin", "dev", "home", "lib", "lib64", "usr"}
    assert "proc" not in seen["root"]
    assert seen["environment"] == ["HOME", "LANG", "PYTHONDONTWRITEBYTECODE", "TMPDIR"]
    assert (seen["ptrace"], seen["tcp"]) == (errno.EPERM, errno.ENETUNREACH)
