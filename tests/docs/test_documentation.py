"""What the documentation says is so: commands, links, tables, copies of code, messages."""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
import typing
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import annotated_types as limits
import click
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from opswarden.apps.catalogue import declared_tools
from opswarden.apps.cli.main import cli, main
from opswarden.apps.live.systems import KINDS, TESTED_REAL
from opswarden.apps.own_metrics import FAMILIES
from opswarden.apps.settings import Settings
from opswarden.core import errors
from opswarden.core.errors import InputError, OpswardenError
from opswarden.core.systems.aws_api import AwsSettings
from opswarden.core.systems.settings import HttpSettings
from opswarden.evals.importers.registry import IMPORTERS
from opswarden.evals.registry import SUITES
from opswarden.evals.scoring.baselines import BASELINES
from opswarden.evals.scoring.changes import BASELINES as CHANGES_BASELINES
from opswarden.evals.worlds.spec import FAULT_NAMES
from opswarden.policies.data_facts import DataFacts, Destination
from opswarden.policies.engine import CedarEngine
from opswarden.policies.environment_facts import EnvironmentFacts
from opswarden.policies.facts import BudgetFacts, CommonFacts, DecisionInput, Target, TicketFacts, cedar_request
from opswarden.policies.types import EntryKind, Principal
from opswarden.redaction.definition import Digits, Keyed, Lettered, Rule
from opswarden.redaction.engine import Redaction
from opswarden.redaction.evidence.surroundings import LEAST_ONE_IN, ONE_DIGIT, RARE
from opswarden.redaction.recognizers.built_in import BUILT_IN
from opswarden.tools.alerts.backends.settings import AlertmanagerSettings
from opswarden.tools.changes.backends.delivery_settings import ArgocdSettings, GithubSettings, GitlabSettings
from opswarden.tools.changes.backends.settings import GitSettings
from opswarden.tools.documents.backends.forge_settings import ForgeSettings
from opswarden.tools.issues.backends.settings import IssueSettings
from opswarden.tools.kubernetes.backends.settings import KubernetesSettings
from opswarden.tools.logs.backends.cloudwatch_settings import CloudwatchLogsSettings
from opswarden.tools.logs.backends.settings import ElasticsearchSettings, FilesSettings, JournaldSettings, LokiSettings
from opswarden.tools.metrics.backends.cloudwatch_settings import CloudwatchSettings
from opswarden.tools.metrics.backends.settings import OpenmetricsSettings, PrometheusSettings
from opswarden.tools.snapshots.manifest import AlertRef, Manifest
from opswarden.tools.snapshots.schema import TABLES
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.traces.backends.settings import JaegerSettings, OtlpFilesSettings, TempoSettings

ROOT = Path(__file__).parents[2]


def _load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


marked = _load(Path(__file__).with_name("marked.py"), "marked_documentation")
PAGES: list[Path] = marked.pages()
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
each_page = pytest.mark.parametrize("page", PAGES, ids=NAMES)

_FENCE = re.compile(r"^(`{3,})([a-z]*)\n(.*?)^\1$", re.DOTALL | re.MULTILINE)
_INLINE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def _prose(text: str) -> str:
    return _FENCE.sub("", text)


# Code


