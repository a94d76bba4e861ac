"""Secrets of a known shape, in every dress, under keys nobody has heard of: not four characters of them come out.

The values are drawn from a fixed seed and put together here, so that no scanner takes them for real ones.
"""

from __future__ import annotations

import base64
import json
import random
import string
import time
from collections.abc import Callable
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest

from opswarden.redaction.engine import Redaction
from opswarden.redaction.recognizers.built_in import BUILT_IN
from opswarden.redaction.scanning.scan import Scan, Work

BASE62 = string.ascii_letters + string.digits
URL64 = BASE62 + "-_"
BASE64 = BASE62 + "+/"
HEX = "0123456789abcdef"
BASE32 = string.ascii_uppercase + "234567"
SEED = 20261129


def _draw(rng: random.Random, alphabet: str, length: int) -> str:
    """Random, with a digit, a capital and a small letter in it where the alphabet has them, a letter at both ends."""
    kinds = [
        kind for kind in (string.digits, string.ascii_uppercase, string.ascii_lowercase) if set(kind) & set(alphabet)
    ]
    while True:
        drawn = "".join(rng.choice(alphabet) for _ in range(length))
        if drawn[0].isalnum() and drawn[-1].isalnum() and all(set(kind) & set(drawn) for kind in kinds):
            return drawn


def _shape(*parts: str | tuple[str, int]) -> Callable[[random.Random], str]:
    """A secret from fixed texts and stretches to draw."""
    return lambda rng: "".join(part if isinstance(part, str) else _draw(rng, *part) for part in parts)


