"""Planted e-mails, cards, tokens and names: they are read, and none of them leaves, in any form, by any exit."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from opswarden.agents.triage.types import TriageReport
from opswarden.apps.reports.render import render
from opswarden.evals.cases import Case
from opswarden.evals.worlds.planted import PlantedKind, PlantedValue, planted
from opswarden.evals.worlds.spec import WorldSpec
from opswarden.policies.endings import Endings
from opswarden.tests.apps.answers import Answer
from opswarden.tests.apps.calm import redeclare, rewrite, with_column
from opswarden.tests.apps.conftest import Cli, OpenHouse
from opswarden.tests.apps.leaks.leaks import bytes_below, leaks_in, needles_of
from opswarden.tests.apps.models import asks, claim, diagnosis, line_ids, window_in
from opswarden.tests.doubles.openai_server import OpenAIServer, Step

SENDERS_CANARY = (
    PlantedValue("email", "marlow.quint@example.net", "logs"),
    PlantedValue("card", "5555 5555 5555 4444", "logs"),
    PlantedValue("api_key", "sk-proj-9Zk3Wq8LmN2pR7tV4xYbC6dF1gH5jK0s", "logs"),
)
"""What a model writes by itself; it must not come out either."""

WORDS = ("card", "@example", "customer", "token", "payout prepared", "authorization")


@dataclass
class Raw:
    """What the tools returned before redaction; proof that there was something to leak."""

    texts: list[str] = field(default_factory=list)

    def places(self, values: Sequence[PlantedValue]) -> set[str]:
        everything = "\n".join(self.texts)
        return {value.where for value in values if value.value in everything}

    def kinds(self, values: Sequence[PlantedValue]) -> set[str]:
        everything = "\n".join(self.texts)
        return {value.kind for value in values if value.value in everything}


@pytest.fixture
def raw(monkeypatch: pytest.MonkeyPatch) -> Raw:
    seen, digest = Raw(), Endings.digest

    def spy(endings: Endings, tool: Any, args: Any, output: Any) -> Any:
        seen.texts.append(output.summary.model_dump_json() if output.summary is not None else "")
        if output.artifact is not None:
            seen.texts.append(repr(output.artifact.to_pylist()))
        return digest(endings, tool, args, output)

    monkeypatch.setattr(Endings, "digest", spy)
    return seen


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """What an OTLP collector would get; the installation wraps it as it wraps the real exporter."""
    collected = InMemorySpanExporter()
    monkeypatch.setattr("opswarden.core.telemetry.otlp_exporter", lambda _endpoint: collected)
    monkeypatch.setenv("OPSWARDEN_TELEMETRY__OTLP_ENDPOINT", "http://127.0.0.1:9/v1/traces")
    return collected


@pytest.fixture
def records(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Every record of every library, at every level."""
    caplog.set_level(0)
    return caplog


@pytest.fixture
def careless(case: Case, tmp_path: Path, spec: WorldSpec) -> Path:
    """The incident as it would be if every planted alert fired and somebody had pasted a contact into the title."""
    folder = Path(shutil.copytree(case.snapshot, tmp_path / "incident"))
    rewrite(folder, "alerts", lambda rows: with_column(rows, "state", pa.array(["firing"] * rows.num_rows)))
    mail = next(value.value for value in planted(spec) if (value.kind, value.where) == ("email", "alerts"))
    card = next(value.value for value in planted(spec) if (value.kind, value.where) == ("card", "logs"))
    manifest = json.loads((folder / "snapshot.json").read_text())
    redeclare(
        folder,
        title=f"{manifest['title']}, ask {mail}",
        alert=manifest["alert"] | {"summary": f"seen by {mail} on card {card}"},
    )
    return folder


def curious(body: Mapping[str, Any]) -> Step:
    """A model that wants to see everything, and says at the end what it must not."""
    turn = sum(1 for message in body["messages"] if message["role"] == "assistant")
    window = window_in(body)
    if turn == 0:
        return asks(*[("logs.search", {**window, "contains": word, "limit": 6}) for word in WORDS])
    if turn == 1:
        answers = [str(message["content"]) for message in body["messages"] if message["role"] == "tool"]
        return asks(*[("logs.read", {"ids": line_ids(answer)[:4]}) for answer in answers])
    if turn == 2:
        return asks(
            ("metrics.query", {**window, "entity": "merchant-webhooks", "metric": "delivery_rate"}),
            ("changes.recent", {**window, "limit": 50}),
            ("alerts.active", {**window, "limit": 50}),
            ("runbooks.search", {"query": "escalate contact on-call mail phone token", "limit": 5}),
            ("runbooks.read", {"name": "approval-rate-low.md"}),
            ("logs.search", {**window, "contains": SENDERS_CANARY[0].value}),
        )
    mail, card, key = (canary.value for canary in SENDERS_CANARY)
    return diagnosis(
        "inconclusive",
        [{"entity": f"fraud-scorer of {mail}", "change": key}],
        [claim(f"ask {mail}, charge {card}, use {key}", "E1", quotes=[mail])],
    )


