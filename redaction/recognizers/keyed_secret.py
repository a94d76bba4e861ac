"""Passwords, tokens and keys under keys that say so, in JSON, logfmt, query strings, headers and flags."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

from ..definition import Anchored, Definition, Hit, Keyed

_STRONG = frozenset(
    "password passwd pwd passphrase passcode passwort userpass user_password db_password root_password "
    "senha contrasena contrasenia mot_de_passe motdepasse sifre parola kata_sandi katasandi mat_khau wachtwoord "
    "пароль 密码 密碼 パスワード 비밀번호 contraseña şifre "
    "secret client_secret app_secret shared_secret secret_key secret_access_key aws_secret_access_key webhook_secret "
    "signing_secret signing_key encryption_key master_key private_key ssh_key api_key apikey x_api_key "
    "api_secret api_token "
    "access_key account_key storage_key subscription_key ocp_apim_subscription_key auth_key authkey license_key "
    "access_token refresh_token id_token auth_token session_token security_token csrf_token xsrf_token bearer_token "
    "x_auth_token x_amz_security_token x_csrf_token private_token deploy_token bot_token personal_access_token jwt "
    "sas_token shared_access_signature shared_access_key credential credentials otp totp one_time_password mfa_code "
    "x_amz_signature x_amz_credential x_goog_signature x_goog_credential "
    "jsessionid phpsessid asp_net_sessionid sessionid connect_sid".split()
)
_HEADERS = frozenset({"authorization", "proxy_authorization"})
_COOKIES = frozenset({"cookie", "set_cookie"})
_TOKENS = frozenset({"token", "tok"})
_WEAK = frozenset({"key", "auth", "pass", "clave", "sig", "signature", "sid", "sessionkey", "session_key"})

# Ends at a space, or at punctuation after which something else begins.
_RUN = r"""(?:[^\s&;,)}\]"'`<>\\\x1a]|[&;,)}\]"'`<>](?![\s&;,)}\]"'`<>\\]|\Z|[\w.\-]{1,40}=)|\\(?!["'nrt]))"""
_NOTHING = re.compile(
    r"""(?:null|none|nil|undefined|n/?a|true|false|empty|unset|missing|invalid|expired|required|\*+|x{3,}|\.{3,}|-+"""
    r"""|[<\[({]{0,2}(?:redacted|masked|hidden|removed|filtered|withheld|secret|password|token|none|null|unset)[>\])}]{0,2})\Z""",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(
    r"\$\{[^}]{1,80}\}?\Z|\{\{(?:[^}]{1,80}\}\})?\Z|\$\([^)]{1,80}\)\Z|%[sdr]\Z|\$[A-Z_][A-Z0-9_]{0,60}\Z|\{\}\Z"
)
_SCHEMES = r"(?:[Bb]earer|BEARER|[Bb]asic|BASIC|[Tt]oken|Negotiate|[Aa]pi[Kk]ey|[Aa]pi-[Kk]ey)"
_SCHEME_ALONE = re.compile(rf"{_SCHEMES}\Z")
_SCHEME = re.compile(rf"{_SCHEMES} {{1,4}}(?=\S)")
# Schemes with parameters and spaces between them.
_PARAMETERS = r"(?:AWS4-[\w\-]{1,40}|Digest|OAuth|Signature|Hawk) [^\n\"'`\\]{1,4096}+"
_COUNT = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,3})?\Z|[0-9.]{1,5}(?:ms|s|k|kb|mb)?\Z", re.IGNORECASE)
# Digits, small letters and capitals, and no space.
_MIXED = re.compile(r"(?=[^0-9 ]*[0-9])(?=[^a-z ]*[a-z])(?=[^A-Z ]*[A-Z])[^ ]*\Z")
_WEAK_LEAST, _WEAK_MOST, _WEAK_BITS = 12, 256, 3.0


def _secret(text: str, start: int, end: int) -> Hit | None:
    """Whatever stands there, unless it says that nothing does or that something will be put there."""
    value = text[start:end]
    if not value.strip() or _NOTHING.match(value.strip()) or _TEMPLATE.match(value.strip()):
        return None
    return start, end, 0.95


def _after_scheme(text: str, start: int, end: int) -> Hit | None:
    """The scheme of an Authorization header stays: it tells how a caller tried to sign in."""
    if _SCHEME_ALONE.match(text[start:end]):
        return None
    scheme = _SCHEME.match(text, start, end)
    return _secret(text, scheme.end() if scheme else start, end)


def _token(text: str, start: int, end: int) -> Hit | None:
    """Models are counted in tokens too: a small number is no secret, nor is a plain word."""
    value = text[start : min(end, start + _WEAK_MOST)]
    if _COUNT.match(value) or (len(value) < 12 and value.isalpha()):
        return None
    return _after_scheme(text, start, end)


def _random(text: str, start: int, end: int) -> Hit | None:
    """Under keys that mean many things only what looks drawn at random."""
    if not _WEAK_LEAST <= end - start <= _WEAK_MOST or not _MIXED.match(text, start, end):
        return None
    return _secret(text, start, end) if _bits_per_character(text[start:end]) >= _WEAK_BITS else None


def _bits_per_character(value: str) -> float:
    """Shannon entropy of the characters of one value."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


# People write it without a sign between: "ask with token `Zk3…`", "the password is hunter2-Zk3…".
_SPOKEN_WORDS = ("token", "secret", "password", "passphrase", "bearer", "credential", "senha")
_SPOKEN = (
    rf"(?:{'|'.join(f'(?i:{word})' for word in _SPOKEN_WORDS)})s? {{1,3}}(?:(?i:is|was|=>|es) {{1,3}})?"
    r"[`'\"(<\[]{0,2}[A-Za-z0-9_\-+/.=~]{16,256}+"
)
_SPOKEN_RESTLESS = 0.4
_SPOKEN_VALUE = re.compile(r"[A-Za-z0-9_\-+/.=~]{16,256}\Z")


def _spoken(text: str, start: int, end: int) -> Hit | None:
    """After a mere word only what looks drawn at random; names in CamelCase change their kind of letter seldom."""
    value = _SPOKEN_VALUE.search(text, start, end)
    if value is None or _restlessness(value.group()) < _SPOKEN_RESTLESS:
        return None
    return _random(text, value.start(), end)


def _restlessness(value: str) -> float:
    """How often neighbours differ in kind (digit, capital, small letter): about 0.6 for base 62 drawn at random."""
    kinds = ["0" if one.isdigit() else "A" if one.isupper() else "a" for one in value]
    return sum(one != other for one, other in pairwise(kinds)) / len(kinds)


KEYED_SECRET = Definition(
    "SECRET",
    (
        Keyed(_STRONG, bare=rf"{_RUN}++", whole=True, check=_secret),
        Keyed(_HEADERS, bare=rf"(?:{_PARAMETERS}|(?:{_SCHEMES} {{1,4}})?{_RUN}++)", whole=True, check=_after_scheme),
        Keyed(_COOKIES, bare=r"[^\s\"'`\\][^\n\"'`\\]{0,4096}+", whole=True, check=_secret),
        Keyed(_TOKENS, bare=rf"(?:Bearer )?{_RUN}++", whole=True, check=_token),
        Keyed(_WEAK, bare=rf"{_RUN}{{1,256}}+", whole=True, check=_random),
        Anchored(_SPOKEN_WORDS, _SPOKEN, before=r"(?![A-Za-z0-9_])", check=_spoken),
    ),
    restorable=False,
    name="keyed_secret",
)
