"""The section `slack`: the app, and the channels in which it speaks."""

from __future__ import annotations

import os
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from ...core.config import Section
from ...core.systems.settings import HttpSettings

ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,79}$")]
SlackId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{2,31}$")]
Floor = Literal["info", "warning", "critical"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONGEST_SECRET = 4_096


class MaintenanceSettings(Section):
    """A stretch of every listed day in which nothing is triaged by itself; one over midnight is of its first."""

    days: tuple[Day, ...] = Field(default=_DAYS, min_length=1)
    start: time = Field(description="such as `02:00`")
    end: time = Field(description="such as `04:30`; before `start`, it is of the next day")
    zone: str = Field(default="UTC", max_length=64, description="time zone, such as `America/Sao_Paulo`")

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError("there is no such time zone")
        return zone

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        local = moment.astimezone(ZoneInfo(self.zone))
        today, yesterday = _DAYS[local.weekday()], _DAYS[local.weekday() - 1]
        at = local.time()
        if self.start <= self.end:
            return today in self.days and self.start <= at < self.end
        return (today in self.days and at >= self.start) or (yesterday in self.days and at < self.end)


class ChannelSettings(Section):
    """A channel in which the app speaks; it is silent in every other one."""

    id: SlackId = Field(description="of the channel, such as `C0123456789`")
    team: str | None = Field(
        default=None, min_length=1, max_length=64, description="whose channel it is; ours if absent"
    )
    environment: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="whose incidents; the only one that systems reach if absent",
    )
    automatic: bool = Field(default=False, description="whether alerts are triaged without being asked")
    floor: Floor = Field(default="critical", description="the least severity that is triaged by itself")
    language: Literal["en", "es", "pt"] = Field(default="en", description="of our own sentences")
    mute: bool = Field(default=False, description="whether nothing is triaged by itself for now")
    maintenance: tuple[MaintenanceSettings, ...] = Field(default=(), max_length=32)
    alert_bots: tuple[SlackId, ...] = Field(
        default=(), max_length=32, description="bots whose messages are alerts; none by itself"
    )
    services: tuple[str, ...] = Field(
        default=(), max_length=500, description="names to look for in alerts, beside those of the service catalogue"
    )


class SlackSettings(Section):
    """The Slack app; off until a channel is listed."""

    workspace: SlackId | None = Field(default=None, description="id of the workspace; others are not answered")
    app: SlackId | None = Field(
        default=None, description="id of the app, `A…`; if it is named, others are not answered"
    )
    token_env: str | None = Field(default=None, description="variable with the bot token, `xoxb-…`")
    token_file: Path | None = Field(default=None, description="file with it; may rotate")
    signing_env: str | None = Field(default=None, description="variable with the signing secret")
    signing_file: Path | None = Field(default=None, description="file with it; may rotate")
    app_token_env: str | None = Field(default=None, description="variable with an app-level token: Socket Mode")
    app_token_file: Path | None = Field(default=None, description="file with it")
    url: str = Field(default="https://slack.com/api", max_length=2_000, description="another address of the API")
    ca_file: Path | None = Field(default=None, description="PEM file of the only authorities to trust")
    proxy: str | None = Field(default=None, description="`http://host:port` that connects us")
    timeout_s: float = Field(default=10.0, gt=0, le=60, description="how long one request may take")
    low_risk: tuple[str, ...] = Field(
        default=(), max_length=200, description="tools whose writes in production a button may approve; none by itself"
    )
    approvals_url: str | None = Field(
        default=None,
        pattern=r"^https://[^\s<>|]{1,500}$",
        description="where other writes are approved; the id is added",
    )
    per_person: int = Field(default=20, ge=1, le=1_000, description="requests of one person in a minute")
    per_channel: int = Field(default=60, ge=1, le=10_000, description="requests out of one channel in a minute")
    channels: dict[ChannelName, ChannelSettings] = Field(default_factory=dict, description="name: a channel")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [channel.id for channel in self.channels.values()]
        if len(set(ids)) < len(ids):
            raise ValueError("two channels have one id")
        if self.channels and (self.token_env is None) == (self.token_file is None):
            raise ValueError("name the bot token in `token_env` or `token_file`")
        if self.signing_env is not None and self.signing_file is not None:
            raise ValueError("name the signing secret in `signing_env` or `signing_file`")
        if self.app_token_env is not None and self.app_token_file is not None:
            raise ValueError("name the app-level token in `app_token_env` or `app_token_file`")
        is_signed = self.signing_env is not None or self.signing_file is not None
        if self.channels and not is_signed and not self.has_socket:
            raise ValueError("name the signing secret in `signing_env`, or an app-level token in `app_token_env`")
        if self.channels and self.workspace is None:
            raise ValueError("name the `workspace`: its id begins with T")
        self.http()
        return self

    def http(self) -> HttpSettings:
        """How the API is reached."""
        return HttpSettings(
            url=self.url,
            token_env=self.token_env,
            token_file=self.token_file,
            ca_file=self.ca_file,
            proxy=self.proxy,
            timeout_s=self.timeout_s,
            limit_mb=4,
        )

    def named(self, channel_id: str) -> tuple[str, ChannelSettings] | None:
        """The channel of an id, with its name; `None` if the app does not speak there."""
        return next(((name, each) for name, each in self.channels.items() if each.id == channel_id), None)

    @property
    def has_socket(self) -> bool:
        """Whether Slack is listened to over a socket that we open."""
        return self.app_token_env is not None or self.app_token_file is not None

    def signing_secret(self) -> bytes | None:
        """The signing secret now; `None` if there is no usable one."""
        text = _held(self.signing_env, self.signing_file)
        return text.encode() if len(text) >= 16 else None

    def app_token(self) -> SecretStr | None:
        """The app-level token now; `None` if there is none."""
        text = _held(self.app_token_env, self.app_token_file)
        return SecretStr(text) if text.isascii() and text.isprintable() and text else None


def _held(variable: str | None, path: Path | None) -> str:
    if variable is not None:
        return os.environ.get(variable, "").strip()
    if path is None:
        return ""
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST_SECRET).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


RANK: dict[str, int] = {"info": 0, "warning": 1, "critical": 2}
_WORDS: dict[str, Floor] = {
    **dict.fromkeys(("critical", "crit", "page", "high", "sev1", "sev0", "p1", "p0", "fatal", "emergency"), "critical"),
    **dict.fromkeys(("warning", "warn", "error", "major", "ticket", "sev2", "p2", "medium"), "warning"),
    **dict.fromkeys(("info", "informational", "notice", "low", "minor", "sev3", "sev4", "p3", "p4", "none"), "info"),
}


def severity_of(word: str) -> Floor | None:
    """What a word of some alerting system says of severity; `None` if nothing."""
    return _WORDS.get(word.strip().casefold())


def is_quiet(channel: ChannelSettings, severity: str, at: datetime) -> str:
    """Why an alert is not triaged by itself in a channel; empty if it is. An unknown severity counts as a warning."""
    if not channel.automatic:
        return "not automatic"
    if channel.mute:
        return "muted"
    if RANK[severity_of(severity) or "warning"] < RANK[channel.floor]:
        return "below the floor"
    if any(window.holds(at.astimezone(UTC)) for window in channel.maintenance):
        return "maintenance"
    return ""
