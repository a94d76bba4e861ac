"""The published formats of tokens that begin with the name of what they open.

Sources: the documentation of each service on its API keys, and for lengths the rules of the scanners that services
register their formats with (GitHub secret scanning partners, gitleaks). Lengths are lower bounds: services make their
tokens longer over the years, never shorter.
"""

from __future__ import annotations

from typing import NamedTuple

_URL64 = "[A-Za-z0-9_-]"
_LONGEST = 512


class TokenFormat(NamedTuple):
    """A prefix as it is written, ending in a sign, and what follows it as a regular expression."""

    prefix: str
    body: str
    is_common: bool = False
    """The prefix begins names too, so the body has to look drawn at random."""


def _alnum(least: int) -> str:
    return f"[A-Za-z0-9]{{{least},{_LONGEST}}}+"


def _url64(least: int) -> str:
    return f"{_URL64}{{{least},{_LONGEST}}}+={{0,2}}"


def _hex(least: int) -> str:
    return f"[a-fA-F0-9]{{{least},{_LONGEST}}}+"


_CODE_AND_DELIVERY = (
    *(TokenFormat(f"gh{kind}_", _alnum(20)) for kind in "pousr"),  # GitHub
    TokenFormat("github_pat_", "[A-Za-z0-9_]{20,255}+"),
    # GitLab: personal, deploy, runner, pipeline, CI job, feed, mail, agent, SCIM, feature flags, OAuth application.
    *(
        TokenFormat(f"gl{kind}-", _url64(20).replace("_-", "_.-"))
        for kind in ("pat", "dt", "rt", "rtr", "ptt", "cbt", "ft", "imt", "agent", "soat", "ffct")
    ),
    TokenFormat("gloas-", _url64(20)),
    TokenFormat("npm_", _alnum(36)),
    TokenFormat("pypi-", _url64(50)),
    TokenFormat("rubygems_", _hex(48)),
    TokenFormat("dckr_pat_", _url64(20)),
    TokenFormat("dckr_oat_", _url64(20)),
    TokenFormat("bkua_", _hex(40)),  # Buildkite
    TokenFormat("CCIPAT_", "[A-Za-z0-9]{22,32}_[a-f0-9]{40}"),  # CircleCI
    TokenFormat("CLOJARS_", "[a-f0-9]{60,}+"),
    TokenFormat("pul-", _hex(40)),  # Pulumi
    TokenFormat("sgp_", "(?:[A-Za-z0-9]{8,20}_)?[a-fA-F0-9]{40,128}+"),  # Sourcegraph
    TokenFormat("figd_", _url64(38)),  # Figma
    TokenFormat("PMAK-", "[a-f0-9]{24}-[a-f0-9]{34}"),  # Postman
    TokenFormat("CFPAT-", _url64(40)),  # Contentful
)
_CLOUD_AND_PLATFORM = (
    *(TokenFormat(f"do{kind}_v1_", _hex(64)) for kind in "opr"),  # DigitalOcean
    TokenFormat("ya29.", r"[A-Za-z0-9_.-]{20,1024}+"),  # Google OAuth access token
    TokenFormat("GOCSPX-", _url64(20)),  # Google OAuth client secret
    TokenFormat("sha256~", _url64(43)),  # OpenShift
    *(TokenFormat(f"hv{kind}.", _url64(24)) for kind in "sbr"),  # HashiCorp Vault 1.10 and later
    TokenFormat("s.", r"[A-Za-z0-9]{24}(?![A-Za-z0-9_-]|\.[A-Za-z0-9])", is_common=True),  # before 1.10
    TokenFormat("tskey-", r"(?:auth|api|client|scim|webhook)-[A-Za-z0-9-]{16,120}+"),  # Tailscale
    TokenFormat("fo1_", _url64(40)),  # Fly.io
    *(TokenFormat(f"fm{number}_", r"[A-Za-z0-9+/_-]{60,}+={0,3}") for number in "12"),
    *(TokenFormat(f"nf{kind}_", _alnum(36)) for kind in "pcobu"),  # Netlify
    *(TokenFormat(f"vc{kind}_", _alnum(24)) for kind in "piark"),  # Vercel
    TokenFormat("HRKU-", _url64(36)),  # Heroku
    TokenFormat("rnd_", _alnum(28)),  # Render
    TokenFormat("sbp_", _hex(40)),  # Supabase
    TokenFormat("sb_secret_", _url64(20)),
    *(TokenFormat(f"pscale_{kind}_", _url64(32).replace("_-", "_.=-")) for kind in ("tkn", "pw", "oauth")),
    TokenFormat("mdb_sa_sk_", _url64(40)),  # MongoDB Atlas
    *(TokenFormat(f"dp.{kind}.", r"(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}+") for kind in ("pt", "ct", "sa", "scim")),
    TokenFormat("dp.st.", r"(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}+"),  # Doppler
    TokenFormat("dp.audit.", _alnum(40)),
    TokenFormat("ops_", "eyJ[A-Za-z0-9+/_-]{40,4096}+={0,3}"),  # 1Password service account
    *(TokenFormat(f"cf{kind}_", _alnum(40)) for kind in ("ut", "at")),  # Cloudflare user, account
    TokenFormat("fio-u-", _url64(60)),
    TokenFormat("local.", r"[A-Za-z0-9_-]{60,4096}+(?:\.[A-Za-z0-9_-]{1,512}+)?", is_common=True),  # PASETO v1-v4
)
_MODELS = (
    # OpenAI, Anthropic (ant), OpenRouter (or), Langfuse (lf), DeepSeek, LiteLLM and their like.
    TokenFormat("sk-", r"(?:[A-Za-z0-9]{2,12}-){0,3}[A-Za-z0-9_-]{20,250}+={0,2}", is_common=True),
    TokenFormat("hf_", _alnum(30)),  # Hugging Face
    TokenFormat("api_org_", _alnum(30)),
    TokenFormat("nvapi-", _url64(40)),  # NVIDIA
    TokenFormat("gsk_", _alnum(40)),  # Groq
    TokenFormat("csk-", _alnum(40)),  # Cerebras
    TokenFormat("r8_", _alnum(30)),  # Replicate
    TokenFormat("pplx-", _alnum(40)),  # Perplexity
    TokenFormat("xai-", _alnum(60)),
    TokenFormat("tgp_v1_", _url64(40)),  # Together
    TokenFormat("fw_", _alnum(20), is_common=True),  # Fireworks
    TokenFormat("pa-", _url64(40), is_common=True),  # Voyage
    TokenFormat("jina_", _alnum(40)),
    TokenFormat("tvly-", r"(?:dev-|prod-)?[A-Za-z0-9-]{20,}+"),  # Tavily
    TokenFormat("fc-", _hex(32)),  # Firecrawl
    TokenFormat("rpa_", _alnum(36)),  # RunPod
    TokenFormat("ak-", _alnum(20), is_common=True),  # Modal
    TokenFormat("as-", _alnum(20), is_common=True),
    *(TokenFormat(f"lsv2_{kind}_", _alnum(20) + "(?:_[A-Za-z0-9]{4,64}+)?") for kind in ("pt", "sk")),  # LangSmith
    TokenFormat("ls__", _alnum(32)),
    TokenFormat("lsv1_", _alnum(32)),
    TokenFormat("wandb_v1_", "[A-Za-z0-9_]{40,}+"),  # Weights & Biases
    TokenFormat("pcsk_", "[A-Za-z0-9]{4,12}_[A-Za-z0-9]{40,}+"),  # Pinecone
    TokenFormat("KGAT_", _hex(32)),  # Kaggle
    *(TokenFormat(f"pn{kind}_", _alnum(32)) for kind in "ubs"),  # Prefect
    *(TokenFormat(f"dbt{kind}_", _url64(24)) for kind in "cus"),  # dbt
    TokenFormat("phx_", _url64(40)),  # PostHog personal
    TokenFormat("esecret_", _alnum(20)),  # Anyscale
    TokenFormat("ntn_", _alnum(40)),  # Notion
    TokenFormat("secret_", "[A-Za-z0-9]{43}(?![A-Za-z0-9])"),
    TokenFormat("lin_api_", _alnum(32)),  # Linear
    TokenFormat("lin_oauth_", _alnum(32)),
)
_PAYMENTS = (
    *(
        TokenFormat(f"{kind}_{mode}_", _alnum(10)) for kind in ("sk", "rk") for mode in ("live", "test", "prod")
    ),  # Stripe
    TokenFormat("whsec_", r"[A-Za-z0-9+/_-]{16,120}+={0,2}"),
    TokenFormat("sk_org_", "(?:live_|test_)?[A-Za-z0-9]{10,}+"),
    *(TokenFormat(f"rzp_{mode}_", "[A-Za-z0-9]{14,64}+") for mode in ("live", "test")),  # Razorpay
    TokenFormat("FLWSECK-", r"[A-Za-z0-9]{12,64}-[A-Za-z0-9-]{1,16}"),  # Flutterwave
    TokenFormat("FLWSECK_TEST-", r"[A-Za-z0-9-]{12,80}+"),
    TokenFormat("APP_USR-", r"[A-Za-z0-9-]{30,120}+"),  # Mercado Pago
    TokenFormat("TEST-", r"[0-9]{10,20}-[0-9]{6}-[a-f0-9]{32}(?:-[0-9]{4,12})?"),
    TokenFormat("sq0csp-", _url64(40)),  # Square
    TokenFormat("sq0atp-", _url64(22)),
    TokenFormat("sandbox-sq0csb-", _url64(40)),
    TokenFormat("access-sandbox-", "[a-f0-9]{8}-[a-f0-9-]{27}"),  # Plaid
    TokenFormat("access-production-", "[a-f0-9]{8}-[a-f0-9-]{27}"),
    *(TokenFormat(f"duffel_{mode}_", _url64(40)) for mode in ("live", "test")),
    *(TokenFormat(f"shippo_{mode}_", _hex(40)) for mode in ("live", "test")),
    *(TokenFormat(f"shp{kind}_", _hex(32)) for kind in ("at", "ca", "pa", "ss", "rt", "ua")),  # Shopify
    *(TokenFormat(f"ak_{mode}_", _alnum(24)) for mode in ("live", "test")),  # Pagar.me
    *(TokenFormat(f"key_{mode}_", _alnum(16)) for mode in ("live", "test")),  # Conekta and others
    *(TokenFormat(f"xnd_{mode}_", _url64(30)) for mode in ("development", "production")),  # Xendit
    *(TokenFormat(f"{side}server-", _url64(20)) for side in ("SB-Mid-", "Mid-")),  # Midtrans
    *(TokenFormat(f"skey_{mode}_", _alnum(16)) for mode in ("live", "test", "prod")),  # Omise
)
_MESSAGES_AND_WATCHING = (
    # Slack: bot, user, app, refresh, legacy.
    *(TokenFormat(f"xox{kind}-", r"[A-Za-z0-9-]{10,250}+") for kind in "abcdeoprs"),
    TokenFormat("xapp-", r"[0-9]-[A-Za-z0-9-]{10,250}+"),
    TokenFormat("xwfp-", r"[A-Za-z0-9-]{10,250}+"),
    TokenFormat("SG.", r"[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,64}+"),  # SendGrid
    TokenFormat("key-", "[a-f0-9]{32}(?![A-Za-z0-9])"),  # Mailgun
    TokenFormat("xkeysib-", "[a-f0-9]{64}-[A-Za-z0-9]{16}"),  # Brevo
    TokenFormat("xsmtpsib-", "[a-f0-9]{64}-[A-Za-z0-9]{16}"),
    TokenFormat("re_", "[A-Za-z0-9]{6,12}_[A-Za-z0-9]{20,32}+", is_common=True),  # Resend
    TokenFormat("glc_", r"[A-Za-z0-9+/_-]{32,512}+={0,2}"),  # Grafana Cloud
    TokenFormat("glsa_", "[A-Za-z0-9]{32}_[a-fA-F0-9]{8}"),
    TokenFormat("NRAK-", _alnum(20)),  # New Relic
    TokenFormat("NRJS-", _hex(19)),
    TokenFormat("NRII-", _url64(32)),
    *(TokenFormat(f"sntry{kind}_", r"[A-Za-z0-9+/=_-]{40,512}+") for kind in "sua"),  # Sentry
    TokenFormat("dt0c01.", r"[A-Z0-9]{24}\.[A-Z0-9]{64}"),  # Dynatrace
    TokenFormat("dt0s01.", r"[A-Z0-9]{8,24}\.[A-Z0-9]{64}"),
    *(TokenFormat(f"hca{kind}_", _alnum(22)) for kind in "ie"),  # Honeycomb
    TokenFormat("tfp_", r"[A-Za-z0-9_.-]{40,}+"),  # Typeform
    TokenFormat("rdme_", _alnum(60)),
    TokenFormat("pat-", r"(?:na|eu)[0-9]-[a-f0-9-]{36}"),  # HubSpot
)
TOKEN_FORMATS: tuple[TokenFormat, ...] = (
    *_CODE_AND_DELIVERY,
    *_CLOUD_AND_PLATFORM,
    *_MODELS,
    *_PAYMENTS,
    *_MESSAGES_AND_WATCHING,
)
