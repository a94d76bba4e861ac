"""Passwords that people tell each other in chats, mails and tickets: `a senha do grafana é …`, `login as … / …`.

After words alone only what no dictionary holds is a secret: letters together with figures or with signs in their midst.
"""

from __future__ import annotations

import re

from ..definition import WORD_START, Anchored, Definition, Hit
from ..secrets.secret_values import is_nothing

_VALUE = r"[`'\"“«]?(?P<value>[^\s`'\"“”«»,;<>\x1a]{6,64})"
# What it is for, then a word for `is`.
_FOR = r"(?: (?:for|of|to|do|da|de|del|para|pra|untuk|du|pour|la|el|le)(?: [\w.\-]{1,30}){1,3}?)?"
_IS = r" (?:is|was|es|é|e|est|adalah|ni|là)(?: now| ahora| agora)?:? "
_PASSWORDS = (
    "password", "passwd", "passphrase", "pwd", "senha", "contraseña", "contrasena", "mot de passe", "kata sandi",
    "sandi", "nenosiri", "mật khẩu",
)  # fmt: skip
_TOLD = rf"{WORD_START}(?i:{'|'.join(map(re.escape, _PASSWORDS))}){_FOR}{_IS}{_VALUE}"
# Whose it is says as much as a word for `is`: `mon mot de passe …`.
_OWN = (
    "my password", "my passphrase", "minha senha", "mi contraseña", "mi contrasena", "mi clave", "mon mot de passe",
    "kata sandi saya", "mật khẩu của tôi",
)  # fmt: skip
_OWN_VALUE = rf"{WORD_START}(?i:{'|'.join(_OWN)}):? {_VALUE}"
# Turkish puts it behind: `şifresi X`.
_TURKISH = rf"{WORD_START}(?i:[sş]ifre(?:si|m|niz|miz)?|parola(?:s[ıi]|m|n[ıi]z)?) {{1,2}}:? ?{_VALUE}"
_CHANGED = (
    rf"{WORD_START}(?i:creds?|credentials?|passwords?|tokens?|secrets?|senhas?|claves?|contraseñas?)(?![A-Za-z])[^\n.;]{{0,40}}?"
    rf"\b(?i:new|current|temporary|temp|nova|nueva)(?: (?:one|ones|a|la))?{_IS}{_VALUE}"
)
_SIGNED_IN = (
    rf"{WORD_START}(?i:log(?:ged|ging)? ?in|sign(?:ed|ing)? ?in|entrar|ingresar|iniciar sesión|fazer login|login)"
    rf"(?: (?:as|with|con|com|como):?|:) "
    rf"[^\s/|]{{2,80}} ?(?: / | \| ){_VALUE}"
)
_SIGNS_INSIDE = re.compile(r"[^\W_]+(?:[-_!@#$%^&*+~?.:][^\W_]+)+[!?]*\Z|[^\W_]+[!@#$%^&*+~?]+\Z")
_NAME_OF_THING = re.compile(r"(?:https?:|/|\.{1,2}/)|[a-z0-9]+(?:[-.][a-z0-9]+)*\.(?:[a-z]{2,8})\Z")
_WORDS = re.compile(r"[a-z]+(?:-[a-z]+)*\Z", re.IGNORECASE)


def _made_up(text: str, start: int, end: int) -> bool:
    value = text[start:end]
    if is_nothing(text, start, end) or _WORDS.match(value) or _NAME_OF_THING.match(value):
        return False
    has_letters, has_figures = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    return has_letters and (has_figures or _SIGNS_INSIDE.match(value) is not None)


def _told(text: str, start: int, end: int) -> Hit | None:
    while end > start and text[end - 1] in ".:)]":
        end -= 1
    return (start, end, 0.8) if _made_up(text, start, end) else None


TOLD_SECRET = Definition(
    "SECRET",
    (
        Anchored(_PASSWORDS, after=_TOLD, check=_told),
        Anchored(_OWN, after=_OWN_VALUE, check=_told),
        Anchored(("şifre", "sifre", "parola"), after=_TURKISH, check=_told),
        Anchored(("cred", "password", "token", "secret", "senha", "clave"), after=_CHANGED, check=_told),
        Anchored(("login", "log in", "logged in", "sign in", "signed in"), after=_SIGNED_IN, check=_told),
    ),
    restorable=False,
    name="told_secret",
)
