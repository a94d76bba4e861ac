"""Who may send us alerts, and how the service works them off."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from ...core.config import Section
from ..people.callers import SHORTEST_TOKEN, TokenHash, hash_of
from .cron import parse_cron

WebhookName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
"""Of a webhook; the last part of its path."""
JsonPath = Annotated[str, StringConstraints(pattern=r"^[^.\s]{1,64}(\.[^.\s]{1,64}){0,7}$")]
"""Keys from the outside in, joined by dots; a number is a place in a list."""

_LONGEST_SECRET = 16_000


class MappingSettings(Section):
    """Where in somebody's JSON the parts of an alert stand; only of the kind `generic`."""

    alerts: JsonPath | None = Field(default=None, description="the list of alerts; the whole body is one if absent")
    name: JsonPath = Field(default="name", description="what fires")
    entity: JsonPath | None = Field(default=None, description="what it is about")
    severity: JsonPath | None = Field(default=None, description="how bad it is")
    status: JsonPath | None = Field(default=None, description="every alert fires if absent")
    resolved: tuple[str, ...] = Field(
        default=("resolved", "ok", "closed"), description="values of `status` that mean it is over"
    )
    started: JsonPath | None = Field(default=None, description="ISO 8601 with a zone, or seconds or ms since 1970")
    fingerprint: JsonPath | None = Field(default=None, description="what names the alert; name and entity if absent")
    summary: JsonPath | None = Field(default=None, description="what it says")


class WebhookSettings(Section):
    """One sender of alerts, at `/webhooks/NAME`."""

    kind: Literal["alertmanager", "grafana", "pagerduty", "opsgenie", "generic"] = Field(
        description="who sends: `alertmanager`, `grafana`, `pagerduty`, `opsgenie`, or `generic` with a `mapping`"
    )
    team: str | None = Field(default=None, min_length=1, max_length=64, description="whose incidents; ours if absent")
    environment: str | None = Field(
        default=None, min_length=1, max_length=64, description="where; the only one that systems reach if absent"
    )
    tokens: tuple[TokenHash, ...] = Field(default=(), description="`sha256:` and the hash of a bearer token")
    token_env: str | None = Field(default=None, description="variable with the bearer token")
    token_file: Path | None = Field(default=None, description="file with the bearer token; may rotate")
    signing_env: str | None = Field(default=None, description="variable with the key of HMAC-SHA256 signatures")
    signing_file: Path | None = Field(default=None, description="file with that key; may rotate")
    signature_header: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9-]{1,64}$", description="header with the signature; as the kind documents"
    )
    timestamp_header: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9-]{1,64}$", description="header with the signed time, where one is signed"
    )
    request_kb: int = Field(default=1_024, ge=1, le=4_096, description="size of one request")
    per_minute: int = Field(default=3_000, ge=1, le=1_000_000, description="requests in a minute")
    mapping: MappingSettings = MappingSettings()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        has_token = bool(self.tokens or self.token_env or self.token_file)
        if not has_token and not self.is_signed:
            raise ValueError("a webhook needs a token (`token_env`, …) or a key for signatures (`signing_env`, …)")
        if has_token and self.is_signed:
            raise ValueError("a webhook has a token or a key for signatures, not both")
        if self.kind == "pagerduty" and not self.is_signed:
            raise ValueError("PagerDuty signs what it sends: set `signing_env` or `signing_file`")
        if self.kind == "generic" and self.is_signed and self.signature_header is None:
            raise ValueError("name the `signature_header`")
        return self

    @property
    def is_signed(self) -> bool:
        """Whether a signature is wanted rather than a token."""
        return bool(self.signing_env or self.signing_file)

    def token_hashes(self) -> frozenset[bytes]:
        """What its tokens hash to now; nothing for a variable or file that holds no usable token."""
        found = {bytes.fromhex(each.removeprefix("sha256:")) for each in self.tokens}
        text = _secret(self.token_env, self.token_file)
        return frozenset(found | ({hash_of(text)} if len(text) >= SHORTEST_TOKEN else set()))

    def signing_key(self) -> bytes | None:
        """The key of its signatures now; `None` if there is no usable one."""
        text = _secret(self.signing_env, self.signing_file)
        return text.encode() if len(text) >= SHORTEST_TOKEN else None


