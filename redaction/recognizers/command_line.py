"""Passwords on command lines, where a short flag says so: `curl -u user:pass`, `mysql -p'…'`, `sshpass -p …`."""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Hit, Pattern
from ..secrets.secret_values import is_nothing

_BARE = r"(?:[^\s|;&<>`]|[|;&<>`](?=[^\s|;&<>`]))"
_ARGUMENT = (
    r"(?P<value>\"(?:[^\"\\\n]|\\.){1,256}\"?|'(?:[^'\n]|'\\?''?){1,256}'?"
    rf"|[^\s\"'|;&<>`-]{_BARE}{{0,256}})"
)
_SIGN_IN = (
    r"(?P<value>\"[^\"\s:]{0,128}:[^\"\n]{1,256}\"?|'[^'\s:]{0,128}:[^'\n]{1,256}'?"
    r"|[^\s\"':-][^\s\"':]{0,128}:(?!//)"
    rf"{_BARE}{{1,256}})"
)
# Sources: the manual of each program. `mysql -p` takes its password without a space, so `-p 3306` is none.
_FLAGS: dict[str, re.Pattern[str]] = {
    name: re.compile(" " + flag)
    for names, flag in (
        (
            "curl",
            rf"(?:(?:-[a-zA-Z]{{0,6}}u|-U|--user|--proxy-user)[ \t=]{{0,2}}{_SIGN_IN}"
            rf"|(?:-[a-zA-Z]{{0,4}}b|--cookie)[ \t=]{{0,2}}(?=[\"']?[\w.\-]{{1,64}}=)"
            rf"{_ARGUMENT.replace('value', 'jar')})",
        ),
        ("sshpass", rf"-p[ \t]{{0,2}}{_ARGUMENT}"),
        ("mysql mysqldump mysqladmin mariadb", rf"-p{_ARGUMENT}"),
        ("redis-cli", rf"(?:-a|--pass)[ \t]{{1,3}}{_ARGUMENT}"),
        ("mongo mongosh mongodump mongorestore docker helm podman az", rf"-p[ \t]{{1,3}}(?![0-9]{{1,5}}:){_ARGUMENT}"),
        ("ldapsearch ldapmodify ldapadd", rf"-w[ \t]{{1,3}}{_ARGUMENT}"),
        ("smbclient", rf"(?:-U|--user)[ \t=]{{1,2}}[^\s%\"']{{1,128}}%{_ARGUMENT}"),
        ("sqlcmd bcp", rf"-P[ \t]{{0,3}}{_ARGUMENT}"),
        ("openssl", rf"-(?:pass(?:in|out)?|k|K)[ \t]{{1,3}}(?:pass:)?(?!env:|file:|stdin|fd:){_ARGUMENT}"),
        ("keytool", rf"-(?:store|key)pass[ \t]{{1,3}}{_ARGUMENT}"),
        ("htpasswd", rf"-[a-zA-Z]{{0,6}}b[a-zA-Z]{{0,6}} (?:[^\s-]{{1,256}} )?[^\s-]{{1,128}} {_ARGUMENT}"),
    )
    for name in names.split()
}
_PROGRAM = re.compile(rf"(?<![\w.\-])(?:{'|'.join(map(re.escape, _FLAGS))})(?=(?:\.exe)?[ \t])")
_REACH = 256


def _after_flag(text: str, start: int, end: int) -> Hit | None:
    """The argument of a flag that means a password to the program in front of it."""
    at = max(0, start - _REACH, text.rfind("\n", max(0, start - _REACH), start) + 1)
    programs = _PROGRAM.findall(text, at, start + 1)
    match = _FLAGS[programs[-1]].match(text, start) if programs else None
    if match is None:
        return None
    return _argument(
        text, *(match.span("value") if "jar" not in match.re.groupindex or match["value"] else match.span("jar"))
    )


def _argument(text: str, start: int, end: int) -> Hit | None:
    """Without its quotes; a variable is no password."""
    quote = text[start]
    if quote in "\"'":
        start += 1
        end -= end > start and text[end - 1] == quote
    if start >= end or text[start] == "$" or is_nothing(text, start, end):
        return None
    return start, end, 0.9


COMMAND_LINE = Definition(
    "SECRET",
    (
        Pattern(r" --?[a-zA-Z]", check=_after_flag),
        # .netrc and its like: login and password on one line.
        Anchored(
            ("login ",),
            after=r"login[ \t]{1,4}[^\s]{1,128}\s{1,8}password[ \t]{1,4}(?P<value>[^\s]{1,256})",
            check=_argument,
        ),
        Anchored(("requirepass ", "masterauth "), after=rf"[a-z]{{10,11}}[ \t]{{1,3}}{_ARGUMENT}", check=_argument),
        # SQL that makes a user; a quote inside is doubled.
        Anchored(
            ("identified by ", "with password ", "identified with "),
            after=r"[A-Za-z]{4,10} [A-Za-z]{2,8} (?:[\w'\"]{1,40} (?i:by|as) )?(?P<value>'(?:[^'\n]|''){1,256}'?)",
            check=_argument,
        ),
        Anchored(
            ("encrypted password ",),
            after=r"(?i:encrypted password) (?P<value>'(?:[^'\n]|''){1,256}'?)",
            check=_argument,
        ),
    ),
    restorable=False,
    name="command_line",
)
