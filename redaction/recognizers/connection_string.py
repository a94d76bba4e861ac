"""User and password inside connection strings and URLs; scheme, host and database stay readable."""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Hit, Pattern

# Accounts of programs: without a password beside them they tell nothing.
_PROGRAMS = frozenset("git hg svn root postgres mysql admin guest default user anonymous app service".split())

_NAME = r"(?:[\w.\-%$~]{1,255}|\[[0-9A-Fa-f:.%]{2,64}\]|\$?\{{1,2}[^{}\s]{1,64}\}{1,2})"
# One host or several, each with a port or without.
_HOSTS = re.compile(rf"{_NAME}(?::[\w${{}}]{{1,64}})?(?:,{_NAME}(?::[0-9]{{1,5}})?){{0,16}}")
# A quote or a bracket inside a word closes nothing.
_STOP = re.compile(r"[\s\x1a]|[\"'`<>](?![\w!$%&*+])")
_PORT = re.compile(r"[0-9]{1,5}(?:[/?#]|\Z)")
_LONGEST, _MOST_SIGNS = 600, 16


def _userinfo(text: str, start: int, end: int) -> Hit | None:
    """From behind the slashes to the @ that has a host behind it and no further @ that could be meant."""
    stop = _STOP.search(text, start, min(len(text), start + _LONGEST))
    stretch = text[start : stop.start() if stop else min(len(text), start + _LONGEST)]
    at = _last_of_userinfo(stretch)
    if at is None or stretch[:at] in _PROGRAMS:
        return None
    return start, start + at, 0.95


def _last_of_userinfo(stretch: str) -> int | None:
    """Where the @ stands that ends user and password; passwords hold `@`, `/`, `:`, `?` and `#` unescaped, too."""
    first = re.search(r"[/?#]", stretch)
    authority = stretch[: first.start()] if first else stretch
    if "@" not in authority and not _may_hold_slash(stretch):
        return None
    found: int | None = None
    at = stretch.find("@")
    for _ in range(_MOST_SIGNS):
        if at < 0:
            break
        host = _HOSTS.match(stretch, at + 1)
        if at and host and _is_end(stretch, host.end()):
            found = at
            rest = stretch[host.end() :]
            if not _holds_more(rest):
                break
        at = stretch.find("@", at + 1)
    return found


def _may_hold_slash(stretch: str) -> bool:
    """`user:pass/word@host`, but neither `host:8443/@user` nor a path with an @ in it."""
    user, colon, rest = stretch.partition(":")
    return bool(colon) and not re.search(r"[/?#@]", user) and _PORT.match(rest) is None


def _is_end(stretch: str, place: int) -> bool:
    return place == len(stretch) or stretch[place] in "/?#,;)]}>|&\\\"'"


def _holds_more(rest: str) -> bool:
    """Whether an @ behind the host belongs to the password after all: `pa@ss/word@host`, not `/@user` nor `?to=a@b`."""
    before, at, _ = rest.partition("@")
    return bool(at) and not before.endswith("/") and "=" not in before


CONNECTION_STRING = Definition(
    "SECRET",
    (
        Anchored(("://",), after=r"://(?P<value>[^\s\"'<>`\x1a/?#][^\s\x1a@]{0,512}+@)", check=_userinfo),
        # user:password@tcp(host:3306)/database
        Anchored(
            ("@tcp(", "@unix(", "@udp("),
            before=r"[^\s\"'=<>]{1,200}+",
            after=r"@",
            reach=200,
            check=lambda text, start, end: (start, end - 1, 0.95),
        ),
        # Oracle: jdbc:oracle:thin:user/password@host, and the same for sqlplus and its like.
        Anchored(
            ("jdbc:oracle:",),
            after=r"jdbc:oracle:(?:thin|oci8?):(?P<value>[^\s/@\"']{1,128}/[^\s\"']{1,128})@(?=[\w/(\[])",
            score=0.95,
        ),
        Anchored(
            ("sqlplus ",),
            after=r"sqlplus (?:-\w{1,4} ){0,4}(?P<value>[\w$#.\-]{1,64}/[^\s\"']{1,128}?)(?=@[\w/(]|\s|\Z)",
            score=0.9,
        ),
        # A line of .pgpass: host, port, database, user, password.
        Pattern(
            r":(?:5432|5433|6432|3306):[^\s:]{1,64}:[^\s:]{1,64}:(?P<value>[^\s:\"'][^\s\"']{1,200}+)(?![^\n])",
            score=0.9,
        ),
    ),
    restorable=False,
    name="connection_string",
)