class RecurringSettings(Section):
    """Something that is done again and again."""

    do: Literal["anchor", "doctor", "tidy", "rehearsal", "handover", "finops", "platform", "runbooks"] = Field(
        description="what: `anchor` the ledger's head, `doctor`, `tidy`, `rehearsal`, `handover`, `finops`, "
        "`platform`, `runbooks`"
    )
    cron: str = Field(max_length=100, description="when, in UTC: minute, hour, day, month, weekday")
    catch_up: bool = Field(default=True, description="whether what was missed while nobody ran is done once, late")
    anchor_to: Path | None = Field(default=None, description="`anchor`: the file outside that gets the head")
    since_hours: int = Field(default=12, ge=1, le=168, description="`handover`: how long ago what ended still counts")
    channel: str | None = Field(
        default=None,
        description="`handover`, `finops`, `platform`, `runbooks`: a name under `slack.channels`; a file if absent",
    )
    oldest_days: int = Field(default=180, ge=1, le=3_650, description="`runbooks`: how long a page may go unverified")
    fleet: Path | None = Field(default=None, description="`finops`: the folder of the fleet")
    beat_file: Path | None = Field(default=None, description="gets the time whenever it was done well")
    beat_url: SecretStr | None = Field(default=None, description="is asked (GET) whenever it was done well")

    @field_validator("cron")
    @classmethod
    def _is_cron(cls, text: str) -> str:
        parse_cron(text)
        return text

    @model_validator(mode="after")
    def _has_place(self) -> Self:
        if self.do == "anchor" and self.anchor_to is None:
            raise ValueError("`anchor` needs `anchor_to`")
        if self.do == "finops" and self.fleet is None:
            raise ValueError("`finops` needs `fleet`")
        return self


class ServiceSettings(Section):
    """The section `service`: what `opswarden serve` and `opswarden worker` do."""

    hosts: tuple[str, ...] = Field(default=(), description="`Host` headers to answer beside this machine's own names")
    certificate: Path | None = Field(default=None, description="PEM file to serve TLS with; its key beside it or in")
    certificate_key: Path | None = Field(default=None, description="PEM file with the key of `certificate`")
    plain: bool = Field(default=False, description="whether to serve other machines without TLS, behind a proxy")
    tell: str = Field(default="reports", description="where incidents of webhooks are told: `reports`, or a channel")
    runs_at_once: int = Field(default=2, ge=1, le=64, description="triages at once in one process, of each urgency")
    runs_of_one_service: int = Field(default=1, ge=1, le=64, description="triages at once of one entity, over all")
    arrivals_at_once: int = Field(default=8, ge=1, le=64, description="what people wrote, worked off at once")
    urgent_priority: int = Field(
        default=4, ge=1, le=9, description="severities that have places of their own: 1 `critical` to this one"
    )
    leg_s: int = Field(default=1_800, ge=10, le=86_400, description="how long a triage may run without a person")
    stop_s: int = Field(default=20, ge=1, le=600, description="how long an orderly end may take")
    settle_s: float = Field(default=5, ge=0, le=600, description="how long alerts may join before the triage starts")
    within_s: float = Field(default=600, ge=0, le=86_400, description="how near in time alerts of one trouble begin")
    reopen_s: float = Field(
        default=1_800,
        ge=0,
        le=604_800,
        description="how long after its end an alert of its own opens an incident again",
    )
    anew_s: float = Field(
        default=900,
        ge=60,
        le=604_800,
        description="after how long an entity that a triage did not know asks for another",
    )
    resolve_after_s: int | None = Field(
        default=None,
        ge=60,
        le=604_800,
        description="how long after its last alert an incident is resolved, if the systems confirm; never if absent",
    )
    most_waiting: int = Field(
        default=50_000, ge=1, le=10_000_000, description="what may wait to be worked off before senders are put off"
    )

    @model_validator(mode="after")
    def _has_certificate(self) -> Self:
        if self.certificate_key and not self.certificate:
            raise ValueError("`certificate_key` needs `certificate`")
        return self


def _secret(variable: str | None, path: Path | None) -> str:
    if variable is not None:
        return os.environ.get(variable, "").strip()[:_LONGEST_SECRET]
    if path is None:
        return ""
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST_SECRET).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
