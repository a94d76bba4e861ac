"""LiteLLM neither reaches out at import nor tells anybody what was asked."""

from __future__ import annotations

import logging
import ssl
import subprocess
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from opswarden.agents.model.lazy_litellm import load_litellm
from opswarden.agents.model.litellm_transport import LiteLLMTransport
from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import ConfigError, ModelError
from opswarden.policies.types import Endpoint, ModelReply, ModelRequest
from opswarden.tests.doubles.openai_server import Fail, OpenAIServer, Raw, Reset, Step, Text, Truncated

CANARY = "canary-4f1d-in-the-prompt"
KEY = "sk-canary-key-77aa"

IMPORTS_IN_SILENCE = """
import socket, sys, os, warnings

def forbidden(*args, **kwargs):
    sys.stderr.write("network\\n")
    os._exit(9)

socket.socket.connect = forbidden
socket.socket.connect_ex = forbidden
socket.getaddrinfo = forbidden
os.environ["LITELLM_LOG"] = "DEBUG"
os.environ["OPENAI_LOG"] = "debug"
import opswarden.agents.model.litellm_transport
import opswarden.agents.model.endpoints
assert "litellm" not in sys.modules, "a transport is imported without LiteLLM"
assert "httpx" not in sys.modules
from opswarden.agents.model.lazy_litellm import load_litellm
litellm = load_litellm()
assert "PLANTED" not in os.environ, "a .env was read"
assert litellm.suppress_debug_info and litellm.turn_off_message_logging and not litellm.drop_params
for name in ("callbacks", "success_callback", "failure_callback", "input_callback", "service_callback"):
    assert getattr(litellm, name) == [], name
assert "mcp" not in sys.modules
print("quiet")
"""


def test_nothing_is_fetched_read_or_printed_at_import(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PLANTED=1\nOPENAI_BASE_URL=http://attacker.example/v1\n")
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", IMPORTS_IN_SILENCE],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "quiet\n", "")


@pytest.fixture
def everything_logged() -> Iterator[list[str]]:
    """All records of all loggers, at the lowest level, as a careless operator may switch it on."""
    told: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(self.format(record))

    listener = Listener(logging.NOTSET)
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.NOTSET)
    root.addHandler(listener)
    yield told
    root.removeHandler(listener)
    root.setLevel(before)


STEPS: list[Step] = [
    Text("fine"),
    Fail(400, f"you sent {CANARY} with {KEY}"),
    Fail(429, CANARY),
    Fail(500, CANARY),
    Fail(401, f"wrong key {KEY}"),
    Raw(f'{{"oops": "{CANARY}"}}'.encode()),
    Raw(CANARY.encode(), "text/html"),
    Truncated(CANARY),
    Reset(),
]


@pytest.mark.parametrize("provider", ["openai", "hosted_vllm"])
@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{type(step).__name__} {getattr(step, 'status', '')}")
@pytest.mark.parametrize("way", ["whole", "streamed"])
def test_neither_prompt_nor_key_nor_address_get_out_by_another_way(
    server: OpenAIServer,
    deadline: Deadline,
    everything_logged: list[str],
    capfd: pytest.CaptureFixture[str],
    provider: str,
    step: Step,
    way: str,
) -> None:
    server.api_key = KEY
    server.script(step)
    transport = LiteLLMTransport(
        Endpoint("main", f"{provider}/small"),
        api_key=SecretStr(KEY),
        base_url=server.url,
        retries=0,
        clock=SystemClock(),
        jitter=lambda: 0.0,
    )
    request = ModelRequest(({"role": "user", "content": CANARY},))
    told = ""
    caught: ModelError | None = None
    try:
        if way == "whole":
            transport.complete(request, deadline)
        else:
            for item in transport.stream(request, deadline):
                assert isinstance(item, str | ModelReply)
    except ModelError as error:
        caught = error
    finally:
        transport.close()
    if caught is not None:
        told = "".join(traceback.format_exception(caught)) + repr(caught) + caught.remedy
        assert (caught.__cause__, caught.__context__) == (None, None)
    # The request itself did carry both, so their absence elsewhere means something.
    assert CANARY.encode() in server.everything_received()
    assert KEY.encode() in server.everything_received()
    out, err = capfd.readouterr()
    for place in (told, "\n".join(everything_logged), out, err):
        assert CANARY not in place
        assert KEY not in place
        assert server.url not in place


def test_a_later_change_of_levels_by_the_library_is_not_needed_for_silence() -> None:
    load_litellm()
    for name in ("LiteLLM", "openai", "httpx", "httpcore"):
        logger = logging.getLogger(name)
        assert not logger.isEnabledFor(logging.CRITICAL)
        assert not logger.propagate


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of nobody's public trust for 127.0.0.1, and a server's context that uses it."""
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "private CA of a test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    ca_file, key_file = folder / "ca.pem", folder / "key.pem"
    ca_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca_file, key_file)
    return ca_file, context


@pytest.mark.parametrize("provider", ["openai", "hosted_vllm"])
def test_a_private_ca_is_trusted_where_it_is_declared_and_nowhere_else(
    tmp_path: Path, deadline: Deadline, provider: str
) -> None:
    ca_file, context = certificate(tmp_path)
    request = ModelRequest(({"role": "user", "content": "go"},))
    with OpenAIServer(Text("over TLS"), tls=context) as server:

        def answer(trusted: Path | None) -> str:
            transport = LiteLLMTransport(
                Endpoint("main", f"{provider}/small"),
                api_key=SecretStr("test-key"),
                base_url=server.url,
                ca_file=trusted,
                retries=0,
                clock=SystemClock(),
                jitter=lambda: 0.0,
            )
            try:
                return transport.complete(request, deadline).text
            finally:
                transport.close()

        with pytest.raises(ModelError, match="endpoint 'main'"):
            answer(None)
        assert server.captured == []
        assert answer(ca_file) == "over TLS"


@pytest.mark.parametrize(("model", "base_url"), [("anthropic/claude", "https://127.0.0.1/v1"), ("openai/gpt-4o", None)])
def test_a_ca_file_that_could_not_be_honoured_is_refused(tmp_path: Path, model: str, base_url: str | None) -> None:
    ca_file, _ = certificate(tmp_path)
    with pytest.raises(ConfigError, match="a CA file needs a `base_url`"):
        LiteLLMTransport(
            Endpoint("main", model), base_url=base_url, ca_file=ca_file, clock=SystemClock(), jitter=lambda: 0.0
        )
