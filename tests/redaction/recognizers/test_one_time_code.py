"""Codes that sign somebody in once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.one_time_code import ONE_TIME_CODE

TABLE: list[tuple[str, str, list[str]]] = [
    ("a token of a bank, Portuguese", "token do app 493021 expirou, limite de token 4096", ["493021"]),
    ("codes of errors, used", "use el código 4012 viejo; use o código 9912", []),
    ("what was sent, Spanish", "El código que le enviamos fue 90817. El código que le falta a 90817", ["90817"]),
    ("what it opens", "The OTP to log in to PayCo is 448120.", ["448120"]),
    ("as what it is to be used", "Use 882312 as your PayCo code. 14 as your code", ["882312"]),
    ("what to do with it, Portuguese", "Use o código 882211 para confirmar", ["882211"]),
    ("what to do with it, Spanish", "Ingresa el código 551200; código temporal: 551201", ["551200", "551201"]),
    ("what to do with it, Indonesian", "Gunakan kode 551200 untuk verifikasi", ["551200"]),
    ("Vietnamese, whose it is", "Mã của bạn là 551200", ["551200"]),
    ("Arabic", "رمز التحقق الخاص بك هو 551200", ["551200"]),
    (
        "codes of errors",
        "use code 4012 for declines, código 4012 de rechazo, the code 4012, kode 4012, exit code 4410",
        [],
    ),
    ("in the query of a page that verifies", 'GET "/api/verify?lang=pt&code=881204"', ["881204"]),
    ("a code in the query of another page", "GET /api/errors?code=881204 and code=4012", []),
    ("an argument of the task that sends it", "tasks.send_otp[0f1e] args=('+639171234567', '771922')", ["771922"]),
    ("an argument of another task", "tasks.send_mail[0f1e] args=('a', '771922'); otp service ok", []),
    ("Turkish, of 3-D Secure", "3D secure şifresi 551203 girince hata", ["551203"]),
    ("under its key", "otp=482913 next", ["482913"]),
    ("in JSON", '{"verificationCode": "482913"}', ["482913"]),
    ("in two parts", "mfa_code: 482 913", ["482 913"]),
    ("in a message", "Your verification code is 482913. Do not share it.", ["482913"]),
    ("code first", "482913 is your verification code", ["482913"]),
    ("code first, for a login", "482913 is your login code. Ref 99120", ["482913"]),
    ("OTP", "OTP 482913 sent, otp: 1234", ["482913", "1234"]),
    ("Portuguese", "Seu código de verificação: 482913", ["482913"]),
    ("Spanish", "código de verificación es 482913", ["482913"]),
    ("Indonesian", "Kode OTP anda adalah 482913", ["482913"]),
    ("Russian", "код подтверждения: 4829", ["4829"]),
    ("Spanish, dynamic", "Tu clave dinámica es 771204, válida por 5 minutos", ["771204"]),
    ("Turkish", "Onay kodunuz: 558120. Kimseyle paylaşmayın.", ["558120"]),
    ("Vietnamese without accents", "Ma xac thuc cua quy khach la 220914, het han sau 3 phut", ["220914"]),
    ("Swahili", "Namba yako ya siri ni 4821.", ["4821"]),
    ("the number behind it is another", "Seu código de verificação é 482913. Pedido 55123", ["482913"]),
    # What is no code.
    ("what is measured", "your code review took 1200 ms, the verification code path 1234 times", []),
    ("other codes", "status code 500, exit code 137, error code: 1234, response_code=05, code=1234", []),
    ("counts", "otp_attempts=3 otp verification failed 3 times, verification of 1234 rows", []),
    ("durations", "otp: 1234.5 ms, verification code expires at 12:30", []),
    ("words that end so", "laptop 1234 desktop 482913 bitcoin 482913", []),
    ("your code", "Your code is 482913", ["482913"]),
    ("an exit code", "exit code is 482913", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ONE_TIME_CODE, text) == values


def test_never_kept() -> None:
    assert not ONE_TIME_CODE.restorable
