"""Which alerts are triaged by themselves, and what a message of a bot says."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from pydantic import ValidationError

from opswarden.apps.slack.alert_texts import AlertText, alert_in, plain_words
from opswarden.apps.slack.settings import ChannelSettings, MaintenanceSettings, SlackSettings, is_quiet

NIGHT = MaintenanceSettings(days=("fri",), start=time(22), end=time(4), zone="America/Sao_Paulo")  # UTC-3


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        ("2031-05-09T21:59", False),  # a Friday, 18:59 there
        ("2031-05-10T00:59", False),
        ("2031-05-10T01:00", True),  # Friday, 22:00 there
        ("2031-05-10T06:59", True),  # Saturday, 03:59 there, begun on Friday
        ("2031-05-10T07:00", False),
        ("2031-05-11T02:00", False),  # Saturday, 23:00 there
    ],
)
def test_a_night_of_maintenance_is_of_the_day_it_begins(moment: str, holds: bool) -> None:
    assert NIGHT.holds(datetime.fromisoformat(moment).replace(tzinfo=UTC)) is holds


@pytest.mark.parametrize(
    ("channel", "severity", "why"),
    [
        ({"automatic": True}, "critical", ""),
        ({"automatic": True}, "page", ""),
        ({"automatic": True}, "P1", ""),
        ({"automatic": True}, "warning", "below the floor"),
        ({"automatic": True}, "", "below the floor"),
        ({"automatic": True, "floor": "warning"}, "", ""),
        ({"automatic": True, "floor": "info"}, "sev4", ""),
        ({}, "critical", "not automatic"),
        ({"automatic": True, "mute": True}, "critical", "muted"),
        ({"automatic": True, "maintenance": (NIGHT,)}, "critical", "maintenance"),
    ],
)
def test_a_channel_is_quiet_unless_it_wants_alerts(channel: dict[str, object], severity: str, why: str) -> None:
    settings = ChannelSettings.model_validate({"id": "C0X", **channel})
    assert is_quiet(settings, severity, datetime(2031, 5, 10, 2, tzinfo=UTC)) == why


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "[FIRING:2] Errors checkout-db\nseverity: page",
            AlertText("Errors checkout-db", "checkout-db", "page", False),
        ),
        ("[RESOLVED] HighErrors\nservice: Checkout", AlertText("HighErrors", "checkout", "", True)),
        (
            "*Triggered* <https://x.example/1|CPU of cart.>\n*Severity*\ncritical",
            AlertText("Triggered CPU of cart.", "cart", "critical", False),
        ),
        ("CRITICAL: disk full", AlertText("CRITICAL: disk full", "", "critical", False)),
        ("", AlertText("alert", "", "", False)),
        ("checkout-dbx is no name", AlertText("checkout-dbx is no name", "", "", False)),
    ],
)  # fmt: skip
def test_what_a_message_of_a_bot_says(text: str, found: AlertText) -> None:
    assert alert_in(text, ("checkout", "checkout-db", "cart")) == found


def test_words_of_a_person_are_without_markup() -> None:
    assert plain_words("<@U1> triage <http://a.example|a.example> &lt;b&gt; <#C1|x>") == "triage a.example <b> x"


@pytest.mark.parametrize(
    "wrong",
    [
        {"channels": {"a": {"id": "C0A"}}},
        {"workspace": "T0X", "token_env": "T", "channels": {"a": {"id": "C0A"}}},
        {"workspace": "T0X", "token_env": "T", "signing_env": "S", "channels": {key: {"id": "C0A"} for key in "ab"}},
        {"token_env": "T", "signing_env": "S", "channels": {"a": {"id": "C0A"}}},
        {"url": "http://slack.example/api"},
        {"approvals_url": "https://x.example/<!channel>"},
        {"channels": {"a": {"id": "C0A", "maintenance": [{"start": "1:00", "end": "02:00", "zone": "Mars/Base"}]}}},
    ],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SlackSettings.model_validate(wrong)