@each_page
def test_marked_blocks_are_copies(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == marked.filled(text), "run: python tests/docs/marked.py"


@each_page
def test_toml_blocks_are_settings(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for _, language, content in _FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "toml":
            (tmp_path / "opswarden.toml").write_text(content)
            assert main(["config", "--format", "json"]) == 0, content


# Commands


def _command_lines() -> Iterator[tuple[str, str]]:
    for page, name in zip(PAGES, NAMES, strict=True):
        text = page.read_text(encoding="utf-8")
        found = [line.strip() for _, _, block in _FENCE.findall(text) for line in block.splitlines()]
        found += [" ".join(code.split()) for code in _INLINE.findall(_prose(text))]
        lines = {line.removeprefix("$ ").partition("  #")[0] for line in found}
        yield from ((name, line) for line in sorted(lines) if line.startswith("opswarden "))


@pytest.mark.parametrize(("page", "line"), list(_command_lines()))
def test_command_lines_exist(page: str, line: str) -> None:
    command: click.Command = cli
    context = click.Context(cli)
    for word in shlex.split(line.partition(" | ")[0])[1:]:
        if isinstance(command, click.Group) and not word.startswith("-"):
            found = command.get_command(context, word)
            assert found is not None, f"{page}: {line!r}: there is no command {word!r}"
            command = found
        elif word.startswith("--"):
            options = {opt for param in command.params for opt in (*param.opts, *param.secondary_opts)}
            assert word.partition("=")[0] in options | {"--help"}, f"{page}: {line!r}: there is no option {word!r}"


def test_the_commands_table_names_every_command() -> None:
    context = click.Context(cli)
    rows = {row[0].split()[1]: row[1] for row in marked.table("README.md", "commands")}
    assert set(rows) == set(cli.list_commands(context))
    for name, text in rows.items():
        command = cli.get_command(context, name)
        inner = command.list_commands(context) if isinstance(command, click.Group) else []
        assert not [word for word in inner if f"`{word}`" not in text], f"the row of {name!r} leaves something out"


def test_the_figures_of_our_own_are_those_of_the_table() -> None:
    told = [(name, kind, text) for name, (kind, text) in FAMILIES.items()]
    assert [tuple(row) for row in marked.table("docs/web.md", "own metrics")] == told


def test_the_exit_codes_are_those_of_the_errors() -> None:
    listed = {int(row[0]) for row in marked.table("README.md", "exit codes")}
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, OpswardenError)]
    assert listed == {0, *(kind.exit_code for kind in kinds)}


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make ([a-z]+)`", (ROOT / "README.md").read_text()))))
def test_make_targets_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


# Links and form


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@each_page
def test_links_resolve(page: Path) -> None:
    for link in _LINK.findall(_prose(page.read_text(encoding="utf-8"))):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{link} does not resolve"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", _prose(target.read_text(encoding="utf-8")), re.MULTILINE)
            assert anchor in map(_anchor, headings), f"{link}: there is no such heading"


@each_page
def test_lines_are_short(page: Path) -> None:
    text = _prose(page.read_text(encoding="utf-8"))
    assert not [line for line in text.splitlines() if len(line) > 120 and not line.startswith("|")]


def test_the_screenshot_is_small() -> None:
    assert (ROOT / "docs" / "images" / "report.png").stat().st_size < 300_000


# Tables


def _bounds(field: FieldInfo) -> str:
    """The limits of a setting in words."""
    found: dict[str, Any] = {}
    for mark in field.metadata:
        for kind, name in ((limits.Ge, "ge"), (limits.Le, "le"), (limits.Gt, "gt")):
            if isinstance(mark, kind):
                found[name] = getattr(mark, name)
        if isinstance(mark, limits.MaxLen):
            found["most"] = mark.max_length
    if "ge" in found and "le" in found:
        return f"{found['ge']} to {found['le']}"
    if "ge" in found:
        return f"at least {found['ge']}"
    if "gt" in found:
        return f"above {found['gt']:g}"
    counted = "entries" if typing.get_origin(field.annotation) in (dict, tuple) else "characters"
    return f"up to {found['most']} {counted}" if "most" in found else ""


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=False)
    if field.default_factory is not None:
        return "{}" if field.default_factory is dict else "see below"
    if value is PydanticUndefined:
        return "required"
    if value is None:
        return "none"
    if isinstance(value, (tuple, frozenset)):
        named = value if isinstance(value, tuple) else sorted(value)
        return "[" + ", ".join(f'"{item}"' for item in named) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else str(value)


def _sections(annotation: Any) -> tuple[str, type[BaseModel] | None]:
    """What follows the key of a setting that holds sections, and the section; nothing for other settings."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "", annotation
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    last = inside[0] if origin is tuple else inside[-1] if origin is dict else None
    if isinstance(last, type) and issubclass(last, BaseModel):
        return ("[]" if origin is tuple else ".NAME"), last
    return "", None


def setting_rows(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[list[str]]:
    """Key, default and limits of every setting, in the order of the models."""
    for name, field in model.model_fields.items():
        suffix, section = _sections(field.annotation)
        if section is not None:
            yield from setting_rows(section, f"{prefix}{name}{suffix}.")
        else:
            yield [f"{prefix}{name}", _default(field), _bounds(field)]


def test_the_settings_table_is_the_settings_model() -> None:
    rows = marked.table("docs/configuration.md", "settings")
    assert [row[:3] for row in rows] == list(setting_rows())
    assert all(row[3] for row in rows), "every setting says what it means"


def _rules() -> list[list[str]]:
    notes = CedarEngine.load([]).notes
    return [[note.id, note.effect, ", ".join(note.roles) or "–", note.reason] for note in notes]


def _tools() -> list[list[str]]:
    nothing: Any = SimpleNamespace(registry=SimpleNamespace(tools={}), settings=Settings())
    return [[tool.name, tool.effect, tool.description] for tool in declared_tools(nothing, "production")]


def _common() -> list[list[str]]:
    facts = CommonFacts("", datetime.now().astimezone(), "act", "", BudgetFacts(*(0 for _ in range(12))))
    facts = replace(
        facts,
        data=DataFacts(destination=Destination("store")),
        environment=EnvironmentFacts(run_environment="sandbox"),
        ticket=TicketFacts("", ""),
        audience_team="x",
    )
    asked = DecisionInput(Principal("", "", ""), "x.y", Target("", ""), facts)
    return sorted([name] for name in cedar_request(asked)["context"]["common"])


def _entities() -> list[list[str]]:
    general = {(each.entity_type, each.restorable) for each in BUILT_IN if not each.country}
    return sorted([name, "yes" if back else "no"] for name, back in general)


def _identifiers() -> list[list[str]]:
    """What speaks for an identifier, read from its rules."""
    rows: dict[tuple[str, str], set[str]] = {}
    for definition in BUILT_IN:
        if definition.country:
            found = rows.setdefault((definition.country, definition.entity_type), set())
            found.update(how for rule in definition.rules for how in _found_by(rule))
    order = ["key", "word", "form", "no word", "any key", "alone"]
    return [
        [name, country, ", ".join(how for how in order if how in found)]
        for (country, name), found in sorted(rows.items())
    ]


def _found_by(rule: Rule) -> Iterator[str]:
    if isinstance(rule, Keyed):
        yield "key"
    elif not isinstance(rule, Digits | Lettered) or rule.evidence is None:
        yield "form"
    else:
        if rule.evidence.words:
            yield "word"
        if rule.evidence.one_in >= LEAST_ONE_IN:
            yield "alone" if rule.evidence.one_in >= RARE else "any key"
        elif rule.evidence.one_in >= ONE_DIGIT:
            yield "no word"


def _of_system(model: type[BaseModel], beside: type[BaseModel] = BaseModel) -> list[list[str]]:
    """The settings of one kind of system, without those of another table and those that all have."""
    told = {"kind", "environment", *beside.model_fields}
    return [row for row in setting_rows(model) if row[0] not in told]


TABLES_OF_PAGES: list[tuple[str, str, int, Callable[[], list[list[str]]]]] = [
    ("docs/gate.md", "rules", 4, _rules),
    ("docs/gate.md", "kinds", 1, lambda: sorted([kind] for kind in typing.get_args(EntryKind))),
    ("docs/triage.md", "tools", 3, _tools),
    ("docs/live.md", "http system", 3, lambda: _of_system(HttpSettings)),
    ("docs/live.md", "prometheus system", 3, lambda: _of_system(PrometheusSettings, HttpSettings)),
    ("docs/live.md", "alertmanager system", 3, lambda: _of_system(AlertmanagerSettings, HttpSettings)),
    ("docs/live.md", "kubernetes system", 3, lambda: _of_system(KubernetesSettings, HttpSettings)),
    ("docs/live.md", "loki system", 3, lambda: _of_system(LokiSettings, HttpSettings)),
    ("docs/live.md", "elasticsearch system", 3, lambda: _of_system(ElasticsearchSettings, HttpSettings)),
    ("docs/live.md", "aws system", 3, lambda: _of_system(AwsSettings, HttpSettings)),
    ("docs/live.md", "openmetrics system", 3, lambda: _of_system(OpenmetricsSettings, HttpSettings)),
    ("docs/live.md", "cloudwatch system", 3, lambda: _of_system(CloudwatchSettings, AwsSettings)),
    ("docs/live.md", "cloudwatch-logs system", 3, lambda: _of_system(CloudwatchLogsSettings, AwsSettings)),
    ("docs/live.md", "files system", 3, lambda: _of_system(FilesSettings)),
    ("docs/live.md", "journald system", 3, lambda: _of_system(JournaldSettings)),
    ("docs/live.md", "tempo system", 3, lambda: _of_system(TempoSettings, HttpSettings)),
    ("docs/live.md", "jaeger system", 3, lambda: _of_system(JaegerSettings, HttpSettings)),
    ("docs/live.md", "otlp-files system", 3, lambda: _of_system(OtlpFilesSettings)),
    ("docs/live.md", "argocd system", 3, lambda: _of_system(ArgocdSettings, HttpSettings)),
    ("docs/live.md", "github system", 3, lambda: _of_system(GithubSettings, HttpSettings)),
    ("docs/live.md", "gitlab system", 3, lambda: _of_system(GitlabSettings, HttpSettings)),
    ("docs/finops.md", "pull requests", 3, lambda: _of_system(ForgeSettings, HttpSettings)),
    ("docs/finops.md", "issues", 3, lambda: _of_system(IssueSettings, HttpSettings)),
    ("docs/live.md", "git system", 3, lambda: _of_system(GitSettings)),
    ("docs/live.md", "systems", 1, lambda: [[name] for name in KINDS]),
    ("docs/writing-a-policy.md", "common", 1, _common),
    ("docs/redaction.md", "entities", 2, _entities),
    ("docs/identifiers.md", "identifiers", 3, _identifiers),
    ("docs/evaluation.md", "metrics", 2, lambda: [[m.name, m.description] for m in SUITES["rca"].metrics]),
    ("docs/evaluation.md", "logs metrics", 2, lambda: [[m.name, m.description] for m in SUITES["logs"].metrics]),
    (
        "docs/evaluation.md",
        "runbooks metrics",
        2,
        lambda: [[m.name, m.description] for m in SUITES["runbooks"].metrics],
    ),
    ("docs/evaluation.md", "past metrics", 2, lambda: [[m.name, m.description] for m in SUITES["past"].metrics]),
    ("docs/evaluation.md", "world metrics", 2, lambda: [[m.name, m.description] for m in SUITES["world"].metrics]),
    (
        "docs/evaluation.md",
        "injection metrics",
        2,
        lambda: [[m.name, m.description] for m in SUITES["injection"].metrics],
    ),
    (
        "docs/evaluation.md",
        "rollouts metrics",
        2,
        lambda: [[m.name, m.description] for m in SUITES["rollouts"].metrics],
    ),
    (
        "docs/evaluation.md",
        "pipelines metrics",
        2,
        lambda: [[m.name, m.description] for m in SUITES["pipelines"].metrics],
    ),
    (
        "docs/evaluation.md",
        "features metrics",
        2,
        lambda: [[m.name, m.description] for m in SUITES["features"].metrics],
    ),
    ("docs/evaluation.md", "fraud metrics", 2, lambda: [[m.name, m.description] for m in SUITES["fraud"].metrics]),
    ("docs/evaluation.md", "fleets metrics", 2, lambda: [[m.name, m.description] for m in SUITES["fleets"].metrics]),
    ("docs/evaluation.md", "changes metrics", 2, lambda: [[m.name, m.description] for m in SUITES["changes"].metrics]),
    ("docs/evaluation.md", "changes baselines", 2, lambda: [[i.name, i.description] for i in CHANGES_BASELINES]),
    ("docs/evaluation.md", "baselines", 2, lambda: [[item.name, item.description] for item in BASELINES]),
    ("docs/evaluation.md", "faults", 1, lambda: [[name] for name in FAULT_NAMES]),
    ("docs/snapshots.md", "importers", 3, lambda: [[n, i.layout, i.licence] for n, i in IMPORTERS.items()]),
]


def test_the_table_of_kinds_says_which_were_tested_for_real() -> None:
    rows = {row[0].strip("`"): row[2] for row in marked.table("docs/live.md", "systems")}
    assert {kind for kind, tested in rows.items() if ", real" in tested} == TESTED_REAL
    assert all("double" in tested for kind, tested in rows.items() if kind not in TESTED_REAL)


