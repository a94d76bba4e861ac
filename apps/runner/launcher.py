"""Confines this process and then becomes the agent process; the standard library is all it loads.

Run as `python -I -S launcher.py PLAN`, PLAN as JSON (see `plan.py`); nothing in it is secret. What holds is written to
the status descriptor before anything of the agent process is loaded. Nothing is installed or mounted outside the
namespaces of this process, so nothing has to be taken down.

Sources: unshare(2), mount(2), pivot_root(2), prctl(2), user_namespaces(7), Linux.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import sys
from typing import Any

_NEWNS, _NEWIPC, _NEWUSER, _NEWNET = 0x0002_0000, 0x0800_0000, 0x1000_0000, 0x4000_0000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
_MS_RELATIME, _MNT_DETACH = 1 << 21, 2
_KEPT_FLAGS = 2 | 4 | 8 | 1024 | 2048  # nosuid, nodev, noexec, noatime, nodiratime: a user namespace may not clear them
_ST_RELATIME = 4096
_SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def _unshare(flags: int) -> None:
    _checked(_libc.unshare(flags), "unshare")  # `os.unshare` is there from Python 3.12 on


def _mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    told = (source.encode(), target.encode(), kind.encode() if kind else None)
    _checked(_libc.mount(*told, ctypes.c_ulong(flags), options.encode()), "mount")


def _apart(with_mounts: bool) -> bool:
    """Enter namespaces without any network; by a user namespace of our own where we may not otherwise."""
    wanted = _NEWNET | _NEWIPC | (_NEWNS if with_mounts else 0)
    try:
        _unshare(wanted)
    except OSError:
        pass
    else:
        return True
    uid, gid = os.getuid(), os.getgid()
    try:
        _unshare(wanted | _NEWUSER)
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)
    except OSError:
        return False
    return True


def _own_view(root: str, readable: list[str], home: str, owner: tuple[int, int]) -> None:
    """A file system in which only these paths exist, none of them writable, and an empty home in memory."""
    _mount("none", "/", None, _MS_REC | _MS_PRIVATE)
    _mount("tmpfs", root, "tmpfs", _MS_NOSUID | _MS_NODEV, "size=64m,mode=755")
    os.umask(0o022)
    for path in readable:
        target = root + path
        if os.path.islink(path):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.symlink(os.readlink(path), target)
            continue
        if os.path.isdir(path):
            os.makedirs(target, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
        _mount(path, target, None, _MS_BIND | _MS_REC)
        if not path.startswith("/dev/"):
            found = os.statvfs(target).f_flag
            flags = (found & _KEPT_FLAGS) | (_MS_RELATIME if found & _ST_RELATIME else 0)
            _mount("none", target, None, _MS_BIND | _MS_REMOUNT | _MS_RDONLY | _MS_NOSUID | flags)
    os.makedirs(root + home, exist_ok=True)
    os.chown(root + home, *owner)
    os.chmod(root + home, 0o700)
    os.chdir(root)
    here = ctypes.c_char_p(b".")
    _checked(_libc.syscall(ctypes.c_long(_SYS_PIVOT_ROOT[os.uname().machine]), here, here), "pivot_root")
    _checked(_libc.umount2(here, _MNT_DETACH), "umount2")
    os.chdir("/")
    _mount("none", "/", None, _MS_REMOUNT | _MS_BIND | _MS_NOSUID | _MS_NODEV)


def _become(uid: int, gid: int) -> bool:
    if os.getuid() == uid:
        return False
    try:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    except OSError:
        return False
    return True


def _bound(limits: dict[str, int]) -> None:
    for name, most in limits.items():
        kind = getattr(resource, name)
        _, hard = resource.getrlimit(kind)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (value, value))


def _confine(plan: dict[str, Any]) -> dict[str, Any]:
    held = {"user": False, "files": False, "network": False, "problem": ""}
    home = plan["home"]
    held["network"] = _apart(with_mounts=True)
    # In a user namespace of our own only our own user exists; nobody else can be become there.
    owner = (plan["uid"], plan["gid"]) if os.getuid() == 0 else (os.getuid(), os.getgid())
    if held["network"]:
        try:
            _own_view(plan["root"], plan["readable"], home, owner)
            held["files"] = True
        except (OSError, KeyError) as error:
            held["problem"] = f"own view of files: {error}"
    held["user"] = _become(plan["uid"], plan["gid"])
    _libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0)  # after the change of user, which clears it
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")
    _bound(plan["limits"])
    os.umask(0o077)
    os.chdir(home if held["files"] else "/")
    return held


def main() -> None:
    """Confine, say what holds, and go on as the agent process if that is enough."""
    plan = json.loads(sys.argv[1])
    status = os.fdopen(plan["status"], "w", encoding="ascii")
    try:
        held = _confine(plan)
    except OSError as error:
        held = {"problem": f"{error.strerror or error}"}
    status.write(json.dumps(held))
    status.close()
    if any(not held.get(name) for name in plan["least"]) or os.getppid() != plan["parent"]:
        sys.exit(1)
    environment = {"HOME": plan["home"], "TMPDIR": plan["home"], "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    os.execve(plan["command"][0], plan["command"], environment)  # noqa: S606 - our own interpreter, by its path


if __name__ == "__main__":
    main()
