"""Live systems on a bad day: the report comes, names what was missing, and claims nothing from it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opswarden.core.systems import client
from opswarden.tests.apps.test_live import evidence
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer, Behave
from opswarden.tests.doubles.certificates import self_signed

from .conftest import Cli

TOLD = "what-the-system-wrote"
SAMPLES = json.dumps({"status": "success", "data": [{"__name__": TOLD, "service": "oven"}]}).encode()

AILMENTS: dict[str, tuple[Behave, str]] = {
    "slow": (ailing.dripping, "in time"),
    "500": (ailing.answer(TOLD.encode(), status="500 Oops"), "failed (500)"),
    "429": (ailing.answer(TOLD.encode(), status="429 Busy"), "too many questions (429)"),
    "cut off": (ailing.cut_chunks, "broke off its answer"),
    "another content type": (ailing.answer(f"<html>{TOLD}</html>".encode(), kind="text/html"), "did not answer JSON"),
    "lying about its size": (ailing.answer(SAMPLES, length=len(SAMPLES) + 50), "(ConnectionError)"),
    "leading inside": (
        ailing.answer(status="302 Found", location="http://169.254.169.254/latest/meta-data"),
        "another place",
    ),
    "a bomb": (ailing.packed(5_000_000), "more than"),
    "garbage": (ailing.garbage, "broke off its answer"),
    "expired": (ailing.answer(SAMPLES), "expired"),
}
NAMES = list(AILMENTS)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_FIRST_PAUSE_S", 0.001)


@pytest.mark.parametrize("place", range(len(NAMES)), ids=[f"metrics {name}" for name in NAMES])
def test_a_report_comes_whatever_the_systems_do(cli: Cli, home: Path, tmp_path: Path, place: int) -> None:
    """Metrics have one ailment and alerts the next one, so that each system has each of them."""
    pem, expired = self_signed(tmp_path, not_after=datetime.now(UTC) - timedelta(minutes=1))
    lines: list[str] = []
    servers: dict[str, tuple[AilingServer, str]] = {}
    for number, (name, kind) in enumerate((("numbers", "prometheus"), ("pager", "alertmanager"))):
        what = NAMES[(place + number) % len(NAMES)]
        behave, told = AILMENTS[what]
        tls = expired if what == "expired" else None
        servers[name] = (AilingServer(behave, tls=tls), told)
        lines += [f"[systems.{name}]", f'kind = "{kind}"', 'environment = "production"']
        lines += ["timeout_s = 0.5", "limit_mb = 1"]
        lines += [f'url = "{servers[name][0].url}"', *([f'ca_file = "{pem}"'] if tls else [])]
    (home / "opswarden.toml").write_text("\n".join([*lines, ""]))
    answer = cli("triage", "--service", "oven", "--at", "2024-05-06T12:00:00Z", "--format", "json")
    for server, _ in servers.values():
        server.close()
    assert answer.code == 0, answer.err
    report = json.loads(answer.out)
    assert report["verdict"] == "inconclusive"
    assert report["ranking"] == []
    for tool, name in (("metrics.shifts", "numbers"), ("alerts.active", "pager")):
        found = evidence(report, tool)
        assert (found["status"], found["summary"]) == ("error", None), tool
        gaps = [gap for gap in report["gaps"] if gap.startswith(f"{tool}: error: ")]
        assert name in gaps[0]
        # After five failures in a row a system is left alone: the question of the names came first.
        assert servers[name][1] in gaps[0] or "times in a row and is left alone" in gaps[0]
    for text in (TOLD, "169.254.169.254"):
        assert text not in answer.out + answer.err
