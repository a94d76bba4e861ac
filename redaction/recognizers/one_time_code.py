"""Codes that sign somebody in once: under their keys, and in the messages that carry them."""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Hit, Keyed, starts_word

_KEYS = frozenset(
    "otp otp_code totp totp_code hotp sms_code one_time_code one_time_password one_time_passcode mfa_code mfa_token "
    "two_factor_code twofa_code tfa_code 2fa_code verification_code verify_code verif_code auth_code_sms passcode_sms "
    "confirmation_pin activation_code login_code sms_otp email_otp device_code user_otp "
    "codigo_verificacao codigo_de_verificacao codigo_verificacion codigo_de_verificacion codigo_sms codigo_otp "
    "codigo_de_acesso código_de_verificação código_de_verificación code_de_verification code_sms kode_otp "
    "kode_verifikasi dogrulama_kodu doğrulama_kodu ma_otp mã_otp ma_xac_thuc mã_xác_thực ma_xac_minh mã_xác_minh "
    "رمز_التحقق код_подтверждения смс_код 验证码 驗證碼 認証コード 인증번호".split()
)
_CODE = r"[0-9]{4,10}(?![0-9A-Za-z.])|[A-Z0-9]{4}[ \-]?[A-Z0-9]{2,6}(?![0-9A-Za-z])|[0-9]{3}[ \-][0-9]{3}(?![0-9])"
_PHRASE = re.compile(
    r"(?<![A-Za-z0-9])(?:OTP|one[ \-]time (?:pass(?:word|code)|code|pin)|(?:verification|security|confirmation|login|"
    r"sign-in|authentication|access) code|"
    r"your code|(?:seu|tu|su) c[oó]digo|votre code|kode anda|"
    r"c[oó]digo de (?:verifica[cç][aãi][oó]n?|acesso|seguran[cç]a|acceso|confirmaci[oó]n)|"
    r"kode (?:OTP|verifikasi)|m[aã] (?:OTP|x[aá]c (?:th[uự]c|minh))|(?:do[gğ]rulama|onay) kodu(?:nuz)?|"
    r"clave (?:din[aá]mica|temporal|de un solo uso)|namba (?:yako )?ya siri|code de v[eé]rification|"
    r"token d[oe] (?:app|banco|celular)|m[aã] c[uủ]a b[aạ]n|رمز التحقق|"
    r"код подтверждения|[sş]ifre(?:si|niz|m|miz)?(?![^\W\d_]))",
    re.IGNORECASE,
)
# From the word to the code, or from the code to the word: `is 123456`, `: 123456`, `123456 is your`.
_THEN = re.compile(
    r"(?: (?:for|to|para|untuk|de|pour)[^\n0-9:.!\x1a]{0,40})?"
    r"(?:(?: [^\W\d]{1,10}){0,4}? (?:is|es|é|adalah|est|là|la|ni|هو|هي)[ \t:]{1,3}|(?: [a-z]{2,10}){0,2}?"
    r"(?:[ \t]{0,2}(?:is|es|é|e|adalah|est|là|=|:|-|#)?[ \t:]{1,3}|[:=#]))"
    r"[\"'`*]{0,2}(?P<code>[0-9]{4,8}|[0-9]{3}[ \-][0-9]{3}|[A-Z]-[0-9]{4,8})(?!\.?[0-9A-Za-z]|[:/\-])"
    # What is measured is no code.
    r"(?! ?(?:%|[mnuµ]?s|secs?|seconds?|min|minutes?|hours?|times|bytes|rows|[kKMG]i?B)(?![A-Za-z]))",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    r"(?<![0-9.\-])([0-9]{4,8}) (?:is|es|é|adalah|est) (?:your|the|tu|su|seu|o seu|votre|kode)(?: [\w]{1,20}){0,2} \Z",
    re.IGNORECASE,
)
_REACH = 64
# `the code` alone says nothing; what somebody is told to do with it does, before it or behind.
_TOLD_TO = re.compile(
    r"(?<![^\W\d_])(?:use|usa|utilice|utilize|enter|type|ingresa|ingrese|digita|digite|informe|insira|introduce|introduzca"
    r"|saisissez|entrez) (?:o|el|le|the|this|your|tu|su|seu|votre) \Z|(?<![^\W\d_])(?:gunakan|masukkan) \Z",
    re.IGNORECASE,
)
_CODE_WORDS = ("código ", "codigo ", "the code ", "this code ", "your code ", "le code ", "votre code ", "kode ")
_WHAT = (
    r"(?: temporal| tempor[aá]rio| de uso [uú]nico| para (?:entrar|ingresar|acceder|acessar|confirmar|validar)"
    r"| que (?:te|le|lhe) [a-z]{4,14})"
)
_CALLED_CODE = (
    rf"(?i:(?:(?:the|this|your|le|votre) )?(?:c[oó]digo|code|kode){_WHAT}?(?: es| é| e| fue| foi)?:?) "
    r"(?P<value>[0-9]{4,8})(?![\w:/\-]|\.[0-9])"
)
_CODE_IN_FRONT = re.compile(rf"(?:c[oó]digo|code|kode)({_WHAT})?(?: es| é| e| fue| foi)?:? \Z", re.IGNORECASE)
_FOR_WHOM = r"(?i: as your [\w ]{0,30}?(?:code|otp|pin|passcode|password))(?![A-Za-z])"
_RIGHT_BEFORE = r"[0-9]{4,8}(?![0-9A-Za-z.\-])"
_TOLD_REACH = 80
# `/api/verify?code=…`, and the arguments of a task whose name says what it sends.
_PATH = re.compile(
    r"(?:verif(?:y|ication|ied)?|otp|2fa|mfa|confirm(?:ation)?|activat(?:e|ion))[\w/.\-]{0,40}\?(?:[^\s\"'#?]{0,100}&)?\Z"
)
_PATH_REACH = 160
_ARGUMENTS = (
    r"(?i:otp)(?![A-Za-z0-9])[^\n=]{0,160}+=(?<=\bargs=)[(\[][^)\]\n]{0,200}?[\"'](?P<value>[0-9]{4,8})[\"'](?=[,)\]])"
)