SHAPES: dict[str, Callable[[random.Random], str]] = {
    "AWS access key": _shape("AK" + "IA", (BASE32, 16)),
    "AWS temporary key": _shape("AS" + "IA", (BASE32, 16)),
    "AWS session token": _shape("IQoJb3JpZ2lu" + "X2Vj", (BASE64, 300), "=="),
    "Bedrock key": _shape("AB" + "SK", (BASE62, 100)),
    "Google API key": _shape("AI" + "za", (URL64, 35)),
    "Google access token": _shape("ya" + "29.a0", (URL64, 160)),
    "Google client secret": _shape("GOC" + "SPX-", (URL64, 28)),
    "Google refresh token": _shape("1/" + "/0", (URL64, 90)),
    "Azure storage key": _shape((BASE64, 76), "+A" + "St", (BASE62, 6), "=="),
    "Azure older key": _shape((BASE64, 86), "=="),
    "Azure bus key": _shape((BASE64, 33), "+A" + "Sb", (BASE62, 7), "="),
    "Azure annotated key": _shape((BASE62, 52), "JQQ" + "J99", (BASE62, 26)),
    "Azure client secret": _shape((BASE62, 3), "8Q" + "~", (URL64, 34)),
    "Azure DevOps token": _shape((BASE62, 76), "AZ" + "DO", (BASE62, 4)),
    "GitHub token": _shape("gh" + "p_", (BASE62, 36)),
    "GitHub server token": _shape("gh" + "s_", (BASE62, 36)),
    "GitHub fine token": _shape("github" + "_pat_", (BASE62, 22), "_", (BASE62, 59)),
    "GitLab token": _shape("gl" + "pat-", (URL64, 20)),
    "GitLab pipeline": _shape("gl" + "ptt-", (HEX, 40)),
    "Bitbucket password": _shape("AT" + "BB", (BASE62, 32)),
    "Slack bot": _shape("xo" + "xb-", (string.digits, 12), "-", (string.digits, 13), "-", (BASE62, 24)),
    "Slack app": _shape("xa" + "pp-1-A0", (string.ascii_uppercase, 9), "-", (string.digits, 13), "-", (HEX, 64)),
    "Discord bot": _shape("MT", (BASE62, 24), ".", (URL64, 6), ".", (URL64, 38)),
    "Telegram bot": _shape((string.digits, 10), ":" + "AA", (URL64, 33)),
    "Twilio key": _shape("S" + "K", (HEX, 32)),
    "SendGrid key": _shape("S" + "G.", (URL64, 22), ".", (URL64, 43)),
    "Mailgun key": _shape("ke" + "y-", (HEX, 32)),
    "Mailchimp key": _shape((HEX, 32), "-u" + "s12"),
    "Brevo key": _shape("xkey" + "sib-", (HEX, 64), "-", (BASE62, 16)),
    "Stripe key": _shape("sk" + "_live_", (BASE62, 24)),
    "Stripe restricted key": _shape("rk" + "_test_", (BASE62, 99)),
    "Stripe webhook": _shape("wh" + "sec_", (BASE62, 32)),
    "Adyen key": _shape("AQ" + "EyhmfxK", (BASE62, 90)),
    "Braintree token": _shape("access" + "_token$production$", (HEX, 16), "$", (HEX, 32)),
    "Square token": _shape("EA" + "AA", (URL64, 60)),
    "Square secret": _shape("sq0" + "csp-", (URL64, 43)),
    "Razorpay key": _shape("rzp" + "_live_", (BASE62, 14)),
    "Flutterwave key": _shape("FLW" + "SECK-", (HEX, 32), "-X"),
    "Mercado Pago": _shape(
        "APP" + "_USR-", (string.digits, 16), "-", (string.digits, 6), "-", (HEX, 32), "-", (string.digits, 9)
    ),
    "Xendit key": _shape("xnd" + "_production_", (BASE62, 56)),
    "Shopify token": _shape("sh" + "pat_", (HEX, 32)),
    "OpenAI key": _shape("s" + "k-", (BASE62, 48)),
    "OpenAI project key": _shape("s" + "k-proj-", (URL64, 120)),
    "Anthropic key": _shape("s" + "k-ant-api03-", (URL64, 93), "AA"),
    "Hugging Face": _shape("h" + "f_", (BASE62, 34)),
    "NVIDIA": _shape("nv" + "api-", (URL64, 64)),
    "Groq": _shape("gs" + "k_", (BASE62, 52)),
    "Replicate": _shape("r" + "8_", (BASE62, 37)),
    "Perplexity": _shape("pp" + "lx-", (BASE62, 48)),
    "Together": _shape("tg" + "p_v1_", (URL64, 43)),
    "LangSmith": _shape("ls" + "v2_pt_", (HEX, 32), "_", (HEX, 10)),
    "Weights & Biases": _shape("wan" + "db_v1_", (BASE62, 27), "_", (BASE62, 49)),
    "Pinecone": _shape("pc" + "sk_", (BASE62, 6), "_", (BASE62, 63)),
    "Databricks": _shape("da" + "pi", (HEX, 32)),
    "Prefect": _shape("pn" + "u_", (BASE62, 36)),
    "dbt": _shape("db" + "tc_", (URL64, 40)),
    "Docker": _shape("dc" + "kr_pat_", (URL64, 27)),
    "npm": _shape("np" + "m_", (BASE62, 36)),
    "PyPI": _shape("py" + "pi-AgEIcHlwaS5vcmc", (URL64, 120)),
    "RubyGems": _shape("ruby" + "gems_", (HEX, 48)),
    "Terraform Cloud": _shape((BASE62, 14), ".atlas" + "v1.", (URL64, 67)),
    "Vault service token": _shape("hv" + "s.", (URL64, 90)),
    "Vault batch token": _shape("hv" + "b.", (URL64, 120)),
    "Vault older token": _shape("s" + ".", (BASE62, 24)),
    "OpenShift token": _shape("sha256" + "~", (URL64, 43)),
    "Grafana service account": _shape("gl" + "sa_", (BASE62, 32), "_", (HEX, 8)),
    "Grafana Cloud": _shape("gl" + "c_", (BASE62, 60)),
    "New Relic": _shape("NR" + "AK-", (string.ascii_uppercase + string.digits, 27)),
    "Sentry": _shape("sntr" + "yu_", (HEX, 64)),
    "Dynatrace": _shape("dt0" + "c01.", (BASE32, 24), ".", (BASE32, 64)),
    "Atlassian": _shape("ATA" + "TT3xFfGF0", (URL64, 170), "=" + "0A1B2C3D"),
    "Linear": _shape("lin" + "_api_", (BASE62, 40)),
    "Notion": _shape("nt" + "n_", (BASE62, 46)),
    "Heroku": _shape("HR" + "KU-AA", (URL64, 58)),
    "Netlify": _shape("nf" + "p_", (BASE62, 36)),
    "Cloudflare": _shape("cf" + "ut_", (BASE62, 48)),
    "DigitalOcean": _shape("do" + "p_v1_", (HEX, 64)),
    "Pulumi": _shape("pu" + "l-", (HEX, 40)),
    "age": _shape("AGE-SECRET" + "-KEY-1", (BASE32, 58)),
    "JWT": _shape("ey" + "JhbGciOiJIUzI1NiJ9.", "ey" + "JzdWIiOi", (URL64, 60), ".", (URL64, 43)),
    "bcrypt": _shape("$2" + "b$12$", (BASE62, 53)),
    "argon2": _shape("$argon2" + "id$v=19$m=65536,t=3,p=4$", (BASE62, 22), "$", (BASE62, 43)),
    "shadow": _shape("$6" + "$", (BASE62, 16), "$", (BASE62, 86)),
    "AWS secret key": _shape((BASE64, 40)),
}
WRAPPINGS: dict[str, Callable[[str], str]] = {
    "alone": lambda value: value,
    "in a sentence": lambda value: f"worker 7 said {value} and stopped",
    "at the end of a sentence": lambda value: f"we found {value}.",
    "quoted": lambda value: f"got '{value}' from upstream",
    "backquoted": lambda value: f"got `{value}` from upstream",
    "in brackets": lambda value: f"args=[{value}] ({value})",
    "logfmt": lambda value: f"ts=1 zeta={value} took=41ms",
    "after a comma": lambda value: f"a,{value},b",
    "JSON": lambda value: json.dumps({"blorp": value, "n": 1}),
    "JSON in JSON": lambda value: json.dumps({"message": json.dumps({"blorp": value, "n": 1})}),
    "JSON list": lambda value: json.dumps({"blorps": ["x", value]}),
    "YAML": lambda value: f"frob:\n  blorp: {value}\n  n: 1\n",
    "YAML list": lambda value: f"frob:\n  - {value}\n  - b\n",
    "shell": lambda value: f"export XQ_ZETA={value}; ./run",
    "shell argument": lambda value: f"./run --zeta {value} --n 1",
    "query": lambda value: f"GET /v1/x?zeta={quote(value, safe='')}&n=1 HTTP/1.1",
    "path": lambda value: f"https://api.example.com/v1/hook/{quote(value, safe='$:~')}",
    "header": lambda value: f"X-Zeta: {value}\r\nHost: example.com\r\n",
    "escaped line breaks": lambda value: f"first\\n{value}\\nlast",
    "escaped tab": lambda value: f"first\\t{value}\\tlast",
    "XML": lambda value: f"<zeta>{value}</zeta>",
    "CSV": lambda value: f'7;"{value}";ok',
    "SQL": lambda value: f"INSERT INTO frobs VALUES (7, '{value}')",
    "Python repr": lambda value: f"Frob(zeta={value!r}, n=1)",
    "traceback": lambda value: f'  File "/app/x.py", line 7, in f\n    frob("{value}")\nValueError: {value}',
    "under a bar": lambda value: f"7|{value}|ok",
    "base64": lambda value: base64.b64encode(f"the zeta is {value}".encode()).decode(),
}
STRETCH = 4


