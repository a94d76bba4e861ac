"""`--help` must be quick, which a clock cannot prove on a busy machine: it may not import what is heavy."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from opswarden.apps.cli.main import _COMMANDS

HEAVY = (
    "dbos",
    "duckdb",
    "langchain_core",
    "langgraph",
    "litellm",
    "mcp",
    "numpy",
    "openai",
    "opentelemetry",
    "presidio_analyzer",
    "pyarrow",
    "pydantic",
    "rich",
    "spacy",
)

GROUPED = {
    "policy": ("check", "explain", "re-decide", "test"),
    "incidents": ("acknowledge", "assign", "cancel", "handover", "list", "rate", "resolve", "retriage", "show"),
    "platform": (
        "ask",
        "backfill",
        "canary",
        "check",
        "confirm",
        "daily",
        "drift",
        "fraud",
        "freshness",
        "history",
        "parity",
        "pipelines",
        "promote",
        "quality",
        "rollback",
        "sign-off",
        "skew",
    ),
    "finops": (
        "analyze",
        "ask",
        "backtest",
        "cost",
        "demo",
        "issues",
        "patches",
        "pull",
        "recommendations",
        "report",
        "rollback",
        "usage",
        "why",
    ),
    "slo": ("burn", "rules"),
    "approvals": ("allow-writes", "approve", "deny", "endorse", "escalate", "list", "show", "stop-writes", "ticket"),
    "stages": ("apply", "list", "lower", "outcome", "propose", "report"),
    "emergency": ("close", "list", "open", "review", "show"),
    "budget": ("show",),
    "audit": (
        "anchor",
        "check-key",
        "check-proof",
        "erase",
        "export",
        "prove",
        "rerun",
        "retain",
        "settle",
        "show",
        "tail",
        "unknown",
        "verify",
        "witness",
    ),
    "mcp": ("accept", "servers"),
    "web": ("revoke", "token"),
    "gateway": ("contract",),
    "slack": ("check", "manifest", "refresh", "usage"),
    "runner": ("check",),
    "runbook": ("check", "draft", "index", "list", "publish", "report", "search", "show", "steps", "take"),
    "docs": (
        "architecture",
        "changelog",
        "dashboard",
        "feature-view",
        "handbook",
        "model-card",
        "postmortem",
        "service",
        "site",
    ),
    "eval": ("all", "compare", "fleet", "list", "past", "report", "run"),
    "data": ("erase", "hold", "inventory", "tidy"),
    "database": ("backup", "prepare", "restore", "status"),
    "config": (
        "backup-keys",
        "check",
        "init",
        "retire-key",
        "rewrap-keys",
        "rotate-keys",
        "rotate-ledger-key",
        "wrap-keys",
    ),
}

LINES = [
    ["--help"],
    ["--version"],
    *([name, "--help"] for name in _COMMANDS),
    *([group, name, "--help"] for group, names in GROUPED.items() for name in names),
]

_SCRIPT = """
import contextlib, io, json, sys
from opswarden.apps.cli.main import main

found = {}
for line in json.loads(sys.argv[1]):
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(line)
    heavy = sorted(name for name in json.loads(sys.argv[2]) if name in sys.modules)
    found[" ".join(line)] = [code, heavy, said.getvalue()]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def said() -> dict[str, tuple[int, list[str], str]]:
    """Exit code, heavy modules in memory afterwards, and output of every line, all in one fresh interpreter."""
    command = [sys.executable, "-c", _SCRIPT, json.dumps(LINES), json.dumps(HEAVY)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, tuple[int, list[str], str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("line", [" ".join(line) for line in LINES])
def test_help_says_something_and_imports_nothing_heavy(said: dict[str, tuple[int, list[str], str]], line: str) -> None:
    code, heavy, text = said[line]
    assert (code, heavy) == (0, [])
    assert text.startswith("opswarden " if line == "--version" else "Usage: opswarden")


def test_the_overview_names_every_command_and_its_purpose(said: dict[str, tuple[int, list[str], str]]) -> None:
    overview = said["--help"][2]
    for name, entry in _COMMANDS.items():
        assert name in overview
        assert entry.summary in " ".join(overview.split())


def test_every_subcommand_has_its_line_here() -> None:
    import click

    from opswarden.apps.cli.main import cli

    context = click.Context(cli)
    groups = {}
    for name in _COMMANDS:
        command = cli.get_command(context, name)
        if isinstance(command, click.Group):
            groups[name] = set(command.list_commands(context))
    assert groups == {name: set(names) for name, names in GROUPED.items()}


def test_the_summaries_in_the_overview_are_those_of_the_commands() -> None:
    import click

    from opswarden.apps.cli.main import cli

    context = click.Context(cli)
    for name, entry in _COMMANDS.items():
        command = cli.get_command(context, name)
        assert command is not None
        assert command.short_help == entry.summary, name
