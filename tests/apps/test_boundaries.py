"""Which data may go where, and environments apart: as an operator declares them, on whole runs over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from opswarden.tests.apps.answers import PERSON
from opswarden.tests.apps.calm import redeclare
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.apps.models import KEY, asks, diagnosis, endpoint_settings
from opswarden.tests.apps.staging import PACKAGES
from opswarden.tests.doubles.openai_server import OpenAIServer, Text

Write = Callable[[str], Path]

FROM_BRAZIL = """
[gate.data.environments.staging]
countries = ["BR"]
classes = ["operational"]
"""
AT_HOME = """
[[gate.residency.allow]]
countries = ["BR"]
classes = ["operational"]
self_hosted = true
"""
WITH_AZURE = """
[[gate.residency.allow]]
countries = ["BR"]
classes = ["operational"]
to = ["model"]
regions = ["BR", "EU"]
providers = ["azure"]
terms = ["no-training"]
"""
IN_THE_US = {"region": '"US"', "provider": '"azure"', "terms": '["no-training"]'}
TRAINING = {"region": '"BR"', "provider": '"azure"'}
LISTED = {"region": '"EU"', "provider": '"Azure"', "terms": '["no-training", "dpa"]'}
OURS = {"is_self_hosted": "true"}

pytestmark = pytest.mark.usefixtures("_litellm_is_loaded")


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], OpenAIServer]]:
    """Starts endpoints that all give the same answer."""
    monkeypatch.setenv("HOUSE_KEY", KEY)
    with ExitStack() as stack:
        yield lambda: stack.enter_context(OpenAIServer(responder=lambda _body: diagnosis("healthy"), api_key=KEY))


def test_a_denied_endpoint_gets_no_byte_and_the_next_is_decided_anew(
    cli: Cli, calm: Path, write_settings: Write, servers: Callable[[], OpenAIServer]
) -> None:
    """Before the one that answers, after it, and in between: nothing but the listed endpoint is even connected to."""
    facts = {"abroad": IN_THE_US, "training": TRAINING, "listed": LISTED, "spare": IN_THE_US}
    running = {name: servers() for name in facts}
    endpoints = "".join(endpoint_settings(running[name], name, **more) for name, more in facts.items())
    write_settings("version = 1\n" + FROM_BRAZIL + AT_HOME + WITH_AZURE + endpoints)
    said = cli("triage", calm, "--format", "json")
    assert said.code == 0, said.err
    model = said.json["model"]
    assert model["endpoint"] == "listed"
    assert [text.partition(":")[0] for text in model["fallbacks"]] == ["abroad", "training"]
    assert all("may not go to this model" in text for text in model["fallbacks"])
    assert {name: server.connections for name, server in running.items()} == {
        "abroad": 0,
        "training": 0,
        "listed": running["listed"].connections,
        "spare": 0,
    }
    assert len(running["listed"].captured) == 1
    entries = cli("audit", "tail", "-n", 1000, "--format", "json").json
    decided = [entry["body"] for entry in entries if entry["kind"] == "prompt.decided"]
    assert [body["code"] for body in decided] == ["residency.prompts", "residency.prompts", "prompts.triage"]


def test_a_failing_endpoint_falls_back_to_no_denied_one(
    cli: Cli, calm: Path, write_settings: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from opswarden.tests.doubles.openai_server import Fail

    monkeypatch.setenv("HOUSE_KEY", KEY)
    with (
        OpenAIServer(responder=lambda _body: Fail(500), api_key=KEY) as broken,
        OpenAIServer(responder=lambda _body: Text("never"), api_key=KEY) as abroad,
    ):
        endpoints = endpoint_settings(broken, "broken", **OURS) + endpoint_settings(abroad, "abroad", **IN_THE_US)
        write_settings("version = 1\n" + FROM_BRAZIL + AT_HOME + endpoints)
        said = cli("triage", calm, "--format", "json")
    assert said.code == 0, said.err
    assert said.json["model"]["used"] is False
    assert (len(broken.captured), abroad.connections) == (1, 0)


PINS: list[tuple[str, str, dict[str, str], bool]] = [
    ("pinned to our own, and it is", "self-hosted", OURS, True),
    ("pinned to our own, and it is not", "self-hosted", LISTED, False),
    ("pinned to none", "none", OURS, False),
]


@pytest.mark.parametrize(("pin", "facts", "is_asked"), [row[1:] for row in PINS], ids=[row[0] for row in PINS])
def test_a_country_is_pinned(
    cli: Cli,
    calm: Path,
    write_settings: Write,
    servers: Callable[[], OpenAIServer],
    pin: str,
    facts: dict[str, str],
    is_asked: bool,
) -> None:
    server = servers()
    pinned = f'[gate.residency.models]\nBR = "{pin}"\n'
    write_settings("version = 1\n" + FROM_BRAZIL + AT_HOME + WITH_AZURE + pinned + endpoint_settings(server, **facts))
    said = cli("triage", calm, "--format", "json")
    assert said.code == 0, said.err
    assert said.json["model"]["used"] is is_asked
    assert bool(server.connections) is is_asked


def test_a_report_is_not_told_where_it_may_not_go(cli: Cli, calm: Path, write_settings: Write) -> None:
    write_settings("version = 1\n" + FROM_BRAZIL + WITH_AZURE)
    said = cli("triage", calm, "--format", "json")
    assert (said.code, said.out) == (4, "")
    assert "may not go to this audience" in said.err


def test_state_where_the_data_may_not_be_kept_stops_the_start(cli: Cli, calm: Path, write_settings: Write) -> None:
    place = '[gate.destinations.stores]\nregion = "US"\n'
    listed = WITH_AZURE.replace('to = ["model"]', 'to = ["store", "people"]').replace('providers = ["azure"]\n', "")
    write_settings("version = 1\n" + FROM_BRAZIL + listed.replace('terms = ["no-training"]\n', "") + place)
    said = cli("triage", calm, "--format", "json")
    assert (said.code, said.out) == (2, "")
    assert "region 'US', where BR/operational may not be kept" in said.err
    write_settings((Path("opswarden.toml")).read_text().replace('"US"', '"EU"'))
    assert cli("triage", calm, "--format", "json").code == 0


def test_nothing_changes_for_who_configures_nothing(cli: Cli, calm: Path) -> None:
    assert cli("triage", calm, "--format", "json").code == 0


# Environments


def levers(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.syspath_prepend(str(PACKAGES))
    monkeypatch.setenv("LEVERS_FILE", str(home / "effects"))


LEVERS = (
    f'packages = ["levers:register"]\n[people.{PERSON}]\nroles = ["oncall"]\n'
    '[gate.stages.platform.production]\n"levers.pull" = "act"\n'
)


def test_a_triage_in_staging_pulls_no_lever_of_production(
    cli: Cli, calm: Path, home: Path, write_settings: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    levers(monkeypatch, home)
    monkeypatch.setenv("HOUSE_KEY", KEY)
    with OpenAIServer(api_key=KEY) as server:
        server.script(asks(("levers.pull", {"lever": "left"})), diagnosis("healthy"))
        write_settings("version = 1\n" + LEVERS + endpoint_settings(server))
        said = cli("triage", calm, "--format", "json")
    assert said.code == 0, said.err
    assert [row["decision"] for row in said.json["actions"]] == ["environments.foreign"]
    assert not (home / "effects").exists()


def declared(*names: str) -> str:
    return "".join(f'[gate.environments.{name}]\nkind = "{name}"\n' for name in names)


UNKNOWN: list[tuple[str, str, str]] = [
    ("of the snapshot", declared("production"), "there is no environment 'staging'"),
    ("of a stage", declared("staging") + '[gate.stages."*".prodution]\n', "`gate.stages`: there is no environment"),
    ("of data", declared("staging") + '[gate.data.environments.x]\ncountries = ["BR"]\n', "`gate.data.environments`"),
    (
        "of a freeze",
        declared("staging") + '[[gate.freezes]]\nname = "f"\nweekly = { start = "fri 16:00", end = "mon 08:00" }\n',
        "freeze 'f': there is no environment 'production'",
    ),
]


@pytest.mark.parametrize(("settings", "why"), [row[1:] for row in UNKNOWN], ids=[row[0] for row in UNKNOWN])
def test_an_environment_that_there_is_not_stops_the_start(
    cli: Cli, calm: Path, write_settings: Write, settings: str, why: str
) -> None:
    write_settings("version = 1\n" + settings)
    said = cli("triage", calm, "--format", "json")
    assert (said.code, said.out) == (2, "")
    assert why in said.err
    assert "gate.environments" in said.err


def test_the_demo_needs_no_declared_environment(cli: Cli, calm: Path, write_settings: Write) -> None:
    write_settings("version = 1\n" + declared("production"))
    redeclare(calm, environment="sandbox")
    assert cli("triage", calm, "--format", "json").code == 0


# Looking before


def boundaries(cli: Cli) -> tuple[int, str, str]:
    said = cli("doctor", "--format", "json")
    found = next(item for item in said.json if item["name"] == "boundaries")
    return said.code, found["state"], found["text"]


def test_doctor_says_what_can_never_be_served(cli: Cli, write_settings: Write) -> None:
    assert boundaries(cli) == (0, "ok", "any environment will do; nothing is checked about data")
    endpoint = '[[models.endpoints]]\nname = "a"\nmodel = "acme/a"\nregion = "BR"\n'
    pinned = '[gate.residency.models]\nBR = "self-hosted"\n'
    everywhere = '[gate.data.teams.platform]\ncountries = ["BR"]\nclasses = ["operational"]\n'
    home = '[gate.destinations.stores]\nregion = "BR"\n'

    def boundaries_with(settings: str) -> tuple[int, str, str]:
        write_settings(settings)
        return boundaries(cli)

    narrow = "version = 1\n" + everywhere + AT_HOME + pinned + home + endpoint
    # Tools that say of themselves that they read financial data: their calls are denied, and nothing else stops.
    code, state, text = boundaries_with(narrow)
    assert (code, state) == (0, "warning")
    assert "the state may not keep BR/financial: calls that read it are denied" in text
    both = narrow.replace(
        'classes = ["operational"]\nself_hosted', 'classes = ["operational", "financial"]\nself_hosted'
    )
    why = "no model may have BR/financial, BR/operational: only self-hosted ones may, and no endpoint is self-hosted"
    assert boundaries_with(both) == (0, "warning", why)
    assert boundaries_with(both + "is_self_hosted = true\n") == (
        0,
        "ok",
        "any environment will do; data go where they are listed",
    )


@pytest.mark.parametrize("command", [("doctor",), ("policy", "check"), ("policy", "explain", "logs.search")])
def test_what_stops_a_start_stops_a_look(cli: Cli, write_settings: Write, command: tuple[str, ...]) -> None:
    write_settings('version = 1\n[gate.data.tools."logs.serch"]\ncountries = ["BR"]\n')
    said = cli(*command)
    assert said.code == (1 if command == ("doctor",) else 2)
    assert "names a tool 'logs.serch' that does not exist" in said.out + said.err


def test_a_rule_on_an_environment_that_there_is_not_is_named(cli: Cli, home: Path, write_settings: Write) -> None:
    (home / "rules").mkdir()
    (home / "rules" / "mine.cedar").write_text(
        '@id("mine") @reason("no") forbid (principal, action in Ops::Action::"read", resource in Ops::Env::"stagign");'
    )
    rules = '[gate]\npolicy_folders = ["rules"]\n'
    write_settings("version = 1\n" + rules)
    assert cli("policy", "check").code == 0
    write_settings("version = 1\n" + rules + declared("production", "staging"))
    said = cli("policy", "check")
    assert said.code == 1
    assert "mine (mine.cedar): none of its tools acts in the environment stagign" in said.out


def test_explain_answers_for_data_and_environments(
    cli: Cli, home: Path, write_settings: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    levers(monkeypatch, home)
    write_settings("version = 1\n" + LEVERS + FROM_BRAZIL + AT_HOME + '[gate.destinations.stores]\nregion = "BR"\n')
    args = ("--args", '{"lever": "left"}')
    assert cli("policy", "explain", "levers.pull", *args, "--run-environment", "staging").code == 4
    assert "environments.foreign" in cli("policy", "explain", "levers.pull", *args, "--run-environment", "staging").out
    said = cli("policy", "explain", "logs.search")
    assert said.code == 4
    assert "residency.stores" in said.out
    assert cli("policy", "explain", "logs.search", "--environment", "staging").code == 0
    wrong = cli("policy", "explain", "logs.search", "--read", "Brazil")
    assert (wrong.code, "written like BR/personal" in wrong.err) == (2, True)