def _leaks(secret: str, fixed: str, cleaned: str) -> list[str]:
    """Stretches of a secret that came out though the text around it does not hold them."""
    cleaned = cleaned.replace("<SECRET>", "\n")
    stretches = {secret[at : at + STRETCH] for at in range(len(secret) - STRETCH + 1)}
    return sorted(stretch for stretch in stretches if stretch in cleaned and stretch not in fixed)


@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_nothing_survives(
    redaction: Redaction, shape: Callable[[random.Random], str], wrap: Callable[[str], str]
) -> None:
    rng = random.Random(f"{SEED}{sorted(SHAPES, key=lambda name: SHAPES[name] is not shape)[0]}")
    for _ in range(3):
        secret = shape(rng)
        assert _leaks(secret, wrap(""), redaction.scrub(wrap(secret))) == []


PASSWORDS = (
    "hunter2!@#$%^&*x",
    "hunt@er/2:wx",
    "hun\"ter'2wx",
    "hunter2wx==",
    "hun;ter,2wx",
    "{hunter2wx}",
    "hun\\kter2wx",
    "hunter 2wxy z",
    "héllo-пароль9",
    "hun`ter2wx",
    "hun<ter>2wx",
    "$hunter2wx",
    "#hunter|2wx",
    "%41hunter2wx",
)
FRAMES: dict[str, tuple[Callable[[str], str], str]] = {
    "JSON": (lambda word: json.dumps({"password": word, "user": "app"}), '{"password": "<SECRET>", "user": "app"}'),
    "JSON in JSON": (
        lambda word: json.dumps({"m": json.dumps({"password": word, "n": 1})}),
        r'{"m": "{\"password\": \"<SECRET>\", \"n\": 1}"}',
    ),
    "logfmt in quotes": (lambda word: f"password={json.dumps(word)} n=1", 'password="<SECRET>" n=1'),
    "a query": (lambda word: f"/x?password={quote(word, safe='')}&n=1", "/x?password=<SECRET>&n=1"),
    "a line of YAML": (lambda word: f"password: {word}\nn: 1", "password: <SECRET>\nn: 1"),
    "ADO.NET": (lambda word: f"Server=db;Password={word.replace(';', '')};N=1", "Server=db;Password=<SECRET>;N=1"),
    "XML": (lambda word: f"<password>{escape(word)}</password><n>1</n>", "<password><SECRET></password><n>1</n>"),
    "a flag in quotes": (lambda word: f"run --password={json.dumps(word)} --n 1", 'run --password="<SECRET>" --n 1'),
}