def _to_be_used(text: str, start: int, end: int) -> Hit | None:
    words = text[max(0, start - _TOLD_REACH) : start]
    front = _CODE_IN_FRONT.search(words)
    is_told = front is not None and (front[1] or _TOLD_TO.search(words[: front.start()]))
    # Codes of errors have four figures as well, and are used or entered.
    least = 4 if front is not None and front[1] else 5
    return (start, end, 0.8) if is_told and end - start >= least else None


def _for_somebody(text: str, start: int, end: int) -> Hit | None:
    """`448120 as your PayCo code`."""
    return (start, text.index(" ", start), 0.8) if starts_word(text, start) else None


def _of_path(text: str, start: int, end: int) -> Hit | None:
    begins = text.rfind("=", 0, start + 1) - len("code")
    return (start, end, 0.85) if _PATH.search(text, max(0, begins - _PATH_REACH), begins) else None


def _said(text: str, start: int, end: int) -> Hit | None:
    """The digits beside the words; the words stay."""
    phrase = _PHRASE.match(text, max(0, start - 24)) or _PHRASE.search(
        text, max(0, start - 24), min(len(text), end + 24)
    )
    if phrase is None or not phrase.start() <= start < phrase.end():
        return None
    behind = _THEN.match(text, phrase.end())
    if behind is not None:
        return (*behind.span("code"), 0.85)
    at = max(0, phrase.start() - _REACH)
    front = _BEFORE.search(text[at : phrase.start()])
    return (at + front.start(1), at + front.end(1), 0.85) if front else None


ONE_TIME_CODE = Definition(
    "SECRET",
    (
        Keyed(_KEYS, bare=_CODE, score=0.95),
        Anchored(
            (
                *(
                    "otp",
                    "verifi",
                    "one-time",
                    "one time ",
                    "vérifi",
                    "подтверждения",
                    "xác ",
                    "doğrulama ",
                    "your code",
                ),
                *("şifre", "sifre", "mã của", "ma cua", "token do ", "token de ", "رمز التحقق"),
                *("login code", "clave din", "clave tem", "clave de un", "onay kod", "ma xac ", "ya siri"),
                *("seu cód", "seu cod", "tu cód", "tu cod", "su cód", "su cod", "votre code", "kode anda"),
            ),
            after=r"\S\S?",
            check=_said,
        ),
        Anchored(_CODE_WORDS, after=_CALLED_CODE, check=_to_be_used),
        Anchored((" as your ",), after=_FOR_WHOM, before=_RIGHT_BEFORE, reach=10, check=_for_somebody),
        Anchored(("code=",), after=r"code=(?P<value>[0-9]{4,8})(?![0-9A-Za-z])", check=_of_path),
        Anchored(("otp",), after=_ARGUMENTS, score=0.85),
    ),
    restorable=False,
    name="one_time_code",
)
