"""A package whose agent tries every way out of its process and tells what came of each; for tests of the runner."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from opswarden.apps.packages import Registry

PTRACE_ATTACH, PTRACE_DETACH = 16, 17


def _attempt(what: Callable[[], Any]) -> str:
    try:
        return f"GOT {what()!r}"[:200]
    except Exception as error:  # noqa: BLE001 - how each attempt ends is what the test is about
        return f"{type(error).__name__}: {error}"[:200]


def _syscall(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _ptrace(pid: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    return _syscall(libc.ptrace(PTRACE_ATTACH, pid, None, None))


def _read_memory(pid: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(8)

    class Part(ctypes.Structure):
        _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))

    here, there = Part(ctypes.addressof(buffer), 8), Part(0x400000, 8)
    return _syscall(libc.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0))


def _enter_again(path: str, handle: str) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as again:
        again.settimeout(5)
        again.connect(path)
        said = f'{{"version":1,"handle":"{handle}"}}'.encode()
        again.sendall(struct.pack(">I", len(said)) + said)
        return again.recv(10)


def _rewire() -> str:
    """Make every decision here an allowance; the gate that decides is not here."""
    from opswarden.policies import engine, gate, types

    engine.CedarEngine.decide = lambda *_: types.Allow("mine")  # type: ignore[method-assign]
    gate.RunGate.call = lambda *_, **__: None  # type: ignore[method-assign, assignment]
    return "rewired"


class Tries:
    """Looks like a compiled graph."""

    def __init__(self, gate: Any) -> None:
        self._gate = gate

    def invoke(self, asked: Mapping[str, Any], _config: object) -> dict[str, Any]:
        if asked.get("forge"):
            self._gate.ask(asked["forge"], asked["body"])
            return {"forged": True}
        state, runner = Path(asked["state"]), os.getppid()
        attempts: dict[str, Callable[[], Any]] = {
            "keys": lambda: (state / "keys.json").read_bytes(),
            "database": lambda: (state / "opswarden.sqlite").read_bytes(),
            "settings": lambda: Path(asked["settings"]).read_text(),
            "state folder": lambda: list(state.iterdir()),
            "users": lambda: Path("/etc/passwd").read_text(),
            "write code": lambda: Path(__file__).with_name("planted.py").write_text("x"),
            "tcp": lambda: socket.create_connection(("127.0.0.1", asked["port"]), 2),
            "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
            "names": lambda: socket.getaddrinfo("example.org", 443),
            "second connection": lambda: _enter_again(sys.argv[1], ""),
            "proc": lambda: Path(f"/proc/{runner}/environ").read_bytes(),
            "ptrace": lambda: _ptrace(runner),
            "memory": lambda: _read_memory(runner),
            "signal": lambda: os.kill(runner, 0),
            "root": lambda: os.setuid(0),
            "stdin": sys.stdin.read,
        }
        told = {name: _attempt(what) for name, what in attempts.items()}
        told["rewire"] = _attempt(_rewire)
        pulled = self._gate.call("levers.pull", {"lever": "left"}, call_id="pull")
        looked = self._gate.call("levers.look", {"lever": "left"}, call_id="look")
        return {
            "attempts": told,
            "environment": sorted(os.environ),
            "uid": os.getuid(),
            "groups": os.getgroups(),
            "pulled": [pulled.status, pulled.code],
            "looked": [looked.status, looked.code],
        }


def register(registry: Registry) -> None:
    registry.add_agent("hostile", Tries)
