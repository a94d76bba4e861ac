"""Identity tokens: what is believed, and every way to forge one that must not be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from opswarden.core.clock import FixedClock, from_iso
from opswarden.core.errors import BackendError, CallDenied, ConfigError
from opswarden.core.https import HttpService
from opswarden.policies.people.key_set import IssuerKeys, KeyFile, read_keys
from opswarden.policies.people.roles import Person
from opswarden.policies.people.tokens import Expected, TokenCheck, TokenRoles, roles_in, text_claim
from opswarden.tests.doubles.oidc_issuer import OidcIssuer, encoded, number, part

NOW = from_iso("2026-11-29T09:00:00Z")
T = int(NOW.timestamp())
ISSUER = "https://login.example.org"


@pytest.fixture(scope="module")
def issuer() -> Iterator[OidcIssuer]:
    with OidcIssuer() as server:
        yield server


@pytest.fixture
def check(issuer: OidcIssuer, tmp_path: Path) -> TokenCheck:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(issuer.key_set()), encoding="utf-8")
    return TokenCheck(Expected(ISSUER, "opswarden", 3600), KeyFile(path))


def claims(**more: Any) -> dict[str, Any]:
    found = {"iss": ISSUER, "aud": "opswarden", "sub": "1", "email": "ann@example.org", "iat": T - 60, "exp": T + 600}
    return {name: value for name, value in {**found, **more}.items() if value is not ...}


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_a_sound_token_is_believed(issuer: OidcIssuer, check: TokenCheck, alg: str) -> None:
    assert check.claims(issuer.token(claims(), alg=alg) + "\n", NOW)["email"] == "ann@example.org"


BELIEVED = [
    {"aud": ["opswarden"]},
    {"aud": ["opswarden", "other"], "azp": "opswarden"},
    {"exp": T - 59},
    {"iat": T + 60},
    {"nbf": T + 60},
    {"iat": T - 3660, "exp": T + 60},
    {"exp": T + 0.5},
]

REFUSED = [
    ({"iss": f"{ISSUER}/"}, "another issuer"),
    ({"iss": ...}, "another issuer"),
    ({"aud": "other"}, "another audience"),
    ({"aud": ["other"]}, "another audience"),
    ({"aud": "opswarden2"}, "another audience"),
    ({"aud": {"opswarden": 1}}, "another audience"),
    ({"aud": ...}, "another audience"),
    ({"aud": ["opswarden", "other"]}, "another party"),
    ({"azp": "other"}, "another party"),
    ({"exp": T - 60}, "expired"),
    ({"exp": ...}, "no usable 'exp'"),
    ({"exp": "2030"}, "no usable 'exp'"),
    ({"exp": True}, "no usable 'exp'"),
    ({"exp": float("inf")}, "no usable 'exp'"),
    ({"iat": T + 61}, "in the future"),
    ({"iat": ...}, "no usable 'iat'"),
    ({"iat": T - 3661}, "too old"),
    ({"nbf": T + 61}, "not valid yet"),
    ({"nbf": "x"}, "no usable 'nbf'"),
]


@pytest.mark.parametrize("more", BELIEVED)
def test_claims_that_are_fine(issuer: OidcIssuer, check: TokenCheck, more: dict[str, Any]) -> None:
    assert check.claims(issuer.token(claims(**more)), NOW)


@pytest.mark.parametrize(("more", "why"), REFUSED)
def test_claims_that_are_refused(issuer: OidcIssuer, check: TokenCheck, more: dict[str, Any], why: str) -> None:
    with pytest.raises(CallDenied, match=why) as caught:
        check.claims(issuer.token(claims(**more)), NOW)
    assert caught.value.code == "token-refused"
    assert "ann@" not in str(caught.value)


class TestForged:
    def _refuses(self, check: TokenCheck, token: str, why: str) -> None:
        with pytest.raises(CallDenied, match=why):
            check.claims(token, NOW)

    @pytest.mark.parametrize("alg", ["none", "None", "HS256", "RS384", "PS256", "EdDSA", "", None, 5, ["RS256"]])
    def test_other_algorithms(self, issuer: OidcIssuer, check: TokenCheck, alg: Any) -> None:
        token = issuer.token(claims(), alg="HS256", header={"alg": alg, "kid": "r1"})
        self._refuses(check, token, "not signed with RS256 or ES256")

    def test_without_a_signature(self, issuer: OidcIssuer, check: TokenCheck) -> None:
        head, body, _ = issuer.token(claims()).split(".")
        self._refuses(check, f"{head}.{body}.", "no signed token")
        self._refuses(check, f"{head}.{body}", "no signed token")
        self._refuses(check, f"{part({'alg': 'none'})}.{body}.", "no signed token")

    def test_a_key_of_the_other_kind(self, issuer: OidcIssuer, check: TokenCheck) -> None:
        self._refuses(check, issuer.token(claims(), alg="RS256", header={"kid": "e1"}), "not that of the key")
        self._refuses(check, issuer.token(claims(), alg="ES256", header={"kid": "r1"}), "not that of the key")

    @pytest.mark.parametrize("kid", ["r2", "o1", "", None, 7, ["r1"]])
    def test_no_such_key(self, issuer: OidcIssuer, check: TokenCheck, kid: Any) -> None:
        self._refuses(check, issuer.token(claims(), header={"kid": kid}), "no such key")

    def test_a_key_that_the_token_brings_along(self, issuer: OidcIssuer, check: TokenCheck) -> None:
        own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        jwk = {"kty": "RSA", "n": number(own.public_key().public_numbers().n), "e": "AQAB"}
        header = {"alg": "RS256", "kid": "r1", "jwk": jwk, "jku": issuer.url}
        text = f"{part(header)}.{part(claims())}"
        signature = own.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        self._refuses(check, f"{text}.{encoded(signature)}", "not the issuer's")

    @pytest.mark.parametrize("alg", ["RS256", "ES256"])
    def test_changed_after_it_was_signed(self, issuer: OidcIssuer, check: TokenCheck, alg: str) -> None:
        head, _, signature = issuer.token(claims(), alg=alg).split(".")
        self._refuses(check, f"{head}.{part(claims(email='eve@example.org'))}.{signature}", "not the issuer's")

    @pytest.mark.parametrize("signature", [b"\0" * 64, b"\0" * 63, b"x" * 72])
    def test_a_signature_of_nothing(self, issuer: OidcIssuer, check: TokenCheck, signature: bytes) -> None:
        head, body, _ = issuer.token(claims(), alg="ES256").split(".")
        self._refuses(check, f"{head}.{body}.{encoded(signature)}", "not the issuer's")

    def test_a_name_that_stands_twice(self, issuer: OidcIssuer, check: TokenCheck) -> None:
        body = json.dumps(claims())[:-1] + ', "email": "eve@example.org"}'
        text = f"{part({'alg': 'RS256', 'kid': 'r1'})}.{encoded(body.encode())}"
        self._refuses(check, f"{text}.{encoded(issuer.signature(text.encode(), 'RS256'))}", "no signed token")

    @pytest.mark.parametrize("header", [{"crit": ["exp"]}, {"b64": False}, {"zip": "DEF"}])
    def test_demands_of_the_header(self, issuer: OidcIssuer, check: TokenCheck, header: dict[str, Any]) -> None:
        self._refuses(check, issuer.token(claims(), header=header), "demands what is not known")

    @pytest.mark.parametrize(
        "token",
        [
            "",
            ".",
            "..",
            "a.b.c",
            "a.b.c.d",
            "é.é.é",
            "e30.e30.e30=",
            "W10.W10.W10",
            f"{'a' * 20_000}.b.c",
            "e30 .e30.e30",
        ],
    )
    def test_garbage(self, check: TokenCheck, token: str) -> None:
        with pytest.raises(CallDenied):
            check.claims(token, NOW)

    def test_deep_json(self, check: TokenCheck) -> None:
        deep = encoded(b"[" * 5_000)
        self._refuses(check, f"{deep}.{deep}.{deep}", "no signed token")


class TestKeys:
    def test_found_by_discovery(self, issuer: OidcIssuer) -> None:
        clock = FixedClock(NOW)
        connect = partial(HttpService, "the issuer", timeout_s=2, section="identity.oidc")
        keys = IssuerKeys(issuer.url, lambda url: connect(url=url), clock, 10)
        check = TokenCheck(Expected(issuer.url, "opswarden", 3600), keys)
        assert check.claims(issuer.token(claims(iss=issuer.url)), NOW)
        asked = len(issuer.asked)
        assert check.claims(issuer.token(claims(iss=issuer.url)), NOW)
        assert len(issuer.asked) == asked
        clock.advance(10)
        issuer.claimed_issuer = "https://elsewhere.example"
        try:
            with pytest.raises(ConfigError, match="another issuer"):
                keys.keys()
        finally:
            issuer.claimed_issuer = None

    def test_an_issuer_that_is_down(self, issuer: OidcIssuer) -> None:
        keys = IssuerKeys(
            "http://127.0.0.1:1", lambda url: HttpService("the issuer", url, timeout_s=0.5), FixedClock(NOW), 0
        )
        with pytest.raises(BackendError):
            keys.keys()

    @pytest.mark.parametrize(
        "found",
        [
            None,
            {},
            {"keys": {}},
            {"keys": []},
            {"keys": [{"kty": "oct", "k": "x"}]},
            {"keys": [{"kty": "RSA", "kid": "a", "e": "AQAB"}]},
            {"keys": [{"kty": "RSA", "kid": "a", "n": number(2**1023 + 1), "e": "AQAB"}]},
            {"keys": [{"kty": "EC", "kid": "a", "crv": "P-256", "x": encoded(b"\1" * 32), "y": encoded(b"\1" * 32)}]},
            {"keys": [{"kty": "EC", "kid": "a", "crv": "P-384", "x": "AQ", "y": "AQ"}]},
            {"keys": [1, "x", None]},
        ],
    )
    def test_what_is_no_usable_set(self, found: Any) -> None:
        with pytest.raises(ConfigError):
            read_keys(found)

    @pytest.mark.parametrize(
        "change", [{"use": "enc"}, {"alg": "RS512"}, {"alg": "ES256"}, {"key_ops": ["encrypt"]}, {"kid": 5}]
    )
    def test_a_key_for_something_else_is_left_out(self, issuer: OidcIssuer, change: dict[str, Any]) -> None:
        first, second, _ = issuer.key_set()["keys"]
        assert [key.kid for key in read_keys({"keys": [{**first, **change}, second]})] == ["e1"]

    def test_two_of_one_name(self, issuer: OidcIssuer) -> None:
        first, second, _ = issuer.key_set()["keys"]
        with pytest.raises(ConfigError, match="two of one name"):
            read_keys({"keys": [first, {**second, "kid": "r1"}]})

    def test_without_a_name_only_a_single_key_will_do(self, issuer: OidcIssuer, tmp_path: Path) -> None:
        path = tmp_path / "one.json"
        path.write_text(json.dumps({"keys": issuer.key_set()["keys"][:1]}), encoding="utf-8")
        check = TokenCheck(Expected(ISSUER, "opswarden", 3600), KeyFile(path))
        text = f"{part({'alg': 'RS256'})}.{part(claims())}"
        assert check.claims(f"{text}.{encoded(issuer.signature(text.encode(), 'RS256'))}", NOW)

    @pytest.mark.parametrize("content", [b"", b"x", b"[" * 100_000, b" " * 300_000])
    def test_a_file_that_is_none(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "keys").write_bytes(content)
        with pytest.raises(ConfigError):
            KeyFile(tmp_path / "keys").keys()


def test_roles_are_those_that_are_mapped() -> None:
    mapping = {"sre": ["oncall", "reader"], "change": ["change-manager"]}
    assert roles_in({"groups": ["sre", "other", 5]}, "groups", mapping) == {"oncall", "reader"}
    assert roles_in({"groups": "change"}, "groups", mapping) == {"change-manager"}
    for value in ({}, {"groups": None}, {"groups": {"sre": 1}}):
        assert roles_in(value, "groups", mapping) == frozenset()


def test_roles_of_a_token_are_its_persons_alone() -> None:
    ann = Person("ann", identified_by="oidc:x")
    source = TokenRoles("x", ann, frozenset({"oncall"}))
    assert source.roles_of(ann) == {"oncall"}
    assert source.roles_of(Person("ann")) == source.roles_of(Person("bob")) == frozenset()


def test_the_claim_that_names_a_person() -> None:
    assert text_claim({"email": "a@b", "email_verified": True}, "email") == "a@b"
    assert text_claim({"sub": "7"}, "sub") == "7"
    unsure: tuple[dict[str, Any], ...] = (
        {"email": "a@b"},
        *({"email": "a@b", "email_verified": v} for v in (False, "true", 1)),
    )
    for found in ({}, {"email": ""}, {"email": ["a@b"], "email_verified": True}, *unsure):
        with pytest.raises(CallDenied):
            text_claim(found, "email")
