"""URLs that let their holder post."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.webhook_url import WEBHOOK_URL

TAIL = "a1B2c3D4e5F6g7H8i9J0k1L2"
TABLE: list[tuple[str, str, list[str]]] = [
    ("Slack", f"https://hooks.slack.com/services/T00/B00/{TAIL} failed", [f"T00/B00/{TAIL}"]),
    ("Slack without a scheme", f"post to hooks.slack.com/services/T00000000/B00/{TAIL}", [f"T00000000/B00/{TAIL}"]),
    ("Discord", f"https://discord.com/api/webhooks/1234567890/{TAIL}", [f"1234567890/{TAIL}"]),
    ("Teams", f"https://acme.webhook.office.com/webhookb2/{TAIL}@{TAIL}/x", [f"{TAIL}@{TAIL}/x"]),
    ("Google Chat", f"https://chat.googleapis.com/v1/spaces/AA/messages?key=k&token={TAIL}", [f"key=k&token={TAIL}"]),
    ("Telegram", f"https://api.telegram.org/bot1234:{TAIL}/sendMessage", [f"1234:{TAIL}/sendMessage"]),
    ("PagerDuty", f"https://events.pagerduty.com/integration/{TAIL}/enqueue", [f"{TAIL}/enqueue"]),
    ("in quotes", f'"https://hooks.zapier.com/hooks/catch/{TAIL}","n":1', [TAIL]),
    ("the documentation of one", "https://api.slack.com/messaging/webhooks", []),
    ("an API of the same service", "https://discord.com/api/v10/gateway", []),
    ("a webhook of our own", "https://payments.internal/webhooks/orders/12345678", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(WEBHOOK_URL, text) == values


def test_never_kept() -> None:
    assert not WEBHOOK_URL.restorable