@pytest.mark.parametrize(("page", "name", "columns", "truth"), TABLES_OF_PAGES, ids=[row[1] for row in TABLES_OF_PAGES])
def test_tables_are_true(page: str, name: str, columns: int, truth: Callable[[], list[list[str]]]) -> None:
    listed = [row[:columns] for row in marked.table(page, name)]
    expected = truth()
    assert (sorted(listed) if name in ("kinds", "common", "entities") else listed) == expected


@pytest.mark.parametrize(("name", "model"), [("manifest", Manifest), ("alert", AlertRef)])
def test_the_fields_of_snapshot_json(name: str, model: type[BaseModel]) -> None:
    listed = [row[:2] for row in marked.table("docs/snapshots.md", name)]
    expected = [[key, "yes" if field.is_required() else "no"] for key, field in model.model_fields.items()]
    assert listed == expected


def test_the_columns_of_a_snapshot() -> None:
    listed: list[tuple[str, str, str]] = []
    for row in marked.table("docs/snapshots.md", "columns"):
        listed.append((row[0] or listed[-1][0], row[1], row[2]))
    words = {
        pa.timestamp("us", tz="UTC"): "time",
        pa.string(): "text",
        pa.float64(): "number",
        pa.int64(): "whole number",
        pa.map_(pa.string(), pa.string()): "map",
    }
    assert listed == [(table, field.name, words[field.type]) for table, schema in TABLES.items() for field in schema]