@pytest.mark.parametrize(("frame", "left"), FRAMES.values(), ids=FRAMES)
@pytest.mark.parametrize("word", PASSWORDS)
def test_nothing_but_the_mark_stays_between_key_and_next_field(
    redaction: Redaction, word: str, frame: Callable[[str], str], left: str
) -> None:
    assert redaction.scrub(frame(word)) == left


BARE = [word for word in PASSWORDS if not set(word) & set(" `\"'")]


@pytest.mark.parametrize("word", BARE)
@pytest.mark.parametrize(
    ("frame", "left"),
    [
        ("password={} n=1", "password=<SECRET> n=1"),
        ("run --password {} --n 1", "run --password <SECRET> --n 1"),
        ("amqp://app:{}@mq:5672/v", "amqp://<SECRET>"),
        ("curl -u app:{} https://h.internal/x", "curl -u <SECRET> https://h.internal/x"),
    ],
)
def test_nothing_stays_without_quotes(redaction: Redaction, word: str, frame: str, left: str) -> None:
    cleaned = redaction.scrub(frame.format(word))
    assert cleaned.startswith(left) or cleaned.replace("}", "") == left  # what closes a bracket may close another
    assert _leaks(word, frame.format(""), cleaned) == []


# What operations texts are full of and what only looks like a secret or talks of one.
LOOK_ALIKES = (
    "arn:aws:ecs:eu-west-1:123456789012:task/Cluster/0f4ea654a16448269447f586e1266188",
    "https://docs.example.com/document/d/1Qv7ZkTm0bXwRr4nUe9LhYc2DsAoJf6g_Pi8K-W3-NVE/edit",
    "https://git.example.com/platform/runbooks/blob/main/v2/pages/queueSlowAckDurations.md",
    'curl -k -H "Authorization: Bearer $(oc create token prometheus)" https://h',
    'curl -k -H "Authorization: Bearer $token" https://h',
    "Mountable secrets: scorer-batch-dockercfg-9qk4t",
    "--docker-password=<password>\nthen go on\n- **Review** <none>",
    '"identitySafePasswords": {\n  "summary": "x"}',
    "Executing with tokens:,E42,done",
    "Token expired",
    "api key missing",
    "bearer token required",
    "secret/my-secret mounted",
    "PRIMARY KEY (id)",
    "sort key=customer_id#2026",
    "token_count=4096 key_id=ab12cd34ef primary_key=id partition_key=customer_9f3kQ2xLm8RtY4vBz1",
    "cache_key=9fQ2xLm8RtY4vBz1aaaa max_tokens=4096 secret_name=payments-db token_type=Bearer",
    "GET user:1234:session redis key=user:9f3kQ2:cart",
    "kafka record key=ord_9fQ2xLm8RtY4vBz1 partition=3",
    "Authorization header missing; Cookie header too large; set-cookie dropped",
    'password authentication failed for user "app"',
    "Failed password for invalid user webmaster from 173.234.31.186 port 38926 ssh2",
    "public_key=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 token=unknown",
    'pull secret "regcred" not found; imagePullSecrets: [regcred]',
    'Error: secret "payments-db" not found',
    "envFrom secretRef name: payments-db",
    "valueFrom: secretKeyRef: name: db key: password",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl app@host",
    "SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDQwp5xBgZ0fGnGGzI fingerprint",
    'unexpected token: IDENTIFIER near "FROM"',
    "SyntaxError: Unexpected token } in JSON at position 42",
    "org.apache.hadoop.yarn.security.AMRMTokenSecretManager: Rolling master-key for amrm-tokens",
    "at com.example.auth.TokenAuthenticationFilter.doFilterInternal(TokenAuthenticationFilter.java:118)",
    "tokenizer=bert-base-uncased vocab_size=30522 pad_token=[PAD] eos_token=</s> unk_token=<unk>",
    "x-request-id: 6f9619ff-8b86-d011-b42d-00c04fc964ff x-amz-request-id: 4442587FB7D0A2F9 x-amz-id-2: eftixk72aD6Ap51TnqcoF8eFidJG9Z/2mkiDFu8yU9AS1ed4OpIszj7UDNEHGran",  # noqa: E501 - as long as it is
    "Idempotency-Key: 8e03978e-40d5-43e8-bc93-6894a57f9324",
    'etag: "33a64df551425fcc55e4d42a148795d9f25f89d4"',
    "integrity sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "session opened for user root by (uid=0) session closed sessionid:0x14f05578bd80006",
    'key: value pairs; foreign key constraint "fk_orders_customer" violates',
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf",
    "secret: arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf",
    "pod secret-rotator-7d9f8b6c5d-x2x9z token-refresher-6bb9c7d4f-8xk2p key-service-0",
    'metrics auth_requests_total{method="password"} 12 token_bucket_size=100 password_reset_total 3',
    "certificate serial 04:8B:3C:2A:9F thumbprint=33A64DF551425FCC55E4D42A148795D9F25F89D4",
    "job_name=rotate-secret-keys-28934400 checksum/secret: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",  # noqa: E501 - as long as it is
    "api_key_id=ak_9f3 auth=ok auth_method=password auth: ldap key=12",
    "the key is customer_id and the token is expired",
    "pass=12 fail=0 pass: true test_pass=3/4 pwd=/home/app",
    "feature_key=avg_amount_7d metric_key=latency_p99 label key app.kubernetes.io/name",
    "dbt run --select tag:nightly --vars key:val",
    "model token usage prompt=812 completion=97 tokens: 909",
    "aws s3 cp s3://bucket/key/part-00000-3f2b8c1e-7d4a-4f0e-9a1b-2c3d4e5f6a7b-c000.snappy.parquet",
    "JWT validation failed: token is expired by 5m",
    "otp service up, otp_attempts=3 otp verification failed 3 times code=1234",
    "login page; password must be 12 characters; please rotate secret",
    "cookie policy accepted; cookies: 3",
    "std::map<Key, Value>::at key not found",
    "KeyError: 'api_key'",
    "KeyError: 'customer_9f3kQ2xLm8RtY4vBz1'",
    'os.environ["DB_PASSWORD"] not set',
    "vault kv get secret/payments/db failed: permission denied",
    "helm upgrade --set auth.existingSecret=payments-redis --set image.tag=1.2.3",
    "docker run -p 8080:80 -e KEY=value img",
    "mysql -P 3306 -p pay",
    "curl -s -o /dev/null -w %{http_code} http://svc:8080/health",
    "ls -u -p /tmp",
    "kubectl create secret generic db --from-file=password.txt",
    "chave=id clave: orders mot de passe oublié",
    "kid=2026-11-key-1 alg=RS256 jwks_uri=https://idp/keys",
    "attempt_1445144423722_0020_m_000009_0 container_1445144423722_0020_01_000009 blk_-5078186985701364847",
    "ip-10-0-3-17.ec2.internal  gke-prod-pool-1-8f2c7d9f-x2x9 sk-learn-inference-service-7d9f8b6c5d-x2x9z",
    "s.PaymentAuthorizationService11 npm_lifecycle_event hf_transfer_enabled re_rank_model_v2_large key_live_view",
    "src/main/java/com/example/payments/Charge40 abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN",
    "hdfs://nn:8020/user/hive/warehouse/db/table/part=20261123/9fceb02d0ae598e95dc970b74767f19372d61af8",
    "a/b/c.py:118: in verify_token -> InvalidTokenError",
    "requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://api.internal/v1/tokens",
    "botocore.exceptions.NoCredentialsError: Unable to locate credentials",
    "google.auth.exceptions.DefaultCredentialsError: Could not automatically determine credentials",
    'pq: password authentication failed for user "app" (SQLSTATE 28P01)',
    "WRONGPASS invalid username-password pair or user is disabled",
    "kafka SASL authentication failed: Authentication failed: Invalid username or password",
    "ALTER TABLE charges ADD CONSTRAINT pk PRIMARY KEY (id, created_at)",
    "Rolling update: secretRotation=enabled tokenTTL=3600 passwordPolicy=strict keyRotationDays=90",
    "layer sha256:4bf92f3577b34da6a3ce929d0e0e47364bf92f3577b34da6a3ce929d0e0e4736 already exists",
    "wandb: run fraud-v42-7xq2k9 syncing, artifact model-8f2c7d9f:v3",
    "mlflow run 4bf92f3577b34da6a3ce929d0e0e4736 experiment 12 model fraud/42",
    "dagster run 6f9619ff-8b86-d011-b42d-00c04fc964ff step train[3]",
    "ray::TrainWorker.step() pid=4711 actor 1b6d3586a2c74be0d8b10a6701000000",
    "keyspace notifications: __keyevent@0__:expired",
    "key_cache_hits=12 index_key_reads=99 sort_key=created_at#2026-11-23",
    "spark.kubernetes.driver.pod.name=job-8f2c7d9f-driver spark.authenticate=true",
)
SECRETS = Scan([each for each in BUILT_IN if each.entity_type == "SECRET"])


