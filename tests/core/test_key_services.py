"""Key services: one conformance suite over the real protocols, and what each of them refuses."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from opswarden.core.errors import BackendError, ConfigError, OpswardenError
from opswarden.core.https import HttpService
from opswarden.core.key_services.aws_kms import aws_endpoint, aws_region
from opswarden.core.key_services.aws_signature import AwsCredentials, Scope, signed
from opswarden.core.key_services.crc32c import crc32c
from opswarden.core.key_services.credentials import (
    aws_credentials,
    google_metadata_token,
    token_in_file,
    token_in_variable,
)
from opswarden.core.key_services.google_kms import GoogleKms
from opswarden.core.key_services.service import KeyService
from opswarden.tests.core.key_service_peers import AWS_VARIABLES, PEERS, SECRETS, Server, aws, google, vault
from opswarden.tests.doubles import aws_kms_server, google_kms_server
from opswarden.tests.doubles.aws_kms_server import AwsKmsServer
from opswarden.tests.doubles.certificates import self_signed
from opswarden.tests.doubles.google_kms_server import GoogleKmsServer
from opswarden.tests.doubles.key_server import Answer, Asked, KeyServer
from opswarden.tests.doubles.vault_server import VaultServer

CONTEXT = {"application": "opswarden", "installation": "eu"}
OTHER = {"application": "opswarden", "installation": "us"}


@pytest.fixture(params=PEERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def server(name: str) -> Iterator[Server]:
    with PEERS[name].server() as running:
        yield running


@pytest.fixture
def service(name: str, server: Server) -> KeyService:
    return PEERS[name].connect(server.url, 5.0)


def refusal(kind: type[OpswardenError], ask: Callable[[], object]) -> OpswardenError:
    """The error, after a look whether it repeats anything that it must not."""
    with pytest.raises(kind) as caught:
        ask()
    told = f"{caught.value.message} {caught.value.remedy} {caught.value!r}"
    assert not any(secret in told for secret in SECRETS)
    assert "the double says no" not in told
    assert caught.value.remedy
    return caught.value


class TestEveryService:
    def test_a_data_key_comes_back(self, service: KeyService) -> None:
        first, second = service.new_data_key(CONTEXT), service.new_data_key(CONTEXT)
        assert len(first.plain) == 32
        assert first.plain != second.plain
        assert service.unwrap(first.wrapped, CONTEXT) == first.plain
        assert base64.b64encode(first.plain).decode() not in first.wrapped

    def test_it_is_bound_to_its_context(self, service: KeyService) -> None:
        wrapped = service.new_data_key(CONTEXT).wrapped
        for context in (OTHER, {}, {**CONTEXT, "more": "x"}):
            assert "cannot unwrap" in refusal(ConfigError, lambda c=context: service.unwrap(wrapped, c)).message  # type: ignore[misc]

    def test_what_was_altered_does_not_open(self, name: str, service: KeyService) -> None:
        wrapped = service.new_data_key(CONTEXT).wrapped
        front, _, text = wrapped.rpartition(":")
        raw = bytearray(base64.b64decode(text))
        raw[-1] ^= 1
        bent = ":".join(filter(None, (front, base64.b64encode(raw).decode())))
        for each in (bent, "!", ""):
            if name == "aws-kms" and each != bent:
                continue  # KMS itself says what is no base64
            assert "cannot unwrap" in refusal(ConfigError, lambda w=each: service.unwrap(w, CONTEXT)).message  # type: ignore[misc]

    def test_another_key_of_the_same_service_does_not_open_it(self, name: str, service: KeyService) -> None:
        with PEERS[name].server() as elsewhere:
            wrapped = PEERS[name].connect(elsewhere.url, 5.0).new_data_key(CONTEXT).wrapped
        refusal(ConfigError, lambda: service.unwrap(wrapped, CONTEXT))

    def test_after_its_key_was_rotated_the_old_opens_and_can_be_rewrapped(
        self, server: Server, service: KeyService
    ) -> None:
        plain, wrapped = service.new_data_key(CONTEXT)
        server.rotate()
        assert service.unwrap(wrapped, CONTEXT) == plain
        again = service.rewrap(wrapped, CONTEXT)
        assert (server.version_of(wrapped), server.version_of(again)) == (0, 1)
        assert service.unwrap(again, CONTEXT) == plain

    def test_rewrapping_keeps_the_context(self, server: Server, service: KeyService) -> None:
        wrapped = service.new_data_key(CONTEXT).wrapped
        refusal(ConfigError, lambda: service.rewrap(wrapped, OTHER))
        refusal(ConfigError, lambda: service.unwrap(service.rewrap(wrapped, CONTEXT), OTHER))

    def test_a_moment_of_trouble_is_waited_out(self, server: Server, service: KeyService) -> None:
        server.fault = "503-once"
        assert len(service.new_data_key(CONTEXT).plain) == 32
        assert len(server.asked) == 2

    @pytest.mark.parametrize("fault", ["reset", "500", "not-json", "huge"])
    def test_what_stays_broken_is_a_backend_error(self, server: Server, service: KeyService, fault: Any) -> None:
        server.fault = fault
        refusal(BackendError, lambda: service.new_data_key(CONTEXT))

    def test_a_proxys_page_is_a_refusal(self, server: Server, service: KeyService) -> None:
        server.fault = "html"
        refusal(ConfigError, lambda: service.new_data_key(CONTEXT))

    @pytest.mark.parametrize("fault", ["hang", "drip"])
    def test_the_deadline_holds_however_slowly_bytes_come(self, name: str, server: Server, fault: Any) -> None:
        server.fault = fault
        slow = PEERS[name].connect(server.url, 0.4)
        begin = time.monotonic()
        assert "did not answer within 0.4 s" in refusal(BackendError, lambda: slow.new_data_key(CONTEXT)).message
        assert time.monotonic() - begin < 3

    def test_a_service_that_is_down_is_named(self, name: str) -> None:
        with PEERS[name].server() as running:
            url = running.url
        down = PEERS[name].connect(url, 1.0)
        assert down.name in refusal(BackendError, lambda: down.new_data_key(CONTEXT)).message

    def test_no_secret_is_printed(self, service: KeyService) -> None:
        key = service.new_data_key(CONTEXT)
        assert repr(key) == "DataKey(…)"
        assert not any(secret in repr(vars(service)) for secret in SECRETS)


class TestAws:
    # From the published test suite: get-vanilla and post-vanilla.
    @pytest.mark.parametrize(
        ("method", "signature"),
        [
            ("GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            ("POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        ],
    )
    def test_signatures_are_those_of_the_test_suite(self, method: str, signature: str) -> None:
        headers = signed(
            method,
            "example.amazonaws.com",
            {},
            b"",
            by=AwsCredentials(aws_kms_server.ACCESS_KEY, SecretStr(aws_kms_server.SECRET_KEY)),
            scope=Scope("us-east-1", "service"),
            at=datetime(2015, 8, 30, 12, 36, tzinfo=UTC),
        )
        assert headers["Authorization"].endswith(f"SignedHeaders=host;x-amz-date, Signature={signature}")

    def test_the_request_is_the_one_of_the_reference(self) -> None:
        with AwsKmsServer() as server:
            aws(server.url).new_data_key(CONTEXT)
            (asked,) = server.asked
        assert asked.headers["x-amz-target"] == "TrentService.GenerateDataKey"
        body = {"KeyId": aws_kms_server.ARN, "KeySpec": "AES_256", "EncryptionContext": CONTEXT}
        assert json.loads(asked.raw) == body
        assert aws_kms_server.SECRET_KEY.encode() not in asked.raw
        assert aws_kms_server.SECRET_KEY not in str(asked.headers)

    def test_a_temporary_credential_sends_its_token(self) -> None:
        with AwsKmsServer(session_token="temporary") as server:
            refusal(ConfigError, lambda: aws(server.url).new_data_key(CONTEXT))
            service = aws(server.url, variables={**AWS_VARIABLES, "AWS_SESSION_TOKEN": "temporary"})
            assert service.new_data_key(CONTEXT)

    @pytest.mark.parametrize(
        ("variables", "words"),
        [
            ({**AWS_VARIABLES, "AWS_SECRET_ACCESS_KEY": "wrong"}, "signature does not fit"),
            ({**AWS_VARIABLES, "AWS_ACCESS_KEY_ID": "AKIDOTHER"}, "credentials are not valid"),
            ({"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE"}, "no AWS credentials"),
            ({}, "no AWS credentials"),
        ],
    )
    def test_credentials_that_do_not_fit(self, variables: Mapping[str, str], words: str) -> None:
        with AwsKmsServer() as server:
            service = aws(server.url, variables=variables)
            assert words in refusal(ConfigError, lambda: service.new_data_key(CONTEXT)).message

    def test_a_clock_that_is_off_is_named(self) -> None:
        with AwsKmsServer(now=lambda: datetime.now(UTC) + timedelta(minutes=6)) as server:
            assert "clock" in refusal(ConfigError, lambda: aws(server.url).new_data_key(CONTEXT)).remedy

    def test_rights_and_state_of_the_key(self) -> None:
        with AwsKmsServer() as server:
            service = aws(server.url)
            wrapped = service.new_data_key(CONTEXT).wrapped
            server.denied = frozenset({"Decrypt"})
            assert "kms:Decrypt" in refusal(ConfigError, lambda: service.unwrap(wrapped, CONTEXT)).remedy
            server.denied = frozenset()
            server.is_enabled = False
            assert "disabled" in refusal(ConfigError, lambda: service.unwrap(wrapped, CONTEXT)).message
            server.is_enabled = True
            other = aws(server.url, key="alias/nobody")
            assert "no such key" in refusal(ConfigError, lambda: other.new_data_key(CONTEXT)).message

    def test_a_container_hands_credentials_out(self, tmp_path: Path) -> None:
        class PodIdentity(KeyServer):
            def answer(self, asked: Asked) -> Answer:
                if (asked.method, asked.path, asked.headers.get("authorization")) != ("GET", "/v1/creds?a=b", "pod"):
                    return Answer(401)
                return Answer(
                    200,
                    {
                        "AccessKeyId": aws_kms_server.ACCESS_KEY,
                        "SecretAccessKey": aws_kms_server.SECRET_KEY,
                        "Token": "temporary",
                    },
                )

        (tmp_path / "token").write_text("pod\n")
        with PodIdentity() as identity, AwsKmsServer(session_token="temporary") as server:
            variables = {
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{identity.url}/v1/creds?a=b",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(tmp_path / "token"),
            }
            assert aws(server.url, variables=variables).new_data_key(CONTEXT)
            (tmp_path / "token").write_text("stranger")
            refusal(BackendError, lambda: aws(server.url, variables=variables).new_data_key(CONTEXT))

    def test_credentials_are_not_fetched_from_anywhere(self) -> None:
        source = aws_credentials({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://metadata.example/creds"}, 1)
        assert "without TLS" in refusal(ConfigError, source).message

    @pytest.mark.parametrize(
        ("key", "region", "found"),
        [
            (aws_kms_server.ARN, None, "eu-west-1"),
            (aws_kms_server.ARN, "eu-west-1", "eu-west-1"),
            ("alias/ops", "sa-east-1", "sa-east-1"),
            (aws_kms_server.ARN, "us-east-1", None),
            ("alias/ops", None, None),
            ("alias/ops", "evil.example/", None),
        ],
    )
    def test_the_region(self, key: str, region: str | None, found: str | None) -> None:
        if found is None:
            refusal(ConfigError, lambda: aws_region(key, region))
        else:
            assert aws_region(key, region) == found

    def test_the_address(self) -> None:
        assert aws_endpoint("eu-west-1") == "https://kms.eu-west-1.amazonaws.com"
        assert aws_endpoint("cn-north-1") == "https://kms.cn-north-1.amazonaws.com.cn"

    def test_the_double_keeps_the_limit_of_the_real_one(self) -> None:
        with AwsKmsServer() as server:
            ask = aws(server.url)._ask
            big = base64.b64encode(b"x" * (aws_kms_server.PLAINTEXT_LIMIT + 1)).decode()
            refusal(ConfigError, lambda: ask("Encrypt", {"KeyId": aws_kms_server.ARN, "Plaintext": big}))
            refusal(ConfigError, lambda: aws(server.url).new_data_key({"a": "x" * 9_000}))


class TestGoogle:
    def test_checksums(self) -> None:
        assert crc32c(b"123456789") == 0xE3069283  # the check value of CRC-32C
        for content in (b"", b"\0" * 32, bytes(range(256))):
            assert crc32c(content) == google_kms_server.castagnoli(content)

    def test_what_was_damaged_on_the_way_is_noticed(self) -> None:
        with GoogleKmsServer() as server:
            service = google(server.url)
            wrapped = service.new_data_key(CONTEXT).wrapped
            server.corrupts = True
            for ask in (lambda: service.new_data_key(CONTEXT), lambda: service.unwrap(wrapped, CONTEXT)):
                assert "damaged on the way" in refusal(BackendError, ask).message
            server.corrupts, server.ignores_checksums = False, True
            assert "damaged" in refusal(BackendError, lambda: service.new_data_key(CONTEXT)).message

    def test_credentials_and_rights(self) -> None:
        with GoogleKmsServer() as server:
            assert "token" in refusal(ConfigError, lambda: google(server.url, token="old").new_data_key({})).message
            other = google(server.url, key=google_kms_server.KEY + "2")
            assert "access is denied" in refusal(ConfigError, lambda: other.new_data_key(CONTEXT)).message
            server.is_enabled = False
            assert "disabled" in refusal(ConfigError, lambda: google(server.url).new_data_key(CONTEXT)).message

    def test_the_machines_own_account(self) -> None:
        with GoogleKmsServer() as server:
            http = HttpService("Google Cloud KMS", server.url, timeout_s=2)
            service = GoogleKms(google_kms_server.KEY, google_metadata_token(2, server.url), endpoint=http)
            assert service.new_data_key(CONTEXT)
            server.fault = "html"
            refusal(BackendError, google_metadata_token(2, server.url))

    @pytest.mark.parametrize("key", ["opswarden", google_kms_server.KEY + "/cryptoKeyVersions/1", "projects/../x"])
    def test_a_key_that_is_written_otherwise(self, key: str) -> None:
        refusal(ConfigError, lambda: google("http://127.0.0.1:1", key=key))


class TestVault:
    def test_mount_and_namespace(self) -> None:
        with VaultServer(mount="kms/transit", namespace="payments/ops") as server:
            service = vault(server.url, mount="kms/transit", namespace="payments/ops")
            key = service.new_data_key(CONTEXT)
            assert service.unwrap(key.wrapped, CONTEXT) == key.plain
            assert "nothing at this path" in refusal(ConfigError, lambda: vault(server.url).new_data_key({})).message

    def test_rights_and_state(self) -> None:
        with VaultServer() as server:
            service = vault(server.url)
            wrapped = service.new_data_key(CONTEXT).wrapped
            for other in (vault(server.url, token="hvs.old"), vault(server.url, key="nobody")):
                assert "policy" in refusal(ConfigError, lambda o=other: o.new_data_key(CONTEXT)).message  # type: ignore[misc]
            server.rotate()
            server.min_decryption_version = 2
            refusal(ConfigError, lambda: service.unwrap(wrapped, CONTEXT))
            server.is_sealed = True
            assert "sealed" in refusal(ConfigError, lambda: service.new_data_key(CONTEXT)).message

    def test_an_older_rewrap_is_gone_around(self) -> None:
        with VaultServer(old_rewrap=True) as server:
            service = vault(server.url)
            plain, wrapped = service.new_data_key(CONTEXT)
            server.rotate()
            again = service.rewrap(wrapped, CONTEXT)
            assert server.version_of(again) == 1
            assert service.unwrap(again, CONTEXT) == plain

    def test_a_new_one_keeps_the_key_inside(self) -> None:
        with VaultServer() as server:
            service = vault(server.url)
            wrapped = service.new_data_key(CONTEXT).wrapped
            server.asked.clear()
            service.rewrap(wrapped, CONTEXT)
            assert [asked.path for asked in server.asked] == ["/v1/transit/rewrap/opswarden"]

    @pytest.mark.parametrize(
        ("key", "mount", "namespace"),
        [("a/b", "transit", None), ("..", "transit", None), ("k", "../sys", None), ("k", "transit", "a b")],
    )
    def test_names_that_would_leave_their_path(self, key: str, mount: str, namespace: str | None) -> None:
        refusal(ConfigError, lambda: vault("http://127.0.0.1:1", key=key, mount=mount, namespace=namespace))


ADDRESSES = [
    ("another machine without TLS", "http://vault.example"),
    ("a password in it", "https://u:p@vault.example"),
    ("a path", "https://vault.example/v1"),
    ("a query", "https://vault.example?x"),
    ("another scheme", "ftp://vault.example"),
    ("no host", "https://"),
    ("no number for a port", "https://vault.example:x"),
    ("a host that only begins like this machine", "http://127.0.0.1.example"),
    ("a name with localhost in it", "http://localhost.example"),
]


@pytest.mark.parametrize("url", [row[1] for row in ADDRESSES], ids=[row[0] for row in ADDRESSES])
def test_addresses_that_are_refused(url: str) -> None:
    refusal(ConfigError, lambda: HttpService("Vault Transit", url, timeout_s=1))


def test_authorities_that_are_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "gone", Path(__file__)):
        refusal(ConfigError, lambda p=path: HttpService("x", "https://vault.example", timeout_s=1, ca_file=p))  # type: ignore[misc]


TOKENS: list[tuple[str, str]] = [
    ("none", ""),
    ("spaces alone", " \n"),
    ("two lines, which would send a header of its own", "a\nX-Other: b"),
    ("no ASCII", "tök"),
]


@pytest.mark.parametrize("content", [row[1] for row in TOKENS], ids=[row[0] for row in TOKENS])
def test_tokens_that_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "token").write_text(content, encoding="utf-8")
    refusal(ConfigError, token_in_file(tmp_path / "token"))
    refusal(ConfigError, token_in_variable("T", {"T": content}))


def test_a_token_file_is_read_anew(tmp_path: Path) -> None:
    source = token_in_file(tmp_path / "token")
    refusal(ConfigError, source)
    for text in ("first", "second"):
        (tmp_path / "token").write_text(f"{text}\n")
        assert source().get_secret_value() == text


class TestTls:
    """The real handshake, with an authority that nobody but us trusts."""

    @pytest.fixture
    def secured(self, tmp_path: Path) -> Iterator[tuple[KeyServer, Path]]:
        class Secured(KeyServer):
            def answer(self, asked: Asked) -> Answer:
                return Answer(200, {"ok": True})

        certificate, context = self_signed(tmp_path)
        with Secured(context) as running:
            yield running, certificate

    def test_the_authority_that_is_named_is_trusted(self, secured: tuple[KeyServer, Path]) -> None:
        server, certificate = secured
        http = HttpService("Vault Transit", server.url, timeout_s=5, ca_file=certificate)
        assert http.post("/v1/x", b"{}", {}).body == {"ok": True}

    def test_without_it_nothing_is_sent(self, secured: tuple[KeyServer, Path]) -> None:
        server, _ = secured
        http = HttpService("Vault Transit", server.url, timeout_s=5)
        assert "certificate" in refusal(BackendError, lambda: http.post("/v1/x", b"{}", {})).message
        assert server.asked == []

    @pytest.mark.parametrize("fault", ["hang", "drip"])
    def test_the_deadline_holds_under_tls_too(self, secured: tuple[KeyServer, Path], fault: Any) -> None:
        server, certificate = secured
        server.fault = fault
        http = HttpService("Vault Transit", server.url, timeout_s=0.5, ca_file=certificate)
        assert "within 0.5 s" in refusal(BackendError, lambda: http.post("/v1/x", b"{}", {})).message


class TestAnswersThatLie:
    """A service that answers 200 with something else than it should."""

    BODIES: tuple[dict[str, Any], ...] = (
        {},
        {"Plaintext": "AA==", "CiphertextBlob": "AA=="},
        {"Plaintext": "!", "CiphertextBlob": "AA=="},
        {"Plaintext": 7, "CiphertextBlob": []},
        {"ciphertext": "AA==", "verifiedPlaintextCrc32c": True, "verifiedAdditionalAuthenticatedDataCrc32c": True},
        {"data": {"ciphertext": "vault:v0:!"}},
        {"data": []},
    )

    @pytest.mark.parametrize("body", BODIES)
    def test_they_are_not_used(self, name: str, body: dict[str, Any]) -> None:
        class Liar(KeyServer):
            def answer(self, asked: Asked) -> Answer:
                return Answer(200, body)

        with Liar() as server:
            refusal(BackendError, lambda: PEERS[name].connect(server.url, 2.0).new_data_key(CONTEXT))
