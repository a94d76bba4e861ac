"""Passwords under names of several words (`mot de passe : …`), and in scripts whose vowel signs break a key."""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Hit, Keyed
from ..secrets.secret_values import RUN, SAMPLED_RUN, is_nothing, reach

# The last word wakes the rule, the words before it decide.
_LAST_WORDS = frozenset(
    "passe sandi laluan khau khẩu key clave acceso acesso secreta secreto segreta siri acces accès privada privee "
    "privée المرور السر السري phrase passwort code mật rahasia rahsia api word".split()
)
_PHRASE = re.compile(
    r"(?<!\w)(?:mot de passe|code secret|cl[eé] (?:secr[eè]te|priv[eé]e|api)|code d.acc[eè]s|phrase secr[eè]te|"
    r"kata sandi|kata laluan|kunci (?:rahasia|rahsia|api)|m[aậ]t kh[aẩ]u|m[aã] b[ií] m[aậ]t|"
    r"(?:clave|llave) (?:de acceso|secreta|privada|api)|chave (?:secreta|privada|(?:de )?api)|senha de acesso|"
    r"c[oó]digo secreto|chiave (?:segreta|privata|api)|neno la siri|"
    r"كلم[ةه] (?:المرور|السر)|الرقم السري|المفتاح السري|"
    r"(?:api|secret|access|private|master|encryption|signing|account|subscription|auth|license|shared) key|"
    r"pass ?(?:phrase|word|code)|secret (?:phrase|word|code))"
    r"[\"'\\\]]{0,3}[ \t]{0,4}(?::=|=>|[:=：])[ \t]{0,4}\\{0,3}[\"'`]?\Z",
    re.IGNORECASE,
)
_REACH = 64

# Scripts with signs that are no letters to a regular expression: Hindi, Nepali, Bengali, Tamil, Telugu, Kannada,
# Malayalam, Gujarati, Punjabi, Sinhala, Thai, Lao, Khmer, Burmese, Amharic.
_PASSWORDS = (
    "पासवर्ड",
    "कूटशब्द",
    "गुप्त कुंजी",
    "পাসওয়ার্ড",
    "গোপন নম্বর",
    "கடவுச்சொல்",
    "పాస్‌వర్డ్",
    "పాస్వర్డ్",
    "ಗುಪ್ತಪದ",
    "പാസ്‌വേഡ്",
    "પાસવર્ડ",
    "ਪਾਸਵਰਡ",
    "මුරපදය",
    "รหัสผ่าน",
    "ລະຫັດຜ່ານ",
    "ពាក្យសម្ងាត់",
    "စကားဝှက်",
    "የይለፍ ቃል",
    "პაროლი",
    "գաղտնաբառ",
)
_SEPARATED = (
    r"[\"'\\\]]{0,3}[ \t]{0,4}(?::=|=>|[:=])[ \t]{0,4}(?P<quote>\\{0,3}[\"'`])?"
    rf"(?P<value>(?(quote)(?:[^\"'`\\\n]|\\.){{1,512}}|{RUN}++))"
)


def _behind_phrase(text: str, start: int, end: int) -> Hit | None:
    if not _PHRASE.search(text[max(0, start - _REACH) : start]) or is_nothing(text, start, end):
        return None
    return (*reach(text, start, end), 0.95)


def _something(text: str, start: int, end: int) -> Hit | None:
    return None if is_nothing(text, start, end) else (*reach(text, start, end), 0.95)


SECRET_PHRASE = Definition(
    "SECRET",
    (
        Keyed(_LAST_WORDS, bare=SAMPLED_RUN, whole=True, check=_behind_phrase),
        # A search for letters that a text of ASCII cannot hold costs nothing.
        *(Anchored((word,), after=re.escape(word) + _SEPARATED, check=_something) for word in _PASSWORDS),
    ),
    restorable=False,
    name="secret_phrase",
)