def test_the_codes_exist() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "policies").glob("*.py"))
    missing = [row[0] for row in marked.table("docs/gate.md", "codes") if f'"{row[0]}"' not in code]
    assert not missing


_EXAMPLES = [
    row[:2] for name in ("redaction examples", "redaction limits") for row in marked.table("docs/redaction.md", name)
]


@pytest.fixture(scope="module")
def redaction() -> Redaction:
    return Redaction()


@pytest.mark.parametrize(("text", "cleaned"), _EXAMPLES)
def test_redaction_does_what_the_page_says(redaction: Redaction, text: str, cleaned: str) -> None:
    assert redaction.scrub(text) == cleaned


# Snapshots


@pytest.fixture
def own_snapshot(tmp_path: Path) -> Path:
    folder = tmp_path / "slow-checkout"
    _load(ROOT / "docs" / "examples" / "make_snapshot.py", "make_snapshot_example").write(folder)
    return folder


def test_the_example_snapshot_can_be_triaged(own_snapshot: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["triage", str(own_snapshot), "--format", "markdown"]) == 0
    assert "The data points to orders-db" in capsys.readouterr().out.replace("\\", "")


def _rewrite(folder: Path, name: str, change: Callable[[pa.Table], pa.Table]) -> None:
    path = folder / f"{name}.parquet"
    pq.write_table(change(pq.read_table(path)), path)


