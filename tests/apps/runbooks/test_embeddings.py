"""Embeddings in the search for runbooks: optional, through the gate, never a reason that a search fails."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from opswarden.agents.model.lazy_litellm import load_litellm
from opswarden.evals.cases import Case
from opswarden.tests.apps.answers import Answer
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.apps.leaks.leaks import bytes_below, leaks_in, telling_parts
from opswarden.tests.apps.models import KEY, endpoint_settings
from opswarden.tests.doubles.openai_server import Embeddings, Fail, Hang, OpenAIServer, Raw, Step
from opswarden.tests.redaction.planting import KINDS, plant

Write = Callable[[str], Path]
PAGES = {
    "oven.md": "# OvenCold\n\n## Meaning\nThe oven does not reach its heat.\n\n## Diagnosis\n1. Look at the gas.\n",
    "till.md": "# TillOpen\n\n## Meaning\nThe till was left open over night.\n",
    "flour.md": "# FlourLow\n\n## Meaning\nThere is little flour left in the silo. Ask zoe.quist@example.org, card "
    "4111 1111 1111 1111.\n",
    "queue.md": "# QueueLong\n\n## Meaning\nCustomers wait in the shop.\n",
}
SENSES = {"cash": "till", "drawer": "till", "ajar": "open", "yesterday": "night"}
"""What the model knows and our own tables of words do not."""
QUESTION = ("the", "drawer", "ajar")
CANARIES = (b"zoe.quist", b"4111 1111", b"4111111111111111", b"ana.wiki")


@pytest.fixture(scope="module", autouse=True)
def _litellm_is_loaded() -> None:
    load_litellm()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    monkeypatch.setenv("HOUSE_KEY", KEY)
    with OpenAIServer(responder=_Answers(), api_key=KEY) as running:
        yield running


class _Answers:
    """Vectors, or whatever a test puts in their place."""

    step: Step = Embeddings(senses=SENSES)

    def __call__(self, body: Mapping[str, Any]) -> Step:
        return type(self).step


@pytest.fixture(autouse=True)
def _as_scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Answers, "step", Embeddings(senses=SENSES))


@pytest.fixture
def books(home: Path) -> Path:
    folder = home / "books"
    folder.mkdir()
    for name, text in PAGES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def settle(home: Path, books: Path, write_settings: Write, server: OpenAIServer) -> Callable[..., None]:
    """Writes the settings with the server's endpoint for embeddings."""

    def settled(more: str = "", endpoint: Mapping[str, str] | None = None, timeout_s: float = 20) -> None:
        wanted = f'[runbook_embeddings]\nendpoint = "vectors"\ntimeout_s = {timeout_s}\n'
        where = endpoint_settings(server, "vectors", **(endpoint or {}))
        write_settings(f'version = 1\nrunbooks = "books"\n{wanted}{more}{where}')

    return settled


def texts_sent(server: OpenAIServer) -> list[str]:
    return [text for one in server.captured for text in one.body["input"]]


def search(cli: Cli, *words: str) -> Answer:
    return cli("runbook", "search", *(words or QUESTION), "--format", "json")


def hits(said: Answer) -> list[str]:
    return [hit["name"] for hit in (said.json["result"] or {"hits": []})["hits"]]


def test_a_paraphrase_that_shares_no_word_is_the_nearest(cli: Cli, settle: Callable[..., None], books: Path) -> None:
    (books.parent / "opswarden.toml").write_text('version = 1\nrunbooks = "books"\n')
    without = search(cli)
    settle()
    found = search(cli)
    assert (without.code, without.json["status"], hits(without)) == (1, "no_data", [])
    assert (found.code, hits(found)[:1], found.json["suitable"]) == (1, ["till.md"], False), found.out
    assert "embeddings took part" in found.json["message"]
    assert "embeddings took part" in cli("runbook", "search", *QUESTION).err


def test_without_the_setting_nothing_is_sent_and_nothing_changes(
    cli: Cli, settle: Callable[..., None], books: Path, server: OpenAIServer
) -> None:
    settings = books.parent / "opswarden.toml"
    settings.write_text('version = 1\nrunbooks = "books"\n')
    asked = (("till", "open", "night"), ("oven", "temperature"), ("Kafka", "lag"))
    before = [search(cli, *words) for words in asked]
    settle()
    during = [search(cli, *words) for words in asked]
    sent = len(server.captured)
    settings.write_text('version = 1\nrunbooks = "books"\n')
    after = [search(cli, *words) for words in asked]
    assert [(said.code, said.out) for said in before] == [(said.code, said.out) for said in after]
    assert [said.json["suitable"] for said in before] == [said.json["suitable"] for said in during]
    assert (sent > 0, len(server.captured)) == (True, sent)


