"""Tokens that say by their first letters which service they open."""

from __future__ import annotations

import re
from collections import defaultdict

from ..definition import Anchored, Definition, Hit, Pattern, starts_word
from ..secrets.random_values import is_drawn
from ..secrets.token_formats import TOKEN_FORMATS, TokenFormat

# Seen backwards: no letter or digit follows, or only the letter of an escaped line break.
_EDGE = r"(?:(?![A-Za-z0-9])|(?=[nrt]\\))"
_TAIL = 3
_LEAST_BODY = 10

_Known = list[tuple[TokenFormat, re.Pattern[str]]]


def _by_tail() -> dict[str, _Known]:
    found: defaultdict[str, _Known] = defaultdict(list)
    for each in TOKEN_FORMATS:
        found[each.prefix[-_TAIL:]].append((each, re.compile(each.body)))
    return dict(found)


_FORMATS = _by_tail()


def _sign() -> str:
    """A sign that ends a prefix: one pass looks for it, whatever the number of formats.

    A search for each prefix would cost a pass for each. The letters in front are checked behind the sign, because
    an expression that begins with a few signs is tried at few places.
    """
    by_first: defaultdict[str, set[str]] = defaultdict(set)
    for tail in _FORMATS:
        if len(tail) == _TAIL:
            by_first[tail[0]].add(tail[1])
    pairs = "|".join(f"{first}[{''.join(sorted(seconds))}]" for first, seconds in sorted(by_first.items()))
    return rf"[_\-.~](?=[A-Za-z0-9_\-]{{{_LEAST_BODY}}})(?:(?<=(?:{pairs}).)|(?<=[^A-Za-z0-9]s\.)|(?<=\As\.))"


def _published(text: str, start: int, end: int) -> Hit | None:
    """The longest token whose prefix ends with the sign at `start`."""
    known = _FORMATS.get(text[max(0, end - _TAIL) : end]) or _FORMATS.get(text[start - 1 : end]) or []
    first, last = end, 0
    for each, body in known:
        begins = end - len(each.prefix)
        if begins < 0 or not text.startswith(each.prefix, begins) or not starts_word(text, begins):
            continue
        match = body.match(text, end)
        if match is not None and (not each.is_common or is_drawn(match.group())):
            first, last = min(first, begins), max(last, match.end())
    return (first, last, 0.95) if last else None


def _apart(text: str, start: int, end: int) -> Hit | None:
    """Not the tail of a word."""
    return (start, end, 0.95) if starts_word(text, start) else None


# Formats without a sign behind the prefix; sources as in `token_formats`.
_UNSIGNED = (
    Pattern(r"LTAI[A-Za-z0-9]{12,30}+(?![A-Za-z0-9])", check=_apart),  # Alibaba Cloud access key id
    Pattern(r"AKID[A-Za-z0-9]{32}(?![A-Za-z0-9])", check=_apart),  # Tencent Cloud secret id
    Pattern(r"AIza[A-Za-z0-9_-]{35,64}+", check=_apart),  # Google API key
    Pattern(r"4/0A[A-Za-z0-9_-]{20,200}+", check=_apart),  # Google OAuth authorization code
    Pattern(r"1//0[A-Za-z0-9_-]{40,200}+", check=_apart),  # Google OAuth refresh token
    Pattern(r"EAAA[A-Za-z0-9_-]{50,200}+", check=_apart),  # Square
    Pattern(r"AT(?:ATT3|CTT3|BB)[A-Za-z0-9_=-]{24,400}+", check=_apart),  # Atlassian, Bitbucket
    Pattern(r"v1\.0-[a-f0-9]{24}-[a-f0-9]{146}", check=_apart),  # Cloudflare origin CA
    Pattern(r"EZ[AT]K[A-Za-z0-9]{50,64}+", check=_apart),  # EasyPost
    Pattern(r"GR1348941[A-Za-z0-9_-]{20,64}+", check=_apart),  # GitLab runner, before 16
    Pattern(r"AQE[a-z]hmf[A-Za-z0-9+/=_<>{}|.,^*-]{20,300}+", check=_apart),  # Adyen
    # Braintree and PayPal: access_token$production$merchant$secret
    Pattern(r"access_token\$(?:sandbox|production)\$[a-z0-9]{8,32}\$[a-f0-9]{32}"),
    Anchored(("-us",), before=rf"[0-9a-f]{{32}}{_EDGE}", after=r"-us[0-9]{1,2}(?![A-Za-z0-9\-])"),  # Mailchimp
    # Terraform Cloud: the prefix stands in the middle.
    Anchored(("atlasv1.",), before=rf"\.[A-Za-z0-9]{{14}}{_EDGE}", after=r"atlasv1\.[A-Za-z0-9_=-]{60,80}+"),
    Anchored(("dapi",), after=r"dapi[a-f0-9]{32}(?:-[0-9])?", check=_apart),  # Databricks
    Anchored(("dose",), after=r"dose[a-f0-9]{32}", check=_apart),
    Pattern(r"SK[a-f0-9]{32}(?![A-Za-z0-9])", check=_apart),  # Twilio API key
)

SERVICE_TOKEN = Definition(
    "SECRET",
    (Pattern(_sign(), check=_published), *_UNSIGNED),
    restorable=False,
    name="service_token",
)