def _cut(folder: Path) -> None:
    path = folder / "spans.parquet"
    path.write_bytes(path.read_bytes()[:-20])


def _no_unit(folder: Path) -> None:
    _rewrite(folder, "metrics", lambda table: table.drop_columns(["unit"]))


def _no_zone(folder: Path) -> None:
    _rewrite(folder, "logs", lambda table: table.set_column(0, "ts", table["ts"].cast(pa.timestamp("us"))))


def _far_away(folder: Path) -> None:
    row = pa.array([2**62], pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    _rewrite(
        folder,
        "logs",
        lambda table: table.schema.empty_table().from_pydict(
            {name: [None] if name != "ts" else row for name in table.column_names}, schema=table.schema
        ),
    )


def _link(folder: Path) -> None:
    (folder / "changes.parquet").rename(folder / "elsewhere")
    (folder / "changes.parquet").symlink_to("elsewhere")


def _no_telemetry(folder: Path) -> None:
    for name in ("metrics", "logs", "spans"):
        (folder / f"{name}.parquet").unlink()


def _no_start(folder: Path) -> None:
    path = folder / "snapshot.json"
    path.write_text(re.sub(r'"start": "[^"]*",', "", path.read_text(), count=1))


DAMAGE: list[Callable[[Path], None]] = [
    lambda folder: (folder / "snapshot.json").unlink(),
    _no_start,
    _no_telemetry,
    _no_unit,
    _no_zone,
    _cut,
    _link,
    _far_away,
]


@pytest.mark.parametrize("place", range(len(DAMAGE)))
def test_the_errors_of_a_snapshot(own_snapshot: Path, place: int) -> None:
    message = marked.table("docs/snapshots.md", "errors")[place][0]
    DAMAGE[place](own_snapshot)
    with pytest.raises(InputError) as caught:
        SnapshotStore(own_snapshot)
    assert re.fullmatch(re.escape(message).replace("…", ".*"), caught.value.message), caught.value.message
