"""User and password inside connection strings and URLs; scheme, host and database stay readable."""

from __future__ import annotations

from ..definition import Anchored, Definition, Hit

# Accounts of programs: without a password beside them they tell nothing.
_PROGRAMS = frozenset("git hg svn root postgres mysql admin guest default user anonymous app service".split())


def _userinfo(text: str, start: int, end: int) -> Hit | None:
    return None if text[start:end] in _PROGRAMS else (start, end, 0.95)


CONNECTION_STRING = Definition(
    "SECRET",
    (
        # Up to the last @ before the path, so that an @ in a password is inside.
        Anchored(("://",), after=r"://(?P<value>[^\s/?#\"'<>]{1,512})@(?=[\w\[.\-%$])", check=_userinfo),
        # A password with a slash in it, which is no port.
        Anchored(
            ("://",),
            after=r"://(?P<value>[^\s:/?#@\"'<>]{0,128}+:(?![0-9]{1,5}(?:[/?#]|\b))[^\s@\"'<>]{1,256})@(?=[\w\[.\-])",
            check=_userinfo,
        ),
        # user:password@tcp(host:3306)/database
        Anchored(
            ("@tcp(", "@unix(", "@udp("),
            before=r"[^\s\"'=<>]{1,200}+",
            after=r"@",
            reach=200,
            check=lambda text, start, end: (start, end - 1, 0.95),
        ),
    ),
    restorable=False,
    name="connection_string",
)
