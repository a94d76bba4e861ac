"""Secrets in the forms that their services publish; all of them drawn at random."""

# ruff: noqa: E501 - tables read better with one thing a line
from __future__ import annotations

import base64
import json
from collections.abc import Callable

from .draw import BASE32, BASE62, BASE64_URL, DIGITS, HEX, LOWER, Draw
from .generator import Generator, Made, Placement, split

_ALL: tuple[Placement, ...] = ("unseen keys", "telling keys", "prose")
_KEYED: tuple[Placement, ...] = ("telling keys",)


def _after(prefix: str, alphabet: str, length: int) -> Callable[[Draw], str]:
    return lambda draw: (
        prefix + draw.mixed(length, alphabet) if alphabet == BASE62 else prefix + draw.text(alphabet, length)
    )


def _json_web_token(draw: Draw) -> str:
    """RFC 7519, compact form."""
    parts = (
        json.dumps({"alg": "HS256", "typ": "JWT"}, separators=(",", ":")).encode(),
        json.dumps({"sub": draw.text(LOWER, 8), "exp": 1_950_000_000}, separators=(",", ":")).encode(),
        bytes(draw.number(0, 255) for _ in range(32)),
    )
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def _private_key(draw: Draw) -> str:
    """RFC 7468: a label, base64 in lines of 64, a label."""
    body = base64.b64encode(bytes(draw.number(0, 255) for _ in range(288))).decode()
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    kind = draw.pick(("RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY"))
    return f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----"


def _connection(draw: Draw) -> Made:
    scheme, place = draw.pick(
        (("postgresql", "orders-db:5432/orders"), ("mysql", "ledger:3306/ledger"), ("redis", "cache:6379/0"),
         ("amqp", "broker:5672/vhost"), ("mongodb+srv", "cluster0.example.net/risk"), ("https", "registry.example.com/v2"))
    )  # fmt: skip
    return Made(f"{scheme}://{draw.text(LOWER, 6)}:", draw.mixed(14), f"@{place}")


def _signed_url(draw: Draw) -> Made:
    """AWS Signature Version 4 in a query: only the signature opens anything."""
    front = f"https://bucket.s3.amazonaws.com/{draw.text(LOWER, 8)}.parquet?X-Amz-Expires=900&X-Amz-Signature="
    return Made(front, draw.text(HEX, 64), "&X-Amz-SignedHeaders=host")


def _azure_url(draw: Draw) -> Made:
    """A shared access signature of Azure Storage."""
    return Made(
        f"https://acct.blob.core.windows.net/{draw.text(LOWER, 6)}?sv=2024-11-04&se=2031-02-01&sp=r&sig=",
        draw.mixed(43) + "%3D",
    )


def _basic(draw: Draw) -> Made:
    pair = f"{draw.text(LOWER, 6)}:{draw.mixed(12)}".encode()
    return Made("Authorization: Basic ", base64.b64encode(pair).decode())


def _aws_secret(draw: Draw) -> str:
    return draw.mixed(40, BASE62 + "+/")


def _account_key(draw: Draw) -> Made:
    """A connection string of Azure Storage; the key is 64 bytes in base64."""
    key = base64.b64encode(bytes(draw.number(0, 255) for _ in range(64))).decode()
    return Made("DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=", key, ";EndpointSuffix=core.windows.net")


def _hook(draw: Draw) -> Made:
    return Made(
        "https://hooks.slack.com/services/", f"T{draw.text(BASE32, 9)}/B{draw.text(BASE32, 9)}/{draw.mixed(24)}"
    )


def _discord(draw: Draw) -> Made:
    return Made("https://discord.com/api/webhooks/", f"{draw.digits(18)}/{draw.mixed(68)}")


def _telegram(draw: Draw) -> str:
    return f"{draw.digits(10, '123456789')}:AA{draw.mixed(33)}"


