"""Live systems on a bad day: the report comes, names what was missing, and claims nothing from it.

Every kind of system over HTTP has every ailment; five of them, one of each domain, ail in one triage, each in another
way. `make test` takes a few triages of the matrix, `make soak` all of them, and those in which systems answer well at
first and ail in the middle of the work.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from opswarden.apps.live.systems import KINDS
from opswarden.core.systems import client
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer, Behave
from opswarden.tests.doubles.certificates import self_signed
from opswarden.tests.doubles.cloudwatch_logs_server import CloudwatchLogsServer
from opswarden.tests.doubles.elasticsearch_server import ElasticsearchServer
from opswarden.tests.doubles.jaeger_server import JaegerServer
from opswarden.tests.doubles.kubernetes_server import TOKEN, KubernetesServer
from opswarden.tests.doubles.loki_server import LokiServer, entries_of
from opswarden.tests.doubles.tempo_server import TempoServer
from opswarden.tests.tools.kubernetes.bakery import bakery

from ..conftest import Cli

TOLD = "what-the-system-wrote"
SAMPLES = json.dumps({"status": "success", "data": [{"__name__": TOLD, "service": "oven"}]}).encode()
AT = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)

AILMENTS: dict[str, tuple[Behave, str]] = {
    "slow": (ailing.dripping, "in time"),
    "500": (ailing.answer(TOLD.encode(), status="500 Oops"), "failed (500)"),
    "429": (ailing.answer(TOLD.encode(), status="429 Busy"), "too many questions (429)|refused the question (429)"),
    "cut off": (ailing.cut_chunks, "broke off its answer"),
    "another content type": (
        ailing.answer(f"<html>{TOLD}</html>".encode(), kind="text/html"),
        "did not answer JSON|is no exposition of metrics",
    ),
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
LEFT_ALONE = "times in a row and is left alone"
"""After five failures in a row: the question of the names came first."""

DOMAINS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "numbers": (("prometheus", "cloudwatch", "openmetrics"), "metrics.shifts"),
    "pager": (("alertmanager", "grafana"), "alerts.active"),
    "lines": (("loki", "elasticsearch", "cloudwatch-logs"), "logs.patterns"),
    "requests": (("tempo", "jaeger"), "traces.latency"),
    "releases": (("argocd", "github", "gitlab", "kubernetes"), "changes.recent"),
}
"""Name of the system, kinds that serve the domain, and the tool whose evidence they are."""
MORE: Mapping[str, Mapping[str, Any]] = {
    "cloudwatch": {"region": "eu-west-1", "namespaces": ["Shop"]},
    "openmetrics": {"entity": "oven", "apart_s": 1},
    "cloudwatch-logs": {"region": "eu-west-1", "log_groups": ["/shop/lines"]},
    "github": {"repositories": {"bakery/oven": "oven"}},
    "gitlab": {"projects": {"bakery/oven": "oven"}},
    "kubernetes": {"token_env": "CLUSTER_TOKEN"},
}
_ON_THIS_MACHINE = {"files", "journald", "otlp-files", "git"}
FORMATIONS = max(len(kinds) for kinds, _ in DOMAINS.values())
MATRIX = [(formation, place) for formation in range(FORMATIONS) for place in range(len(NAMES))]
SAMPLE = set(random.Random("a bad day").sample(MATRIX, 4))


@pytest.fixture(autouse=True)
def _prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_FIRST_PAUSE_S", 0.001)
    for name, value in (("CLUSTER_TOKEN", TOKEN), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")):
        monkeypatch.setenv(name, value)


def kinds_of(formation: int) -> dict[str, str]:
    return {name: kinds[formation % len(kinds)] for name, (kinds, _) in DOMAINS.items()}


def test_the_matrix_holds_every_kind_over_http() -> None:
    assert {kind for formation, _ in MATRIX for kind in kinds_of(formation).values()} == set(KINDS) - _ON_THIS_MACHINE


def triaged(
    cli: Cli, home: Path, tmp_path: Path, formation: int, place: int, before: Mapping[str, Sequence[Behave]]
) -> tuple[dict[str, Any], dict[str, str], str]:
    """The report, what each system is to be blamed for, and all that was printed."""
    pem, expired = self_signed(tmp_path, not_after=datetime.now(UTC) - timedelta(minutes=1))
    lines: list[str] = []
    blamed: dict[str, str] = {}
    with ExitStack() as stack:
        for number, (name, kind) in enumerate(kinds_of(formation).items()):
            what = NAMES[(place + number) % len(NAMES)]
            behave, blamed[name] = AILMENTS[what]
            tls = expired if what == "expired" else None
            good = () if tls else before.get(kind, ())
            server = stack.enter_context(closing(AilingServer(*good, behave, tls=tls)))
            lines += [f"[systems.{name}]", f'kind = "{kind}"', 'environment = "production"', f'url = "{server.url}"']
            lines += ["timeout_s = 0.5", "limit_mb = 1", *([f'ca_file = "{pem}"'] if tls else [])]
            for key, value in MORE.get(kind, {}).items():
                written = json.dumps(value)
                lines.append(f"{key} = {written.replace(':', ' =') if isinstance(value, dict) else written}")
        (home / "opswarden.toml").write_text("\n".join([*lines, ""]))
        answer = cli("triage", "--service", "oven", "--at", AT.isoformat(), "--format", "json")
    assert answer.code == 0, answer.err
    return json.loads(answer.out), blamed, answer.out + answer.err


@pytest.mark.parametrize(
    ("formation", "place"),
    [
        pytest.param(*one, marks=() if one in SAMPLE else pytest.mark.soak, id=f"{one[0]} {NAMES[one[1]]}")
        for one in MATRIX
    ],
)
def test_a_report_comes_whatever_the_systems_do(
    cli: Cli, home: Path, tmp_path: Path, formation: int, place: int
) -> None:
    report, blamed, printed = triaged(cli, home, tmp_path, formation, place, {})
    assert report["verdict"] == "inconclusive"
    assert report["ranking"] == []
    for name, (_, tool) in DOMAINS.items():
        (found, *_others) = [item for item in report["evidence"] if item["tool"] == tool]
        assert (found["status"], found["summary"]) == ("error", None), (name, tool)
        (gap, *_more) = [gap for gap in report["gaps"] if gap.startswith(f"{tool}: error: ")]
        assert name in gap
        assert any(told in gap for told in (*blamed[name].split("|"), LEFT_ALONE)), (blamed[name], gap)
    for text in (TOLD, "169.254.169.254"):
        assert text not in printed


@pytest.fixture
def behind() -> Any:
    """Doubles that answer well, for what stands before them to pass on."""
    rows = [
        {"ts": AT + timedelta(seconds=5 * place - 1_800), "entity": "oven", "level": "info", "body": f"sold {place}"}
        for place in range(600)
    ]
    spans = [
        {"trace_id": f"t{place}", "span_id": "a", "parent_id": None, "entity": "oven", "name": "bake"}
        | {"start": row["ts"], "duration_us": 900, "status": "OK"}
        for place, row in enumerate(rows[::10])
    ]
    made: dict[str, Callable[[], Any]] = {
        "loki": lambda: LokiServer(entries_of(rows)),
        "elasticsearch": lambda: ElasticsearchServer(rows),
        "cloudwatch-logs": lambda: CloudwatchLogsServer(rows),
        "tempo": lambda: TempoServer(spans),
        "jaeger": lambda: JaegerServer(spans),
        "kubernetes": lambda: KubernetesServer(bakery()),
    }
    with ExitStack() as stack:
        yield {kind: urlsplit(stack.enter_context(closing(make())).url).port for kind, make in made.items()}


LATER = [(formation, place, 1 + (formation + place) % 4) for formation, place in MATRIX]
LATER_SAMPLE = set(random.Random("a day that gets worse").sample(LATER, 1))


@pytest.mark.parametrize(
    ("formation", "place", "good"),
    [
        pytest.param(
            *one, marks=() if one in LATER_SAMPLE else pytest.mark.soak, id=f"{one[0]} {NAMES[one[1]]} {one[2]}"
        )
        for one in LATER
    ],
)
def test_half_of_an_answer_is_none(
    cli: Cli, home: Path, tmp_path: Path, formation: int, place: int, good: int, behind: dict[str, int]
) -> None:
    """Systems ail after so many good answers: in the middle of a list, or between counting and reading."""
    before = {kind: [ailing.passing(port)] * good for kind, port in behind.items()}
    report, _, printed = triaged(cli, home, tmp_path, formation, place, before)
    asked_for = {tool for name, (_, tool) in DOMAINS.items()}
    for item in report["evidence"]:
        if item["status"] == "error":
            assert item["summary"] is None, item["tool"]
            assert any(gap.startswith(f"{item['tool']}: error: ") for gap in report["gaps"]), item["tool"]
    failed = {item["tool"] for item in report["evidence"] if item["status"] == "error"} & asked_for
    # Few questions may have been enough for some; counting lines and traces never is.
    assert {"metrics.shifts", "alerts.active", "changes.recent"} <= failed
    assert report["verdict"] in ("inconclusive", "suspect")
    for text in (TOLD, "169.254.169.254"):
        assert text not in printed
