"""Values of seventy kinds in every corner of a snapshot, read by every tool: none leaves by any exit, in any form."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from opswarden.core.errors import LedgerError
from opswarden.policies.budgets import Limits
from opswarden.policies.endings import Endings
from opswarden.tests.apps.conftest import Cli, sampled
from opswarden.tests.apps.leaks.leaks import Needle, bytes_below, leaks_in, telling_parts
from opswarden.tests.apps.leaks.planted_snapshot import PLACES, every_call, planted_in
from opswarden.tests.apps.staging import PACKAGES
from opswarden.tests.policies.worlds import Line, World
from opswarden.tests.redaction.disguises import FORMATS
from opswarden.tests.redaction.planting import KINDS, Planted, plant

TYPED = tuple(plant(kind, "typed") for kind in ("card visa", "email", "iban", "github", "jwt", "aws key id", "dsn"))
"""What careless people type into commands."""
SETTINGS = 'packages = ["readers:register"]\n[gate.limits]\ncalls = 5_000\ntells = 50\n'


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    collected = InMemorySpanExporter()
    monkeypatch.setattr("opswarden.core.telemetry.otlp_exporter", lambda _endpoint: collected)
    monkeypatch.setenv("OPSWARDEN_TELEMETRY__OTLP_ENDPOINT", "http://127.0.0.1:9/v1/traces")
    return collected


@pytest.fixture
def read_raw(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the tools returned before redaction; proof that there was something to leak."""
    seen: list[str] = []
    digest = Endings.digest

    def spy(endings: Endings, tool: Any, args: Any, output: Any) -> Any:
        if output.summary is not None:
            seen.append(json.dumps(output.summary.model_dump(mode="json"), ensure_ascii=False))
        if output.artifact is not None:
            seen.append(repr(output.artifact.to_pylist()))
        return digest(endings, tool, args, output)

    monkeypatch.setattr(Endings, "digest", spy)
    return seen


def told(caplog: pytest.LogCaptureFixture) -> bytes:
    formatter = logging.Formatter("%(name)s %(message)s %(pathname)s %(threadName)s")
    return "\n".join(formatter.format(record) + repr(record.__dict__) for record in caplog.records).encode()


def leaks(exits: Iterable[tuple[str, bytes]], needles: tuple[Needle, ...]) -> dict[str, list[str]]:
    return {name: found for name, content in exits if (found := leaks_in(content, needles))}


def left_behind(home: Path, temporary: Path) -> Iterator[tuple[str, bytes]]:
    yield from bytes_below(home)
    yield from bytes_below(temporary)


