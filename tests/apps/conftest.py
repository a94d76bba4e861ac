"""What the tests of the application share: one tiny incident, an empty installation per test, a command line."""

from __future__ import annotations

import io
import json
import logging
import shutil
import sys
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from opswarden.agents.model.lazy_litellm import load_litellm
from opswarden.apps.cli.main import main
from opswarden.evals.cases import Case
from opswarden.evals.worlds.spec import WorldSpec
from opswarden.evals.worlds.world import write_case
from opswarden.tests.apps.answers import PERSON, Answer
from opswarden.tests.apps.calm import write_calm
from opswarden.tests.apps.models import KEY, endpoint_settings
from opswarden.tests.apps.staging import Stage
from opswarden.tests.doubles.openai_server import OpenAIServer, Responder

HAS_INSPECT = find_spec("inspect_ai") is not None
collect_ignore = [] if HAS_INSPECT else ["evaluation/test_inspect_tasks.py"]
"""The extra `inspect` is no part of the locked environment, so its tests are left out rather than skipped."""


def pytest_report_header() -> str:
    return "" if HAS_INSPECT else "left out: the tests of the extra `inspect`, which is not installed"


SPEC = WorldSpec(seed=3, fault="bad_model_promotion", duration_s=5_400, log_lines=1_500, spans=400, series=100)
"""Small enough to be written in a second; its fault is plain to see."""


def sampled(names: Iterable[Any], kept: Container[Any]) -> list[Any]:
    """Parameters of which `make test` takes those that are kept and `make soak` takes all."""
    return [name if name in kept else pytest.param(name, marks=pytest.mark.soak) for name in names]


Cli = Callable[..., Answer]
OpenHouse = Callable[..., OpenAIServer]


@pytest.fixture(scope="session")
def spec() -> WorldSpec:
    return SPEC


@pytest.fixture(scope="session")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The incident of this session; tests that change it copy it first."""
    return write_case(SPEC, tmp_path_factory.mktemp("cases") / "world-0001")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working directory of a fresh installation; `opswarden.toml` goes here, state into `state`."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("OPSWARDEN_SOAK", raising=False)  # a name for tests, which a command refuses as unknown
    monkeypatch.setenv("OPSWARDEN_STATE_DIR", str(folder / "state"))
    monkeypatch.setattr("opswarden.apps.installation.current_person", lambda: PERSON)
    monkeypatch.setenv("COLUMNS", "100")
    handlers = list(logging.root.handlers)
    yield folder
    logging.root.handlers = [handler for handler in logging.root.handlers if handler in handlers]


@pytest.fixture
def cli(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Runs a command in this process: `cli("triage", folder, "--format", "json")`."""

    def run(*argv: object, stdin: bytes | None = None) -> Answer:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = main([str(part) for part in argv])
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return run


@dataclass(frozen=True)
class Triaged:
    """A triage without a model that has ended, and the state directory it left behind."""

    state: Path
    report: Any
    text: str


@pytest.fixture(scope="session")
def ended_triage(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Triaged:
    """The uninterrupted triage of this session; `triaged` gives a copy of it."""
    folder = tmp_path_factory.mktemp("triaged")
    said, told = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said), redirect_stderr(told):
        patch.chdir(folder)
        patch.delenv("OPSWARDEN_SOAK", raising=False)
        patch.setenv("OPSWARDEN_STATE_DIR", str(folder / "state"))
        patch.setattr("opswarden.apps.installation.current_person", lambda: PERSON)
        assert main(["triage", str(case.snapshot), "--format", "json"]) == 0, told.getvalue()
    return Triaged(folder / "state", json.loads(said.getvalue()), said.getvalue())


@pytest.fixture
def triaged(ended_triage: Triaged, home: Path) -> Triaged:
    """The session's ended triage, in this test's own copy."""
    shutil.copytree(ended_triage.state, home / "state")
    return replace(ended_triage, state=home / "state")


@pytest.fixture
def write_settings(home: Path) -> Callable[[str], Path]:
    """Writes `opswarden.toml`."""

    def write(text: str) -> Path:
        path = home / "opswarden.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def calm_snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_calm(tmp_path_factory.mktemp("calm") / "snapshot")


@pytest.fixture
def calm(calm_snapshot: Path, tmp_path: Path) -> Path:
    """A snapshot in which nothing is wrong, in this test's own copy."""
    return Path(shutil.copytree(calm_snapshot, tmp_path / "incident"))


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """Runs command lines in processes that can be killed."""
    with Stage() as running:
        yield running


@pytest.fixture(scope="session")
def _litellm_is_loaded() -> None:
    """Its import takes seconds, which are no test's own."""
    load_litellm()


@pytest.fixture
def open_house(write_settings: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenHouse]:
    """Starts a model endpoint named `house` and writes the settings that name it."""
    monkeypatch.setenv("HOUSE_KEY", KEY)
    with ExitStack() as stack:

        def open_one(responder: Responder | None = None, more_settings: str = "") -> OpenAIServer:
            server = stack.enter_context(OpenAIServer(responder=responder, api_key=KEY))
            write_settings("version = 1\n" + more_settings + endpoint_settings(server))
            return server

        yield open_one


@pytest.fixture
def house(open_house: OpenHouse, _litellm_is_loaded: None) -> OpenAIServer:
    """A model endpoint named `house`, configured; `house.script(...)` says what it answers."""
    return open_house()