def exits_of(said: Answer, home: Path, report: TriageReport) -> Iterator[tuple[str, bytes]]:
    """Everything that a run leaves behind or shows."""
    yield "stdout", said.out.encode()
    yield "stderr", said.err.encode()
    yield from bytes_below(home)
    for style in ("terminal", "json", "markdown", "html"):
        yield f"the report as {style}", render(report, style, width=100, colour=True).encode()  # type: ignore[arg-type]  # the four styles


def told(records: pytest.LogCaptureFixture) -> bytes:
    formatter = logging.Formatter("%(name)s %(message)s %(pathname)s")
    lines = [formatter.format(record) + repr(record.__dict__) for record in records.records]
    return "\n".join(lines).encode()


def assert_clean(exits: Iterator[tuple[str, bytes]], values: Sequence[PlantedValue]) -> None:
    needles = needles_of(values)
    found = {name: leaks for name, content in exits if (leaks := leaks_in(content, needles))}
    assert found == {}


@pytest.fixture(scope="module")
def everything_in_the_snapshot(case: Case) -> bytes:
    columns = {"logs": ["body", "attributes"], "metrics": ["labels"], "spans": ["attributes"], "changes": ["summary"]}
    tables = (pq.read_table(case.snapshot / f"{name}.parquet", columns=wanted) for name, wanted in columns.items())
    return "\n".join({repr(row) for table in tables for row in table.to_pylist()}).encode()


class TestTheSearch:
    """A search that finds nothing proves nothing, unless it finds what is there."""

    @pytest.mark.parametrize("kind", get_args(PlantedKind))
    def test_every_kind_is_planted_and_found_in_the_snapshot(
        self, everything_in_the_snapshot: bytes, spec: WorldSpec, kind: str
    ) -> None:
        needles = needles_of(value for value in planted(spec) if value.kind == kind)
        assert leaks_in(everything_in_the_snapshot, needles)

    @pytest.mark.parametrize("how", ["as it is", "base64", "hex", "url", "json", "upper", "utf-16"])
    def test_an_encoded_value_is_found(self, how: str) -> None:
        import base64
        import urllib.parse

        value = "zoë.quill+pay@example.org"
        hidden = {
            "as it is": f"to {value}.".encode(),
            "base64": base64.b64encode(f"x={value}; more".encode()),
            "hex": value.encode().hex().encode(),
            "url": urllib.parse.quote(value).encode(),
            "json": json.dumps({"to": value}).encode(),
            "upper": value.upper().encode(),
            "utf-16": value.encode("utf-16-le"),
        }[how]
        assert leaks_in(hidden, needles_of([PlantedValue("email", value, "logs")]))


def test_without_a_model_nothing_leaves(
    cli: Cli,
    careless: Path,
    spec: WorldSpec,
    home: Path,
    raw: Raw,
    spans: InMemorySpanExporter,
    records: pytest.LogCaptureFixture,
) -> None:
    said = cli("triage", careless, "--format", "json")
    assert said.code == 0, said.err
    report = TriageReport.model_validate(said.json)
    assert {"logs", "changes", "metrics", "alerts"} <= raw.places(planted(spec))
    assert "<EMAIL_ADDRESS" in said.out

    assert_clean(exits_of(said, home, report), planted(spec))
    for more in ((), ("--format", "html"), ("--out", "postmortem.md")):
        written = cli("docs", "postmortem", report.run_id, "--snapshot", careless, *more)
        assert written.code == 0, written.err
        assert_clean(exits_of(written, home, report), planted(spec))
    assert "<EMAIL_ADDRESS" in (home / "postmortem.md").read_text()
    assert_clean(iter([("log records", told(records))]), planted(spec))
    finished = spans.get_finished_spans()
    assert len(finished) > 10
    assert_clean(iter([("spans", "\n".join(span.to_json() for span in finished).encode())]), planted(spec))


@pytest.mark.usefixtures("_litellm_is_loaded")
def test_with_a_model_nothing_leaves(
    cli: Cli,
    careless: Path,
    spec: WorldSpec,
    home: Path,
    raw: Raw,
    spans: InMemorySpanExporter,
    records: pytest.LogCaptureFixture,
    open_house: OpenHouse,
) -> None:
    house: OpenAIServer = open_house(curious)
    said = cli("triage", careless, "--format", "json")
    assert said.code == 0, said.err
    report = TriageReport.model_validate(said.json)
    assert house.refusals == []
    assert len(house.captured) == 4, report.model.note
    assert report.model.note == ""
    values = (*planted(spec), *SENDERS_CANARY)
    assert {"logs", "changes", "metrics", "alerts", "runbooks"} <= raw.places(values)
    assert {"email", "phone", "card", "iban", "cpf", "ip", "bearer", "jwt", "api_key", "name"} <= raw.kinds(values)

    received = house.everything_received()
    for placeholder in ("EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS", "PERSON", "SECRET"):
        assert f"<{placeholder}".encode() in received.replace(b"\\u003c", b"<"), placeholder
    assert_clean(iter([("requests to the model", received)]), values)
    assert_clean(exits_of(said, home, report), values)
    assert_clean(iter([("log records", told(records))]), values)
    finished = spans.get_finished_spans()
    assert {span.name.split()[0] for span in finished} >= {"execute_tool", "chat", "tell"}
    assert_clean(iter([("spans", "\n".join(span.to_json() for span in finished).encode())]), values)