def test_whatever_every_tool_reads_leaves_nowhere(
    cli: Cli,
    home: Path,
    temporary: Path,
    planted_snapshot: Path,
    needles: tuple[Needle, ...],
    read_raw: list[str],
    spans: InMemorySpanExporter,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(0)
    monkeypatch.syspath_prepend(str(PACKAGES))
    (home / "opswarden.toml").write_text(SETTINGS, encoding="utf-8")
    calls = json.dumps({"calls": every_call()}, ensure_ascii=False)
    said = cli("agent", "triage", "--snapshot", planted_snapshot, "--input", calls)
    assert said.code == 0, said.err
    raw = "\n".join(read_raw)
    for where in PLACES:
        kinds = {each.kind for each in planted_in(where) if any(part in raw for part in each.telling)}
        assert len(kinds) > 60, where

    ledger = cli("audit", "tail", "-n", 10_000, "--format", "json")
    shown = [cli("audit", "show", seq, "--format", "json").out for seq in range(0, 200, 20)]
    finished = "\n".join(span.to_json() for span in spans.get_finished_spans())
    assert len(ledger.out) > 100_000
    assert len(finished) > 100_000
    found = leaks(
        [
            ("stdout", said.out.encode()),
            ("stderr", said.err.encode()),
            ("audit tail", (ledger.out + ledger.err).encode()),
            ("audit show", "\n".join(shown).encode()),
            ("spans", finished.encode()),
            ("log records", told(caplog)),
            *left_behind(home, temporary),
        ],
        needles,
    )
    assert found == {}


def test_what_errors_say_leaves_nowhere(
    cli: Cli,
    home: Path,
    temporary: Path,
    spans: InMemorySpanExporter,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Errors of tools, of backends and of agents, with a value of every kind in their text."""
    caplog.set_level(0)
    monkeypatch.syspath_prepend(str(PACKAGES))
    (home / "opswarden.toml").write_text(SETTINGS, encoding="utf-8")
    planted = [plant(kind, "errors") for kind in KINDS]
    texts = [wrap(each.key, each.value) for each, wrap in zip(planted, itertools.cycle(FORMATS.values()))]
    hows = ("tool", "backend", "bug")
    calls = [("readers.fail", {"how": how, "text": text}) for text, how in zip(texts, itertools.cycle(hows))]
    said = [cli("agent", "triage", "--input", json.dumps({"calls": calls}))]
    said += [
        cli("agent", "triage", "--input", json.dumps({"calls": [("raise", {"text": text})]})) for text in texts[:6]
    ]
    assert [answer.code for answer in said] == [0, *[3] * 6]
    finished = "\n".join(span.to_json() for span in spans.get_finished_spans())
    exits = [
        ("what was said", "".join(answer.out + answer.err for answer in said).encode()),
        ("spans", finished.encode()),
        ("log records", told(caplog)),
        *left_behind(home, temporary),
    ]
    assert leaks(exits, telling_parts(planted, "an error")) == {}


def _cannot_append(*_: object, **__: object) -> None:
    raise LedgerError("the disk is gone")


def test_the_journal_in_the_place_of_the_ledger_holds_none_of_it(tmp_path: Path) -> None:
    world = World(tmp_path / "world", limits=Limits(calls=500))
    gate = world.open()
    planted = [plant(kind, "journal") for kind in KINDS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(world.sqlite_ledger), "append", _cannot_append)
        for row, (each, wrap) in enumerate(zip(planted, itertools.cycle(FORMATS.values()))):
            text = wrap(each.key, each.value)
            world.shop.lines = [Line(text=text, count=1)]
            gate.call("logs.search", {"query": text}, call_id=f"c{row}")
    journal = (tmp_path / "world" / "fallback.jsonl").read_bytes()
    assert journal.count(b"\n") > 100
    needles = telling_parts(planted, "a call")
    assert leaks([("the journal", journal), ("all that is stored", world.everything_stored())], needles) == {}


@pytest.fixture
def levers(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PACKAGES))
    monkeypatch.setenv("LEVERS_FILE", str(home.parent / "effects"))
    settings = (
        'packages = ["pullers:register"]\npolicies = ["rules"]\n[people.ana]\nroles = ["oncall"]\n'
        '[gate.stages.platform.production]\n"levers.pull" = "act"\n'
    )
    (home / "opswarden.toml").write_text(settings.replace('policies = ["rules"]\n', ""), encoding="utf-8")


def everything_said(cli: Cli, *argvs: tuple[object, ...]) -> bytes:
    answers = [cli(*argv) for argv in argvs]
    return "\n".join(part for said in answers for part in (said.out, said.err)).encode()


@pytest.mark.parametrize("typed", sampled(TYPED, TYPED[:2]), ids=[each.kind for each in TYPED])
def test_what_is_typed_into_commands_comes_out_nowhere(
    cli: Cli, home: Path, temporary: Path, levers: None, caplog: pytest.LogCaptureFixture, typed: Planted
) -> None:
    """Arguments, refusals, previews, notes, reasons, usage errors and the ledger's view of them."""
    caplog.set_level(0)
    value = typed.value
    args = json.dumps({"lever": value})
    said = everything_said(
        cli,
        ("agent", "triage", "--input", json.dumps({"lever": value})),
        ("agent", "puller", "--input", json.dumps({"lever": value})),
        ("agent", value),
        ("agent", "triage", "--input", f"no JSON {value}"),
        ("agent", "triage", "--snapshot", value),
        ("triage", value),
        ("triage", home, "--model", value),
        ("triage", home, "--format", value),
        (value,),
        ("resume", value),
        ("policy", "explain", "levers.pull", "--args", args),
        ("policy", "explain", "levers.pull", "--args", json.dumps({"lever": 1, value: value})),
        ("policy", "explain", value, "--on-behalf-of", value, "--role", value, "--environment", value),
        ("policy", "check", "--environment", value),
        ("approvals", "stop-writes", "--reason", f"because of {value}"),
        ("approvals", "allow-writes", "--reason", f"because of {value}"),
        ("approvals", "show", value),
        ("approvals", "approve", value, "--note", f"for {value}"),
        ("approvals", "list", "--all", "--format", "json"),
        ("reveal", value, value, "--reason", value),
        ("audit", "tail", "--run", value),
        ("audit", "tail", "--tool", value),
        ("import", value, value, value),
        ("eval", "run", value),
        ("redact", value),
        ("redact", "--audience", value, "--encoding", value),
        ("doctor", "--format", "json"),
        ("audit", "tail", "-n", 1_000, "--format", "json"),
    )
    assert len(said) > 3_000
    exits = [("what was said", said), ("log records", told(caplog)), *left_behind(home, temporary)]
    assert leaks(exits, telling_parts([typed], "a command")) == {}


def test_redact_shows_and_explains_without_the_values(cli: Cli, home: Path, temporary: Path) -> None:
    planted = [plant(kind, "redact") for kind in KINDS]
    text = "\n".join(wrap(each.key, each.value) for each in planted for wrap in FORMATS.values())
    (home / "app.log").write_text(text, encoding="utf-8")
    options = ((), ("--explain",), ("--format", "json", "--explain"), ("--encoding", "utf-16"), ("--profile", "eu"))
    answers = [cli("redact", "app.log", *more) for more in options]
    assert [answer.code for answer in answers] == [0, 0, 0, answers[3].code, 0]
    assert answers[1].err.count("\n") > len(planted) * len(FORMATS) // 2
    (home / "app.log").unlink()
    said = "\n".join(part for answer in answers for part in (answer.out, answer.err)).encode()
    assert leaks([("redact", said), *left_behind(home, temporary)], telling_parts(planted, "a file")) == {}