@pytest.mark.parametrize("line", LOOK_ALIKES)
def test_what_only_looks_like_a_secret_stays(line: str) -> None:
    assert SECRETS.find(line, Work(1_000_000)) == []


def test_there_are_many_of_them() -> None:
    assert len(set(LOOK_ALIKES)) >= 60


@pytest.mark.parametrize(
    "unit",
    [
        "ghp_",
        "sk-",
        "s.s.",
        "a@b://c:",
        "://a:b@/",
        "token=key=auth=",
        "xq_secret_=",
        "cookie:",
        "sid=0x",
        "curl -u -b ",
        "mysql -p ",
        "otp ",
        "==",
        ":AA",
        ".abcdef.",
        "$2b$",
        "$6$a$",
        "-----BEGIN PRIVATE KEY-----\n",
        "Private-Lines: 1\n",
        "atlasv1.",
        "login a password ",
        "jdbc:oracle:thin:a/",
        ";Password=a b",
        "Authorization: a b",
        "mat khau: ",
        "a1B2",
    ],
)
def test_no_text_is_slow(unit: str) -> None:
    def cost_s(length: int) -> float:
        text = unit * (length // len(unit))
        start = time.process_time()
        SECRETS.find(text, Work(10_000_000))
        return time.process_time() - start

    cost_s(2_000)
    once, many = (min(cost_s(length) for _ in range(2)) for length in (4_000, 32_000))
    # Linear is 8; the square would be 64. The constant keeps tiny times from deciding.
    assert many < once * 8 * 3 + 0.2
