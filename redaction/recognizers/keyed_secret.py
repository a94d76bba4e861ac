"""Passwords, tokens and keys under keys that say so, in JSON, logfmt, query strings, headers and flags."""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Hit, Keyed
from ..secrets.random_values import bits_per_character, is_hex, is_identifier, is_mixed, is_restless
from ..secrets.secret_keys import (
    COOKIES,
    HEADERS,
    MANY,
    NO_MANY,
    NO_TOKENS,
    NO_WEAK,
    PASS,
    SESSIONS,
    SIGNATURES,
    STRONG,
    TOKENS,
    WEAK,
)
from ..secrets.secret_values import BRACED, RUN, SAMPLED_RUN, is_nothing, reach, to_neighbour
from .authorization_header import holds_user_and_password

_SCHEMES = (
    r"(?:[Bb]earer|BEARER|[Bb]asic|BASIC|[Tt]oken|Negotiate|NTLM|[Aa]pi[Kk]ey|[Aa]pi-[Kk]ey|SharedKey|GenieKey|SSWS)"
)
_SCHEME_ALONE = re.compile(rf"{_SCHEMES}\Z")
_SCHEME = re.compile(rf"{_SCHEMES} {{1,4}}(?=\S)")
# Schemes with parameters and spaces between them.
_PARAMETERS = (
    r"(?:AWS4-[\w\-]{1,40}|Digest|OAuth|Signature|Hawk|MAC|[A-Z][\w\-]{2,40}(?= \w{1,40}=)) [^\n\"'`\\]{1,4096}+"
)
_REST_OF_HEADER = re.compile(r" {1,4}(?P<value>[^\s\"'`\\]{1,4096}+)")
_CUSTOM_KEY = re.compile(r"(?<![A-Za-z0-9])x-[\w\-]{1,48}-key[\"'\\]{0,3}: ?[\"'\\]{0,3}\Z", re.IGNORECASE)
_NEXT_FIELD = frozenset(",;")
_OBJECT_NAME = re.compile(r"[a-z][a-z0-9]{0,40}(?:[-.][a-z0-9]{1,40}){1,12}\Z")
_VARIABLE = re.compile(r"\$[a-z_]{1,40}\Z")
_COUNT = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,3})?\Z|[0-9.]{1,5}(?:ms|s|k|kb|mb)?\Z", re.IGNORECASE)
_PATH = re.compile(r"(?:~|\.{1,2}|[A-Za-z]:)?[/\\][\w./\\\-]*\Z")
_WEAK_LEAST, _WEAK_MOST, _WEAK_BITS = 12, 512, 3.0


def _secret(text: str, start: int, end: int) -> Hit | None:
    """Whatever stands there, unless it says that nothing does or that something will be put there."""
    if is_nothing(text, start, end):
        return None
    return (*reach(text, start, end), 0.95)


def _written(text: str, start: int, end: int) -> Hit | None:
    """A password is whatever somebody made up, so it goes as far as the fields around it let it."""
    hit = _secret(text, start, end)
    return hit and (hit[0], max(hit[1], to_neighbour(text, start, end)), hit[2])


def _signed_in(text: str, start: int, end: int) -> Hit | None:
    """The value of an Authorization header; behind a scheme that is not known stands what it signs in with, too."""
    rest = _REST_OF_HEADER.match(text, end) if text[start - 2 : start] == ": " else None
    if rest is not None and text[start:end].replace("-", "").isalpha() and not _SCHEME_ALONE.match(text[start:end]):
        return _secret(text, *rest.span("value"))
    return _after_scheme(text, start, end)


def _after_scheme(text: str, start: int, end: int) -> Hit | None:
    """The scheme of an Authorization header stays: it tells how a caller tried to sign in."""
    if _SCHEME_ALONE.match(text[start:end]):
        return None
    scheme = _SCHEME.match(text, start, end)
    first = scheme.end() if scheme else start
    return None if _VARIABLE.match(text, first, end) else _secret(text, first, end)


def _token(text: str, start: int, end: int) -> Hit | None:
    """Models are counted in tokens too: a small number is no secret, nor is a plain word."""
    value = text[start : min(end, start + _WEAK_MOST)]
    if value[:1] in _NEXT_FIELD or _COUNT.match(value) or (len(value) < 12 and value.isalpha()):
        return None
    return _after_scheme(text, start, end)


def _listed(text: str, start: int, end: int) -> Hit | None:
    """Lists of secrets hold their names as often: `Mountable secrets: prometheus-token-nwtrf`."""
    return None if _OBJECT_NAME.match(text, start, end) else _token(text, start, end)


def _password(text: str, start: int, end: int) -> Hit | None:
    """Under `pass` and `pwd` neither counts nor words nor paths, but what mixes letters with digits or signs."""
    value = text[start : min(end, start + _WEAK_MOST)]
    if (
        len(value) < 4
        or _COUNT.match(value)
        or _PATH.match(value)
        or value.isalpha()
        or not re.search(r"[^\W\d_]", value)
    ):
        return None
    return _written(text, start, end)


