"""Every way out is searched for planted values: a new command or exit fails here until somebody has seen to it."""

from __future__ import annotations

import ast
import re
from typing import get_args

import pytest

from opswarden.apps.keeping.stores import STORES
from opswarden.redaction.settings import AUDIENCE_KINDS
from opswarden.tests.apps.leaks.every_command import commands
from opswarden.tests.apps.leaks.test_leaks_stored import DOCUMENTS, RECORDS
from opswarden.tests.docs import marked
from opswarden.tools.documents.backends.forge_settings import ForgeSettings
from opswarden.tools.issues.backends.settings import IssueSettings

PAGE = "docs/assurance/data-flow.md"
HERE = marked.ROOT
SEARCHED = {
    "triage": "tests/apps/leaks/test_leaks.py",
    "agent": "tests/apps/leaks/test_leaks_everywhere.py",
    "redact": "tests/apps/leaks/test_leaks_everywhere.py",
    "resume": "tests/apps/leaks/test_leaks_by_model.py",
    "docs postmortem": "tests/apps/leaks/test_leaks.py",
    "finops": "tests/apps/leaks/test_leaks_fleet.py",
    "approvals show": "tests/apps/leaks/test_leaks_fleet.py",
    "approvals approve": "tests/apps/leaks/test_leaks_fleet.py",
    "mcp": "tests/apps/leaks/test_leaks_served.py",
    "gateway": "tests/apps/leaks/test_leaks_served.py",
    "web": "tests/apps/leaks/test_leaks_stored.py",
    "serve": "tests/apps/leaks/test_leaks_webhooks.py",
    "incidents": "tests/apps/leaks/test_leaks_webhooks.py",
    "reveal": "tests/apps/cli/test_reveal.py",
    "capture": "tests/apps/live/test_capture.py",
    "eval run": "tests/apps/cli/test_eval_redaction.py",
    "data erase": "tests/apps/leaks/test_leaks_stored.py",
}
"""Commands that show what others have written, beside those of `test_leaks_stored`, and who searches what they say."""
SHOWS_NOTHING = {
    "demo": "an incident that is made up",
    "import": "labelled cases out of public data",
    "policy test": "cases of the policies",
    "finops demo": "a fleet that is made up",
    "finops backtest": "a fleet that is made up",
    "eval": "figures",
    "go": "what was typed",
    "stop": "what was typed",
    "stages": "names of tools, typed ones clean",
    "approvals": "what was typed, and the texts that `approvals show` shows",
    "emergency": "what was typed",
    "undo": "what was typed",
    "audit": "heads, keys and what was typed",
    "mcp accept": "names of tools of other servers",
    "mcp servers": "names of tools of other servers",
    "gateway contract check": "settings",
    "slack": "settings and figures",
    "runner check": "settings",
    "slo rules": "settings",
    "database": "numbers of schemas",
    "config": "settings and keys' versions",
}
"""Commands that say nothing that came from outside; what is typed into them is tried by `test_leaks_typed`."""
OPEN = {
    "worker": "works off what `serve` has taken, which is searched after each step of it",
    "platform": "registries, feature stores and pipelines answer through the gate; not planted one by one",
    "slo burn": "as platform",
    "runbook publish": "a page that a person reviewed; `runbook check` refuses what redaction takes out",
    "runbook take": "steps of a page, through the gate; not planted",
}
"""What is not searched with values of every kind yet, and what stands for it meanwhile."""


def _is_below(command: str, names: object) -> bool:
    return any(command == name or command.startswith(f"{name} ") for name in names)  # type: ignore[attr-defined]


def test_every_command_is_searched_or_somebody_said_why_not() -> None:
    stored = {" ".join(map(str, line[: len(path)])) for line in (*DOCUMENTS, *RECORDS) for path, _ in commands()}
    everything = {" ".join(path) for path, _ in commands()}
    unseen = [
        each for each in everything if each not in stored and not _is_below(each, (*SEARCHED, *SHOWS_NOTHING, *OPEN))
    ]
    assert unseen == [], "plant values in what they show, or say why nothing can come out"
    for name in (*SEARCHED, *SHOWS_NOTHING, *OPEN):
        assert any(_is_below(each, [name]) for each in everything), f"there is no command {name!r}"


@pytest.mark.parametrize("path", sorted({*SEARCHED.values()}))
def test_who_is_said_to_search_is_there(path: str) -> None:
    text = (HERE / path).read_text(encoding="utf-8")
    assert re.search(r"leaks_in|assert_clean|not in said|not in ", text), path


def exits() -> set[str]:
    """Whatever the code can send to: kinds of audience, forges and trackers, stores, and the ways around the gate."""
    issues = get_args(IssueSettings.model_fields["kind"].annotation)
    forges = get_args(ForgeSettings.model_fields["kind"].annotation)
    return {
        *(f"audience {kind}" for kind in AUDIENCE_KINDS),
        *(f"issues {kind}" for kind in issues),
        *(f"pull request {kind}" for kind in forges),
        "stores",
        "spans",
        "log lines",
        "exceptions",
        "temporary files",
        "spilled rows",
        "web view",
        "gateway",
        "heads of the ledger",
        "sign of life",
        "backup",
    }


def test_the_table_of_exits_names_every_one_and_who_searches_it() -> None:
    rows = marked.table(PAGE, "exits")
    assert {row[0] for row in rows} == exits()
    assert len(rows) == len(exits())
    for name, _, tests in rows:
        for path in re.findall(r"[\w/]+\.py", tests):
            source = HERE / path
            assert source.is_file(), f"{name}: {path}"
            nodes = ast.walk(ast.parse(source.read_text("utf-8")))
            assert any(isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in nodes), path


def test_senders_are_those_of_the_table() -> None:
    """Whoever implements a sender tells an audience of a kind that the table has: a new one belongs into it."""
    apps = marked.ROOT / "apps"
    found = {
        str(path.relative_to(apps))
        for path in apps.rglob("*.py")
        if re.search(r"def send\(self, audience: Audience", path.read_text("utf-8"))
    }
    assert found == SENDERS


SENDERS = {
    "agents.py",
    "daily/asking.py",
    "daily/driving.py",
    "daily/texts.py",
    "evaluation/triages.py",
    "finops/senders.py",
    "mcp/sources.py",
    "people/notices.py",
    "people/senders.py",
    "scheduled_file.py",
    "service/telling.py",
    "slack/platform_message.py",
    "slack/telling.py",
    "slack/telling_once.py",
    "studio.py",
}


def test_every_store_that_is_plain_is_searched_in_the_state_directory() -> None:
    """`bytes_below` reads the whole state directory; what it leaves out by name is said in the table."""
    left_out = {"histories", "runbooks", "stop"}
    assert left_out <= {one.name for one in STORES if one.protection == "plain"}
    text = (marked.ROOT / PAGE).read_text(encoding="utf-8")
    for name in left_out:
        assert f"`{name}`" in text, name