# Name, what makes it. Sources: the services' documentation of their token formats, and the rules of secret scanners.
_TOKENS: tuple[tuple[str, Callable[[Draw], str | Made]], ...] = (
    ("AWS access key id", _after("AKIA", BASE32, 16)),
    ("AWS temporary key id", _after("ASIA", BASE32, 16)),
    ("Google API key", _after("AIza", BASE62, 35)),
    ("Google OAuth token", _after("ya29.", BASE62, 64)),
    ("Google OAuth client secret", _after("GOCSPX-", BASE62, 28)),
    ("GitHub personal token", _after("ghp_", BASE62, 36)),
    ("GitHub app token", _after("ghs_", BASE62, 36)),
    ("GitHub fine-grained token", lambda draw: f"github_pat_{draw.mixed(22)}_{draw.mixed(59)}"),
    ("GitLab token", _after("glpat-", BASE62, 20)),
    ("Slack bot token", lambda draw: f"xoxb-{draw.digits(12)}-{draw.digits(13)}-{draw.mixed(24)}"),
    ("Slack app token", lambda draw: f"xapp-1-A{draw.text(BASE32, 10)}-{draw.digits(13)}-{draw.text(HEX, 64)}"),
    ("Slack webhook", _hook),
    ("Discord webhook", _discord),
    ("Telegram bot token", _telegram),
    ("OpenAI key", lambda draw: f"sk-proj-{draw.mixed(48)}"),
    ("Anthropic key", lambda draw: f"sk-ant-api03-{draw.mixed(86)}-{draw.mixed(6)}AA"),
    ("Hugging Face token", _after("hf_", BASE62, 34)),
    ("Replicate token", _after("r8_", BASE62, 37)),
    ("Groq key", _after("gsk_", BASE62, 52)),
    ("NVIDIA key", _after("nvapi-", BASE62, 64)),
    ("Weights & Biases key", lambda draw: Made("WANDB_API_KEY=", draw.text(HEX, 40))),
    ("Databricks token", _after("dapi", HEX, 32)),
    ("Stripe live key", _after("sk_live_", BASE62, 24)),
    ("Stripe restricted key", _after("rk_live_", BASE62, 24)),
    ("Stripe webhook secret", _after("whsec_", BASE62, 32)),
    (
        "Mercado Pago token",
        lambda draw: f"APP_USR-{draw.digits(16)}-{draw.number(101, 931):06d}-{draw.text(HEX, 32)}-{draw.digits(9)}",
    ),
    ("Square token", _after("EAAA", BASE62, 60)),
    ("Razorpay key", _after("rzp_live_", BASE62, 14)),
    ("Flutterwave key", lambda draw: f"FLWSECK-{draw.text(HEX, 32)}-X"),
    ("Twilio key", _after("SK", HEX, 32)),
    ("SendGrid key", lambda draw: f"SG.{draw.mixed(22)}.{draw.mixed(43)}"),
    ("Mailgun key", _after("key-", HEX, 32)),
    ("npm token", _after("npm_", BASE62, 36)),
    ("PyPI token", lambda draw: f"pypi-AgEIcHlwaS5vcmc{draw.mixed(80)}"),
    ("Docker Hub token", _after("dckr_pat_", BASE62, 27)),
    ("Vault token", _after("hvs.", BASE62, 90)),
    ("Terraform Cloud token", lambda draw: f"{draw.mixed(14)}.atlasv1.{draw.mixed(64)}"),
    ("Grafana service token", lambda draw: f"glsa_{draw.mixed(32)}_{draw.text(HEX, 8)}"),
    ("Grafana Cloud token", lambda draw: f"glc_{draw.mixed(120)}"),
    ("New Relic key", lambda draw: f"NRAK-{draw.text(BASE32, 27)}"),
    ("Datadog key", lambda draw: Made("DD-API-KEY: ", draw.text(HEX, 32))),
    ("Sentry token", lambda draw: f"sntrys_{draw.mixed(100)}"),
    ("PagerDuty key", lambda draw: Made("Authorization: Token token=", draw.mixed(20))),
    ("DigitalOcean token", _after("dop_v1_", HEX, 64)),
    ("Linear key", _after("lin_api_", BASE62, 40)),
    ("Atlassian token", lambda draw: f"ATATT3xFfGF0{draw.mixed(170)}={draw.text(HEX, 8).upper()}"),
    ("Shopify token", _after("shpat_", HEX, 32)),
    ("Postman key", lambda draw: f"PMAK-{draw.text(HEX, 24)}-{draw.text(HEX, 34)}"),
    ("Alibaba access key id", _after("LTAI", BASE62, 20)),
    ("Tencent secret id", _after("AKID", BASE62, 32)),
    ("age secret key", lambda draw: "AGE-SECRET-KEY-1" + draw.text("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)),
    ("JSON web token", _json_web_token),
    ("Bearer token", lambda draw: Made("Authorization: Bearer ", draw.mixed(40, BASE64_URL))),
    ("Basic auth", _basic),
    ("connection string", _connection),
    ("AWS signed URL", _signed_url),
    ("Azure signed URL", _azure_url),
    ("Azure storage connection", _account_key),
)
_TOKEN_KEYS = tuple("token api_key apiKey access_token secret auth_token senha_api clave_api".split())


def _keyed(name: str, keys: str, make: Callable[[Draw], str | Made]) -> Generator:
    """Only the key says that it is one."""
    return Generator(name, ("SECRET",), "secrets", make, tuple(keys.split()), ("token",), _KEYED)


SECRETS: tuple[Generator, ...] = (
    *(
        Generator(name, ("SECRET",), "secrets", make, _TOKEN_KEYS, split("token credential key"), _ALL, is_wide=True)
        for name, make in _TOKENS
    ),
    Generator(
        "private key", ("SECRET",), "secrets", _private_key, ("private_key", "tls.key"), ("key",), _ALL, is_wide=True
    ),
    _keyed(
        "password",
        "password passwd senha contrasena contraseña mot_de_passe sifre parola kata_sandi mat_khau DB_PASSWORD",
        lambda draw: draw.mixed(10),
    ),
    _keyed(
        "weak password",
        "password senha contrasena sifre",
        lambda draw: draw.pick(("summer", "hunter", "qwerty", "dragon")) + draw.digits(3),
    ),
    _keyed("AWS secret key", "aws_secret_access_key secretAccessKey AWS_SECRET_ACCESS_KEY", _aws_secret),
    _keyed(
        "opaque token",
        "access_token refresh_token client_secret api_key x-api-key csrf_token",
        lambda draw: draw.mixed(32),
    ),
    _keyed("hex key", "encryption_key signing_key api_secret webhook_secret hmac_key", lambda draw: draw.text(HEX, 64)),
    _keyed("session cookie", "Cookie Set-Cookie", lambda draw: f"session={draw.mixed(28)}"),
    _keyed("session id", "sessionid PHPSESSID JSESSIONID", lambda draw: draw.text(HEX, 32)),
    _keyed("one-time code", "otp otp_code one_time_password", lambda draw: draw.text(DIGITS, 6)),
)