def _cookie(text: str, start: int, end: int) -> Hit | None:
    """Names and values; a count of cookies is none."""
    value = text[start:end]
    return _secret(text, start, end) if "=" in value or (len(value) >= 16 and " " not in value) else None


def _session(text: str, start: int, end: int) -> Hit | None:
    """Not the numbers that servers count their sessions with."""
    value = text[start : min(end, start + _WEAK_MOST)]
    if len(value) < 8 or value.isdigit() or value.isalpha() or value.startswith(("0x", "-0x", "0X")):
        return None
    return _secret(text, start, end)


def _random(text: str, start: int, end: int) -> Hit | None:
    """Under keys that mean many things only what looks drawn at random, or a user and a password in base64."""
    if not _WEAK_LEAST <= end - start <= _WEAK_MOST:
        return None
    value = text[start:end]
    if is_identifier(value):
        return None
    if is_mixed(value) and bits_per_character(value) >= _WEAK_BITS:
        return _secret(text, start, end)
    if holds_user_and_password(value) or (is_hex(value) and _CUSTOM_KEY.search(text[max(0, start - 64) : start])):
        return (*reach(text, start, end), 0.9)
    return None


def _signature(text: str, start: int, end: int) -> Hit | None:
    """A signature is often written in hexadecimal."""
    value = text[start : min(end, start + _WEAK_MOST)].removeprefix("sha256=").removeprefix("sha1=")
    return _secret(text, start, end) if is_hex(value) else _random(text, start, end)


_WEIGHTS_AND_BIASES = re.compile(r"wandb|w&b|weights ?(?:&|and) ?biases", re.IGNORECASE)
_NEAR = 200


def _of_service(text: str, start: int, end: int) -> Hit | None:
    """Keys of Weights & Biases have no beginning of their own; commits are as long."""
    return (start, end, 0.9) if _WEIGHTS_AND_BIASES.search(text, max(0, start - _NEAR), end + _NEAR) else None


# People write it without a sign between: "ask with token `Zk3…`", "the password is hunter2-Zk3…".
_SPOKEN_WORDS = ("token", "secret", "password", "passphrase", "bearer", "credential", "senha")
_SPOKEN = (
    rf"(?:{'|'.join(f'(?i:{word})' for word in _SPOKEN_WORDS)})s? {{1,3}}(?:(?i:is|was|=>|es) {{1,3}})?"
    r"[`'\"(<\[]{0,2}[A-Za-z0-9_\-+/.=~]{16,256}+"
)
_SPOKEN_VALUE = re.compile(r"[A-Za-z0-9_\-+/.=~]{16,256}\Z")


def _spoken(text: str, start: int, end: int) -> Hit | None:
    """After a mere word only what looks drawn at random; names in CamelCase change their kind of letter seldom."""
    value = _SPOKEN_VALUE.search(text, start, end)
    if value is None or not is_restless(value.group()):
        return None
    return _random(text, value.start(), end)


KEYED_SECRET = Definition(
    "SECRET",
    (
        Keyed(STRONG, bare=rf"(?:{BRACED}|){RUN}*+", whole=True, unless=frozenset({"pull"}), check=_written),
        Keyed(HEADERS, bare=rf"(?:{_PARAMETERS}|(?:{_SCHEMES} {{1,4}})?{RUN}++)", whole=True, check=_signed_in),
        Keyed(
            COOKIES,
            bare=r"(?:(?=[^\s=;,\"'`\\]{1,128}=)|(?=[^\s\"'`\\]{16}))(?:[^\n\"'`\\]|(?<==)\"[^\"\n]{0,512}\"){0,4096}+",
            whole=True,
            check=_cookie,
        ),
        Keyed(TOKENS, bare=rf"(?:Bearer )?{RUN}++", whole=True, unless=NO_TOKENS, check=_token),
        Keyed(MANY, bare=rf"{RUN}++", whole=True, unless=NO_MANY, check=_listed),
        Keyed(PASS, bare=rf"(?:{BRACED}|){RUN}*+", whole=True, check=_password),
        Keyed(SESSIONS, bare=SAMPLED_RUN, whole=True, check=_session),
        Keyed(SIGNATURES, bare=SAMPLED_RUN, whole=True, check=_signature),
        Keyed(SIGNATURES, bare=r"(?:t|ts)=[0-9]{9,13},(?:v[0-9]=)(?P<value>[0-9a-f]{32,128}+)"),
        Keyed(WEAK, bare=SAMPLED_RUN, whole=True, unless=NO_WEAK, check=_random),
        Keyed(frozenset({"key"}), bare=r"[0-9a-f]{40}(?![0-9A-Za-z])", alone=True, check=_of_service),
        Anchored(_SPOKEN_WORDS, _SPOKEN, before=r"(?![A-Za-z0-9_])", check=_spoken),
    ),
    restorable=False,
    name="keyed_secret",
)