def test_pages_and_questions_leave_redacted_and_on_record(
    cli: Cli, settle: Callable[..., None], server: OpenAIServer
) -> None:
    settle()
    said = cli("runbook", "search", "flour", "says", "ana.wiki@example.com", "4111", "1111", "1111", "1111")
    assert said.code in (0, 1), said.err
    sent = server.everything_received()
    assert "little flour" in "".join(texts_sent(server))
    assert [canary for canary in CANARIES if canary in sent] == []
    entries = cli("audit", "tail", "-n", "50", "--format", "json").json
    kinds = [entry["kind"] for entry in entries if entry["kind"].startswith("prompt.")]
    assert kinds == ["prompt.decided", "prompt.outcome"], kinds
    (outcome,) = [entry["body"] for entry in entries if entry["kind"] == "prompt.outcome"]
    assert (outcome["status"], outcome["text"].endswith("vectors")) == ("ok", True)
    assert outcome["cost_microusd"] > 0


def test_only_new_and_changed_pages_are_sent_again(
    cli: Cli, settle: Callable[..., None], books: Path, server: OpenAIServer
) -> None:
    settle()
    first = cli("runbook", "index", "--format", "json")
    assert (first.code, first.json["embeddings"]) == (0, {"made": 5, "missing": 0, "problem": ""}), first.err
    sent = len(texts_sent(server))
    again = cli("runbook", "index", "--format", "json")
    assert (again.json["embeddings"]["made"], len(texts_sent(server))) == (0, sent)
    (books / "queue.md").write_text(PAGES["queue.md"].replace("Customers", "People"))
    (books / "oven.md").unlink()
    search(cli)
    assert texts_sent(server)[sent:] == ["the drawer ajar", "QueueLong. Meaning\nPeople wait in the shop."]
    assert _kept(books) == 3


def test_another_model_makes_the_vectors_anew(
    cli: Cli, settle: Callable[..., None], books: Path, server: OpenAIServer
) -> None:
    settle()
    cli("runbook", "index")
    sent = len(texts_sent(server))
    settle(endpoint={"model": '"openai/vectors-2"'})
    _Answers.step = Embeddings(size=128, senses=SENSES)
    found = cli("runbook", "index", "--format", "json")
    assert (found.json["embeddings"]["made"], len(texts_sent(server))) == (5, 2 * sent)
    assert (hits(search(cli))[0], _kept(books)) == ("till.md", 5)


def _kept(books: Path) -> int:
    with sqlite3.connect(books.parent / "state" / "runbooks.sqlite") as connection:
        count = int(connection.execute("SELECT count(*) FROM vector").fetchone()[0])
    connection.close()
    return count


RESIDENCY = """
[gate.data.resources.runbooks]
countries = ["BR"]
classes = ["operational"]
[[gate.residency.allow]]
countries = ["BR"]
classes = ["operational"]
to = ["people", "store", "tool"]
regions = ["BR"]
[gate.destinations.stores]
region = "BR"
[gate.destinations.audiences.terminal]
region = "BR"
"""


def test_data_rules_keep_the_texts_here_and_the_search_goes_on(
    cli: Cli, settle: Callable[..., None], server: OpenAIServer
) -> None:
    settle(RESIDENCY)
    found = search(cli, "till", "open", "night")
    assert (found.code, hits(found)[0]) == (0, "till.md"), found.err
    assert "without embeddings: a policy keeps the texts" in found.json["message"]
    assert server.captured == []


