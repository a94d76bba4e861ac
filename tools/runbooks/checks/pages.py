"""Everything that is wrong with a page."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from ..page import Page
from .blocks import block_findings
from .commands import command_problems, removed_api
from .findings import Code, Finding, Platform
from .limits import numbered
from .targets import command_targets
from .translations import translation_findings

_LINK = re.compile(r"(?<!!)\[[^\]\n]{0,300}\]\(\s*<?([^)\s>]{1,2000})>?(?:\s+\"[^\"\n]*\")?\s*\)")
_IMAGE = re.compile(r"!\[[^\]\n]{0,300}\]\(\s*<?([^)\s>]{1,2000})>?(?:\s+\"[^\"\n]*\")?\s*\)")
_BARE = re.compile(r"https?://[^\s)>\]\"'`]{1,2000}")
_FENCE = re.compile(r" *(`{3,}|~{3,})\s*([\w+-]*)")
_DASHBOARD = re.compile(r"/d/([\w-]{1,60})(?:/|$)")
_CHANNEL = re.compile(r"(?<![\w#/&(\[])#([a-z0-9][\w-]{0,79})(?![\w(])", re.IGNORECASE)
_SHELL = frozenset(("sh", "bash", "shell", "console", "zsh"))
_SECRETS = frozenset(
    (
        "SECRET",
        "CARD_AUTHENTICATION_DATA",
        "CARD_SECURITY_CODE",
        "CARD_TRACK",
        "CREDIT_CARD",
        "CARD_EXPIRY",
        "CRYPTO",
    )
)
_HARMLESS = frozenset(("IP_ADDRESS", "MAC_ADDRESS", "DATE_TIME", "URL", "LOCATION", "DEVICE_ID", "COORDINATES"))
"""Of machines rather than of people; a page about machines may name them."""


def check_page(page: Page, platform: Platform) -> list[Finding]:
    """The findings on a page, by line.

    A page that is not of our form is held only against what holds for any: what it links to, commands that were
    removed, secrets and personal data.
    """
    found = [*_text(page, platform), *_links(page, platform), *_channels(page, platform), *_code(page, platform)]
    if page.is_ours:
        found += [*_form(page), *_services(page, platform), *_front(page, platform), *block_findings(page, platform)]
        found += translation_findings(page, platform)
    return sorted(found, key=lambda each: (each.line, each.code, each.text))


def _form(page: Page) -> Iterator[Finding]:
    for problem in page.problems:
        yield Finding(page.runbook.name, problem.line, "form.unreadable", problem.text)
    fence = False
    for place, line in enumerate(page.runbook.text.splitlines(), start=1):
        if _FENCE.match(line):
            fence = not fence
        elif not fence and "](" not in line:
            for number in numbered(page.steps, line):
                text = f"it names step {number}, and there are {len(page.steps)}"
                yield Finding(page.runbook.name, place, "form.step", text)
    if not page.steps:
        text = "it has no step: number them, in a list or as headings"
        yield Finding(page.runbook.name, 1, "form.no-steps", text)


def _services(page: Page, platform: Platform) -> Iterator[Finding]:
    name, at = page.runbook.name, _Lines(page).of("services")
    for service in page.front.services:
        if now := (platform.renamed or {}).get(service.casefold()):
            text = f"{_short(service)} is called {_short(now)} now"
            yield Finding(name, at, "service.renamed", text)
        elif platform.services is not None and service.casefold() not in platform.services:
            text = f"nothing is called {_named(service, platform.services)}"
            yield Finding(name, at, "service.unknown", text)


def _front(page: Page, platform: Platform) -> Iterator[Finding]:
    front, at = page.front, _Lines(page)

    def told(key: str, code: Code, text: str) -> Finding:
        return Finding(page.runbook.name, at.of(key), code, text)

    for alert in front.alerts:
        if platform.alerts is not None and alert not in platform.alerts:
            yield told("alerts", "alert.unknown", f"no rule has the alert {_named(alert, platform.alerts)}")
    if front.owner is None:
        yield told("owner", "owner.missing", "nobody keeps it right: name a team as `owner`")
    elif platform.teams is not None and front.owner.casefold() not in platform.teams:
        yield told("owner", "owner.unknown", "the service catalogue has no such team")
    elif (channel := (platform.channels or {}).get(front.owner.casefold(), "")) in (platform.archived or ()):
        yield told("owner", "channel.archived", f"the channel of its owner, #{_short(channel)}, is archived")
    if front.last_verified is None and front.draft:
        return
    if front.last_verified is None:
        yield told("last_verified", "verified.missing", "nobody has gone through it: say when as `last_verified`")
    elif front.last_verified > platform.today:
        yield told("last_verified", "verified.future", "it was verified on a day that has not come")
    elif (age := (platform.today - front.last_verified).days) > platform.oldest_days:
        yield told(
            "last_verified", "verified.old", f"it was last verified {age} days ago; {platform.oldest_days} are allowed"
        )


class _Lines:
    """Where the keys of the front matter stand."""

    def __init__(self, page: Page) -> None:
        self._lines: dict[str, int] = {}
        for place, line in enumerate(page.runbook.text.splitlines()[1:200], start=2):
            if line.rstrip() in ("---", "..."):
                break
            if found := re.match(r"(\w+)\s*:", line):
                self._lines.setdefault(found[1], place)

    def of(self, key: str) -> int:
        return self._lines.get(key, 1)


def _text(page: Page, platform: Platform) -> Iterator[Finding]:
    if platform.private is None:
        return
    seen = set()
    for line, kind in platform.private(page.runbook.text):
        if kind in _HARMLESS or (line, kind) in seen:
            continue
        seen.add((line, kind))
        code: Code = "text.secret" if kind in _SECRETS else "text.personal"
        yield Finding(page.runbook.name, line, code, f"it holds {kind}: say where it is kept instead")


def _links(page: Page, platform: Platform) -> Iterator[Finding]:
    fence = ""
    for place, line in enumerate(page.runbook.text.splitlines(), start=1):
        if mark := _FENCE.match(line):
            fence = "" if fence and mark[1][0] == fence[0] else fence or mark[1]
            continue
        if fence:
            continue
        for found in _LINK.finditer(line):
            for code, text in _link(page, unquote(found[1]), platform):
                yield Finding(page.runbook.name, place, code, text)
        for found in _IMAGE.finditer(line):
            if not _has_image(page, unquote(found[1]), platform):
                yield Finding(page.runbook.name, place, "link.image", "it shows an image that is not there")
        for found in _BARE.finditer(line):
            board = _DASHBOARD.search(urlsplit(found[0]).path) if _is_address(found[0]) else None
            if board and platform.dashboards is not None and board[1] not in platform.dashboards:
                yield Finding(page.runbook.name, place, "link.dashboard", "there is no such dashboard")


def _is_address(text: str) -> bool:
    try:
        return bool(urlsplit(text).netloc)
    except ValueError:
        return False


def _link(page: Page, target: str, platform: Platform) -> Iterator[tuple[Code, str]]:
    try:
        address = urlsplit(target)
    except ValueError:
        return
    if address.scheme or address.netloc or target.startswith(("/", "{", "<", "$")) or "{{" in target:
        return
    name = page.runbook.name
    if address.path:
        name = _joined(name, address.path)
        is_page = platform.pages is not None and name in platform.pages
        if platform.pages is not None and not is_page and not (platform.has_file and platform.has_file(name)):
            yield "link.page", "it links to a page that is not there"
            return
        if not is_page:
            return
    has_anchor = platform.anchors is None or address.fragment.casefold() in platform.anchors(name)
    if address.fragment and not has_anchor:
        yield "link.anchor", "it links to a heading that is not there"


def _channels(page: Page, platform: Platform) -> Iterator[Finding]:
    """Channels that are named outside of code and that nobody reads any more."""
    fence = ""
    for place, line in enumerate(page.runbook.text.splitlines(), start=1):
        if mark := _FENCE.match(line):
            fence = "" if fence and mark[1][0] == fence[0] else fence or mark[1]
        elif not fence and platform.archived:
            for found in _CHANNEL.finditer(line):
                if found[1].casefold() in platform.archived:
                    yield Finding(page.runbook.name, place, "channel.archived", f"the channel #{found[1]} is archived")


def _has_image(page: Page, target: str, platform: Platform) -> bool:
    """Whether an image beside the page is there; of others nothing is known."""
    try:
        address = urlsplit(target)
    except ValueError:
        return True
    if address.scheme or address.netloc or target.startswith(("/", "{", "<", "$")) or platform.has_file is None:
        return True
    return platform.has_file(_joined(page.runbook.name, address.path))


def _joined(name: str, path: str) -> str:
    parts = list(PurePosixPath(name).parent.parts)
    for part in PurePosixPath(path).parts:
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _code(page: Page, platform: Platform) -> Iterator[Finding]:
    fence, language = "", ""
    for place, line in enumerate(page.runbook.text.splitlines(), start=1):
        if mark := _FENCE.match(line):
            fence, language = ("", "") if fence and mark[1][0] == fence[0] else (mark[1], mark[2].lower())
            continue
        if not fence:
            continue
        if api := removed_api(line):
            yield Finding(page.runbook.name, place, "manifest.removed", f"Kubernetes has removed {api}")
        if language in _SHELL:
            for code, text in (*command_problems(line, platform), *command_targets(line, platform)):
                yield Finding(page.runbook.name, place, code, text)


def _short(name: str) -> str:
    return "".join(char for char in name if char.isalnum() or char in "_:.-/")[:60]


def _named(name: str, known: frozenset[str]) -> str:
    plain = "".join(char for char in name if char.isalnum() or char in "_:.-/")[:60]
    near = difflib.get_close_matches(name, known, n=1)
    return f"{plain}{f'; there is {near[0]}' if near else ''}"


def anchors_of(page: Page) -> frozenset[str]:
    """Headings of a page as links write them: GitHub's way, in lower case with hyphens."""
    made = (
        re.sub(r"[^\w\- ]", "", part.heading).strip().casefold().replace(" ", "-") for part in page.runbook.sections
    )
    return frozenset(made)
