"""Tokens that say by their first letters which service they open."""

from __future__ import annotations

from ..definition import Anchored, Definition, Hit, starts_word

# Anchor, and the expression from there. Sources: the services' own documentation of their token formats.
_FORMATS: tuple[tuple[str, str], ...] = (
    ("xox", r"xox[a-zA-Z](?:\.xox[a-z])?-[A-Za-z0-9\-]{10,250}"),  # Slack
    ("xapp-", r"xapp-[0-9]-[A-Za-z0-9\-]{10,250}"),
    ("hooks.slack.com/", r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<value>[A-Za-z0-9/_\-]{20,120})"),
    ("gh", r"gh[pousr]_[A-Za-z0-9]{20,255}"),  # GitHub
    ("github_pat_", r"github_pat_[A-Za-z0-9_]{20,255}"),
    ("glpat-", r"glpat-[A-Za-z0-9_\-]{20,64}"),  # GitLab
    ("gldt-", r"gldt-[A-Za-z0-9_\-]{20,64}"),
    ("glrt-", r"glrt-[A-Za-z0-9_\-]{20,64}"),
    ("sk-", r"sk-(?:[A-Za-z0-9]{2,12}-){0,3}[A-Za-z0-9_\-]{20,250}"),  # OpenAI, Anthropic, LiteLLM and their like
    ("sk_", r"sk_(?:live|test|prod)_[A-Za-z0-9]{10,250}"),  # Stripe
    ("rk_", r"rk_(?:live|test|prod)_[A-Za-z0-9]{10,250}"),
    ("whsec_", r"whsec_[A-Za-z0-9+/=]{16,120}"),
    ("aiza", r"AIza[A-Za-z0-9_\-]{35}"),  # Google
    ("ya29.", r"ya29\.[A-Za-z0-9_\-]{20,400}"),
    ("gocspx-", r"GOCSPX-[A-Za-z0-9_\-]{20,64}"),
    ("hf_", r"hf_[A-Za-z0-9]{30,64}"),  # Hugging Face
    ("npm_", r"npm_[A-Za-z0-9]{36}"),
    ("pypi-", r"pypi-[A-Za-z0-9_\-]{50,250}"),
    ("dop_v1_", r"dop_v1_[a-f0-9]{64}"),  # DigitalOcean
    ("dapi", r"dapi[a-f0-9]{32}(?:-[0-9])?"),  # Databricks
    ("shpat_", r"shpat_[a-fA-F0-9]{32}"),  # Shopify
    ("sg.", r"SG\.[A-Za-z0-9_\-]{16,32}\.[A-Za-z0-9_\-]{30,64}"),  # SendGrid
    ("hvs.", r"hvs\.[A-Za-z0-9_\-]{24,200}"),  # HashiCorp Vault
    ("nvapi-", r"nvapi-[A-Za-z0-9_\-]{40,100}"),
    ("gsk_", r"gsk_[A-Za-z0-9]{40,80}"),  # Groq
    ("r8_", r"r8_[A-Za-z0-9]{30,50}"),  # Replicate
    ("glc_", r"glc_[A-Za-z0-9+/=]{32,250}"),  # Grafana
    ("glsa_", r"glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}"),
    ("lin_api_", r"lin_api_[A-Za-z0-9]{32,64}"),
    ("dckr_pat_", r"dckr_pat_[A-Za-z0-9_\-]{20,64}"),
    ("atatt3", r"ATATT3[A-Za-z0-9_\-=]{50,250}"),  # Atlassian
    ("eaaa", r"EAAA[A-Za-z0-9_\-]{50,100}"),  # Square
    ("app_usr-", r"APP_USR-[A-Za-z0-9\-]{30,100}"),  # Mercado Pago
)


def _apart(text: str, start: int, end: int) -> Hit | None:
    """Not the tail of a word such as `task-`."""
    return (start, end, 0.95) if starts_word(text, start) else None


SERVICE_TOKEN = Definition(
    "SECRET",
    tuple(Anchored((anchor,), after=expression, check=_apart) for anchor, expression in _FORMATS),
    restorable=False,
    name="service_token",
)