FAILURES: dict[str, Step] = {
    "an error": Fail(500),
    "too many requests": Fail(429, headers={"retry-after": "30"}),
    "broken JSON": Raw(b'{"object": "list", "data": [{"index": 0, "embedd'),
    "no JSON": Raw(b"<html>busy</html>", "text/html"),
    "another shape": Raw(b'{"object": "list", "data": [1, 2, 3, 4, 5, 6], "model": "m", "usage": {}}'),
    "vectors of several lengths": Embeddings(sizes=(8, 9, 8, 8, 8, 8)),
    "a vector too few": Embeddings(sizes=(8, 8)),
    "vectors of no length": Embeddings(size=0),
    "no numbers": Embeddings(fill=float("nan")),
    "nothing but zeros": Embeddings(fill=0.0),
    "no answer": Hang(),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_failing_endpoint_fails_no_search(name: str, cli: Cli, settle: Callable[..., None], books: Path) -> None:
    _Answers.step = FAILURES[name]
    settle(timeout_s=0.5)
    found = search(cli, "till", "open", "night")
    assert (found.code, hits(found)[0]) == (0, "till.md"), found.err
    assert found.json["message"].startswith("without embeddings: "), found.json["message"]
    assert _kept(books) == 0
    indexed = cli("runbook", "index", "--format", "json")
    assert (indexed.code, indexed.json["embeddings"]["missing"]) == (1, 5)
    assert indexed.json["embeddings"]["problem"]


def test_vectors_of_another_length_than_those_kept_are_not_compared(
    cli: Cli, settle: Callable[..., None], books: Path
) -> None:
    settle()
    cli("runbook", "index")
    _Answers.step = Embeddings(size=12)
    found = search(cli, "till", "open", "night")
    assert (found.code, "have 256" in found.json["message"]) == (0, True), found.json
    anew = cli("runbook", "index", "--format", "json")
    assert (anew.code, anew.json["embeddings"]["made"], _kept(books)) == (0, 5, 5)
    assert "embeddings took part" in search(cli, "till", "open", "night").json["message"]


def test_what_the_limits_of_a_run_leave_is_told_and_the_next_call_goes_on(
    cli: Cli, settle: Callable[..., None], books: Path
) -> None:
    for number in range(70):
        (books / f"more-{number}.md").write_text(f"# More {number}\n\nText {number}.\n")
    settle("[gate.limits]\nprompts = 1\n")
    first = cli("runbook", "index")
    assert first.code == 1
    assert "64 parts of pages sent to the model, 11 are missing: " in first.err
    assert "call it again to go on where this ended" in first.err
    again = cli("runbook", "index", "--format", "json")
    assert (again.code, again.json["embeddings"]) == (0, {"made": 11, "missing": 0, "problem": ""})


def test_a_missing_key_is_told_and_fails_no_search(
    cli: Cli, settle: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    settle()
    monkeypatch.delenv("HOUSE_KEY")
    found = search(cli, "till", "open", "night")
    assert (found.code, "'HOUSE_KEY' is not set" in found.json["message"]) == (0, True), found.json


@pytest.fixture
def alert_page(case: Case, books: Path) -> None:
    """A page that says what the alert of the case says, and that nobody has connected with it."""
    alert = json.loads((case.snapshot / "snapshot.json").read_text())["alert"]
    said = f"{alert['summary']}. {alert['metric'].replace('_', ' ')} of {alert['entity']}."
    (books / "said.md").write_text(f"# What to look at first\n\n## Meaning\n{said}\n\n1. Look at the oven.\n")


@pytest.mark.usefixtures("alert_page")
@pytest.mark.parametrize(("step", "note"), [(Embeddings(), "embeddings took part"), (Fail(503), "without embeddings")])
def test_a_triage_has_its_page_with_and_without_the_model(
    cli: Cli, settle: Callable[..., None], case: Case, server: OpenAIServer, step: Step, note: str
) -> None:
    _Answers.step = step
    settle()
    said = cli("triage", case.snapshot, "--format", "json")
    assert said.code == 0, said.err
    matched = [item["summary"] for item in said.json["evidence"] if item["tool"] == "runbooks.match"]
    assert [page["name"] for page in matched if page and page["about"] == "alert"] == ["said.md"]
    assert {one.path for one in server.captured} == {"/v1/embeddings"}, "nobody asks it for an answer"
    entries = cli("audit", "tail", "--run", said.json["run_id"], "-n", "300", "--format", "json").json
    assert note in json.dumps(entries + said.json["evidence"])
    assert cli("audit", "rerun", said.json["run_id"]).code == 0


def test_doctor_says_whether_it_answers(cli: Cli, settle: Callable[..., None]) -> None:
    settle()
    assert "embeddings     vectors of 256 numbers" in cli("doctor").out
    _Answers.step = Fail(401)
    told = {line["name"]: line for line in cli("doctor", "--format", "json").json}["embeddings"]
    assert (told["state"], "refused the key" in told["text"]) == ("warning", True)


PACKAGE = """
import time
import zlib

SENSES = {"drawer": "till", "ajar": "open"}


def load():
    def embed(texts):
        if MODE == "slow":
            time.sleep(2)
        if MODE == "broken":
            raise RuntimeError(f"broken at {texts[0]}")
        if MODE == "words":
            return ["no", "vectors"]
        return [vector(text) for text in texts]

    return embed


def vector(text):
    numbers = [0.0] * 512
    for word in text.casefold().split():
        numbers[zlib.crc32(SENSES.get(word, word).encode()) % 512] += 1.0
    return numbers


def register(registry):
    registry.add_embedder("words", load)
"""


@pytest.fixture
def local(
    home: Path, books: Path, write_settings: Write, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    name = f"embedder_{abs(hash(request.node.name))}"
    mode = getattr(request, "param", "good")
    (home / f"{name}.py").write_text(f"MODE = {mode!r}\n{PACKAGE}")
    monkeypatch.syspath_prepend(str(home))
    write_settings(
        f'version = 1\nrunbooks = "books"\npackages = ["{name}:register"]\n'
        f'[runbook_embeddings]\nlocal = "words"\ntimeout_s = {0.5 if mode == "slow" else 20}\n'
    )


@pytest.mark.usefixtures("local")
def test_a_model_of_a_package_takes_part_and_nothing_leaves(cli: Cli) -> None:
    found = search(cli)
    assert (hits(found)[0], "embeddings took part" in found.json["message"]) == ("till.md", True), found.out
    entries = cli("audit", "tail", "-n", "50", "--format", "json").json
    assert [entry for entry in entries if entry["kind"].startswith("prompt.")] == []
    assert "vectors of 512 numbers" in cli("doctor").out


@pytest.mark.usefixtures("local")
@pytest.mark.parametrize("local", ["slow", "broken", "words"], indirect=True)
def test_a_failing_model_of_a_package_fails_no_search(cli: Cli) -> None:
    found = search(cli, "till", "open", "night")
    assert (found.code, hits(found)[0]) == (0, "till.md"), found.err
    assert found.json["message"].startswith("without embeddings: "), found.json["message"]
    assert "broken at" not in found.out + found.err


WRONG = {
    "both": ('[runbook_embeddings]\nendpoint = "vectors"\nlocal = "words"\n', "not both"),
    "neither": ("[runbook_embeddings]\ntimeout_s = 1\n", "leave the section out"),
    "an unknown endpoint": ('[runbook_embeddings]\nendpoint = "other"\n', "names no endpoint"),
    "a model of no package": ('[runbook_embeddings]\nlocal = "words"\n', "no package is listed"),
}


@pytest.mark.parametrize("name", WRONG)
def test_config_check_says_what_is_wrong(name: str, cli: Cli, home: Path, server: OpenAIServer) -> None:
    section, told = WRONG[name]
    (home / "opswarden.toml").write_text(f"version = 1\n{section}{endpoint_settings(server, 'vectors')}")
    said = cli("config", "check")
    assert (said.code, told in said.out) == (1, True), said.out + said.err
    assert cli("runbook", "search", "till").code == 2


def test_a_name_that_no_package_adds_is_an_error_of_the_settings(cli: Cli, local: None, home: Path) -> None:
    settings = home / "opswarden.toml"
    settings.write_text(settings.read_text().replace('"words"', '"sentences"'))
    said = cli("runbook", "search", "till")
    assert (said.code, "no listed package adds an embedder 'sentences'" in said.err) == (2, True)
    told = {line["name"]: line for line in cli("doctor", "--format", "json").json}["embeddings"]
    assert told["state"] == "failed"


def test_the_record_of_a_failed_request_names_no_text(cli: Cli, settle: Callable[..., None]) -> None:
    _Answers.step = Fail(400, "refused: The till was left open")
    settle()
    search(cli)
    assert "left open" not in json.dumps(cli("audit", "tail", "-n", "50", "--format", "json").json)


def test_of_seventy_kinds_in_pages_none_leaves_by_any_exit(
    cli: Cli, settle: Callable[..., None], server: OpenAIServer, books: Path
) -> None:
    planted = [plant(kind, f"page {kind}") for kind in KINDS]
    for number, each in enumerate(planted):
        (books / f"page-{number}.md").write_text(
            f"# Page{number}\n\n## Meaning\nThe kiln number {number} is cold.\n{each.key}={each.value}\n"
        )
    settle()
    needles = telling_parts(planted, "a page")
    state = [(name, content) for name, content in bytes_below(books) if leaks_in(content, needles)]
    assert len(state) > 60  # they are in the pages
    # Each search sends some of the new pages.
    for _ in range(len(planted)):
        said = search(cli, "kiln", "cold")
        sent = {text.partition(".")[0] for text in texts_sent(server) if text.startswith("Page")}
        if len(sent) >= len(planted):
            break
    assert (said.code in (0, 1), len(sent)) == (True, len(planted))
    # The index holds the pages as their owners keep them (docs/assurance/data-flow.md).
    left = [
        (str(path.relative_to(books.parent)), path.read_bytes())
        for path in books.parent.rglob("*")
        if path.is_file() and books not in path.parents and not path.name.startswith("runbooks.sqlite")
    ]
    exits = [("wire", server.everything_received()), ("out", said.out.encode()), ("err", said.err.encode()), *left]
    assert {name: found for name, content in exits if (found := leaks_in(content, needles))} == {}
