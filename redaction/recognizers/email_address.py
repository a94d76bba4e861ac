"""E-mail addresses, and `user@host` as logs write it."""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Hit
from ..payments.emv_qr import holds

_WEAK, _SURE = 0.6, 0.95
_LABEL = r"[^\W_](?:[\w\-]{0,62}[^\W_])?"
_IPV4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}\Z")
_THIS_MACHINE = ("0.0.0.0", "127.")  # noqa: S104 - compared with, not bound to
# An image digest, a version or branch of a package, an instance of a systemd unit, an image for sharp screens.
_NO_HOST = re.compile(
    r"sha(?:1|256|384|512)\Z"
    r"|v?[0-9]+(?:\.[0-9]+)*(?:-[0-9A-Za-z.\-]+)?\Z"
    r"|(?:latest|next|stable|canary|nightly|edge|main|master|head|develop)\Z"
    r"|(?:tty[0-9a-z]*|[0-9]+|dev-[\w\-]+)\.(?:service|slice|scope|socket|timer|mount|target|device)\Z"
    r"|[0-9]+x\.(?:png|jpe?g|gif|webp|svg)\Z",
    re.IGNORECASE,
)
# `Object@1b6d3586`, as Java prints what has no text of its own.
_OBJECT_HASH = re.compile(r"(?=[a-f]*[0-9])[0-9a-f]{5,16}\Z")
_TOOL_ACCOUNTS = frozenset({"git", "hg", "svn"})
# `scheme://` and a user right in front, read backwards.
_AUTHORITY_BEHIND = re.compile(r"[^\s/?#\"'<>]{0,128}//:")


def _check(text: str, start: int, end: int) -> Hit | None:
    at = text.index("@", start)
    if text[start - 1 : start] == "\\" and text[start] in "nrt" and start + 1 < at:
        start += 1  # the letter of an escaped line break
    if holds(text, at):
        return None  # another recognizer knows where an address in a payment code ends
    local, host = text[start:at], text[at + 1 : end]
    # In `scheme://user:password@host` the part before the @ is another recognizer's, and the host stays readable.
    if _AUTHORITY_BEHIND.match(text[max(0, start - 131) : start][::-1]) or text.startswith("://", end):
        return None
    if _IPV4.match(host):
        return None if host.startswith(_THIS_MACHINE) else (start, end, _WEAK)
    if _NO_HOST.match(host) or (_OBJECT_HASH.match(host) and ("." in local or not local.islower())):
        return None
    if host[0] == "[" or "." in host:
        return start, end, _SURE
    if local in _TOOL_ACCOUNTS or not any(part.isalpha() for part in local):
        return None
    return start, end, _WEAK


EMAIL_ADDRESS = Definition(
    "EMAIL_ADDRESS",
    (
        Anchored(
            anchors=("@",),
            before=r"[\w.+\-](?:[\w.+\-]|'(?=\w)){0,63}",
            after=rf"@(?:{_LABEL}(?:\.{_LABEL}){{0,8}}|\[[0-9A-Fa-f:.]{{2,45}}\])",
            check=_check,
        ),
    ),
)
