"""`opswarden doctor`: is this installation fit to use, and if not, what to do."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import click

from .console import emit_json

State = Literal["ok", "warning", "failed"]
_MIN_FREE_BYTES = 500_000_000
_EXTRAS = {
    "slack": "slack_bolt",
    "service": "dbos",
    "postgres": "psycopg",
    "mcp": "mcp",
    "gateway": "uvicorn",
    "mlflow": "mlflow",
    "feast": "feast",
    "spark": "pyspark",
    "otlp": "opentelemetry.exporter.otlp",
    "inspect": "inspect_ai",
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    state: State
    text: str
    remedy: str = ""


@click.command("doctor", short_help="Check the installation and the systems it reads live.")
@click.option(
    "--conformance", is_flag=True, help="Ask each system whether it answers as its documentation says; recorded."
)
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(conformance: bool, style: str) -> int:
    """Check the installation, and every system that it reads live. Exit 1 if something failed.

    Systems are only asked what changes nothing. Beside them, nothing is sent anywhere but to the key service and two
    words to the model of embeddings, where they are configured; other models are not called.
    """
    findings = look(with_conformance=conformance)
    if style == "json":
        emit_json([finding.__dict__ for finding in findings])
    else:
        width = max(14, *(len(finding.name) for finding in findings))
        marks = {"ok": "ok     ", "warning": "warning", "failed": "FAILED "}
        for finding in findings:
            click.echo(f"{marks[finding.state]}  {finding.name:{width}} {finding.text}")
            if finding.remedy and finding.state != "ok":
                click.echo(f"         {'':{width}} fix: {finding.remedy}")
    return 1 if any(finding.state == "failed" for finding in findings) else 0


def look(*, with_conformance: bool) -> list[Finding]:
    """Everything that is looked at, in order."""
    findings: list[Finding] = []
    for name, check in _CHECKS:
        findings.append(_run(name, check))
        if name == "settings" and findings[-1].state == "failed":
            return findings  # whatever else is looked at needs them, and would say the same again
    if not any(finding.name in ("settings", "state") and finding.state == "failed" for finding in findings):
        findings += _systems(with_conformance)
        findings += _embeddings()
    return findings


def _embeddings() -> list[Finding]:
    """Whether the model of embeddings answers; nothing where none is configured, as search does without."""
    from ...core.errors import OpswardenError  # noqa: PLC0415 - as below
    from ..installation import open_installation  # noqa: PLC0415 - the same

    with open_installation() as installation:
        try:
            if installation.embedding is None:
                return []
            from ..runbooks.embedding import ask_once  # noqa: PLC0415 - the same

            length = ask_once(installation)
        except OpswardenError as error:
            state: State = "failed" if error.exit_code == 2 else "warning"
            remedy = error.remedy or "search goes on without; see docs/runbooks.md"
            return [Finding("embeddings", state, error.message, remedy)]
    return [Finding("embeddings", "ok", f"vectors of {length} numbers")]


def _systems(with_conformance: bool) -> list[Finding]:
    """What the configured systems say, each line under `NAME: ASPECT`."""
    from ...core.errors import OpswardenError  # noqa: PLC0415 - as below
    from ..installation import current_person, open_installation  # noqa: PLC0415 - the same
    from ..live.system_checks import check_system  # noqa: PLC0415 - the same

    findings: list[Finding] = []
    with open_installation() as installation:
        by = f"person:{current_person()}"
        for name, settings in sorted(installation.settings.systems.items()):
            try:
                found = check_system(installation, name, settings, with_conformance=with_conformance, by=by)
            except OpswardenError as error:
                findings.append(Finding(f"{name}: conformance", "failed", error.message, error.remedy))
                continue
            findings += [Finding(f"{name}: {each.aspect}", each.state, each.text, each.remedy) for each in found]
    return findings


def _run(name: str, check: Callable[[], Finding]) -> Finding:
    from ...core.errors import OpswardenError  # noqa: PLC0415 - keeps `--help` light

    try:
        return check()
    except OpswardenError as error:
        return Finding(name, "failed", error.message, error.remedy)


def _python() -> Finding:
    text = f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"
    return Finding("python", "ok", text)


def _settings() -> Finding:
    from pathlib import Path  # noqa: PLC0415 - as above

    from ...core.config import find_file  # noqa: PLC0415 - as above
    from ..settings import load_settings  # noqa: PLC0415 - as above

    settings = load_settings()
    source = find_file(Path.cwd())
    count = len(settings.models.endpoints)
    models = f"{count} model endpoints" if count else "no model configured"
    return Finding("settings", "ok", f"{source.name if source else 'defaults'}, team {settings.team}, {models}")


def _state() -> Finding:
    import shutil  # noqa: PLC0415 - as above

    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        root = installation.state.root
        free = shutil.disk_usage(root).free
    if free < _MIN_FREE_BYTES:
        return Finding("state", "warning", f"{root}: {free / 1e6:.0f} MB free", "the ledger needs room: free some")
    return Finding("state", "ok", f"{root}, {free / 1e9:.0f} GB free")


def _keys() -> Finding:
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..keys import wrapped_path  # noqa: PLC0415 - as above

    with open_installation() as installation:
        settings, state, keys = installation.settings, installation.state, installation.keys
        text = f"ledger key {keys.public_key().hex()[:16]}…, version {keys.newest}"
    if settings.keys.service != "file":
        if state.keys.exists():
            return Finding(
                "keys",
                "failed",
                f"{text}, wrapped by {settings.keys.service}; {state.keys.name} beside it holds keys in plain text",
                f"remove {state.keys.name} once {wrapped_path(state).name} is backed up",
            )
        return Finding("keys", "ok", f"{text}, wrapped by {settings.keys.service}")
    if settings.environment == "production":
        return Finding(
            "keys",
            "failed",
            f"{text}, in a plain file, and this installation is for production",
            "set `keys.service` to a key service, then `opswarden config wrap-keys`",
        )
    return Finding("keys", "ok", f"{text}, in a file; back it up with `opswarden config backup-keys FILE`")


def _database() -> Finding:
    from ...core.postgres import PostgresDatabase  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        database = installation.database
        if not isinstance(database, PostgresDatabase):
            return Finding("database", "ok", "SQLite in the state directory")
        ledger = installation.ledger  # makes the tables where there are none and the role may
        for table in ("entry", "checkpoint"):
            if database.can_change(table):
                return Finding(
                    "database",
                    "warning",
                    f"PostgreSQL; the role of `database.url` could change records of {ledger.origin}",
                    "give the tables another owner and run `opswarden database prepare`; see docs/configuration.md",
                )
    return Finding("database", "ok", "PostgreSQL; this role can add records and not change them")


def _ledger() -> Finding:
    from ...policies.ledger.verify import verify  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        ledger = installation.ledger
        found = verify(installation.database, installation.keys.ledger_keys(), origin=ledger.origin)
        now = installation.clock.now()
    state: State = "ok" if found.ok else "failed"
    return Finding("ledger", state, found.describe(now).splitlines()[0], "see `opswarden audit verify`")


def _policies() -> Finding:
    from ...policies.explain import check  # noqa: PLC0415 - as above
    from ..boundaries import usual_environment  # noqa: PLC0415 - as above
    from ..catalogue import declared_tools  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        folders = (*installation.registry.policy_folders, *installation.settings.gate.policy_folders)
        report = check(declared_tools(installation, usual_environment(installation.settings.gate)), folders)
        stopped, standing = installation.switch.stops_writes(), installation.stop.standing()
    text = f"{len(report.policies)} policies for {report.tools} tools"
    if standing.stops_all:
        return Finding("policies", "warning", f"{text}; {standing.stops_all}", "opswarden go --all")
    if standing.stops:
        told = f"{text}; {len(standing.stops)} lines of the stop file are in force"
        return Finding("policies", "warning", told, "`opswarden stop --show`, and `opswarden go`")
    if stopped:
        return Finding(
            "policies", "warning", f"{text}; the kill switch stops every write", "opswarden approvals allow-writes"
        )
    return Finding("policies", "ok", text)


def _boundaries() -> Finding:
    from ...policies.unserved import unserved  # noqa: PLC0415 - as above
    from ..boundaries import declared_boundaries, usual_environment  # noqa: PLC0415 - as above
    from ..catalogue import declared_tools  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        settings = installation.settings
        tools = declared_tools(installation, usual_environment(settings.gate))
        residency = declared_boundaries(installation).residency
        endpoints = [each.endpoint for each in settings.models.endpoints]
        found = unserved(residency, {tool.name: tool for tool in tools}, settings.team, endpoints)
    if found:
        return Finding(
            "boundaries",
            "warning",
            "; ".join(found),
            "declare it under `gate.data` and `gate.destinations`, and list what may go where under `gate.residency`",
        )
    count = len(settings.gate.environments)
    environments = f"{count} environments declared" if count else "any environment will do"
    checked = "data go where they are listed" if residency.rules.is_set else "nothing is checked about data"
    return Finding("boundaries", "ok", f"{environments}; {checked}")


def _servers() -> Finding:
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        listed = {name: server.tools for name, server in installation.settings.mcp_servers.items()}
        known = {name: installation.acceptances.of(name) for name in listed}
    states = {
        f"mcp.{server}.{each}": known[server].get(tool.name or each)
        for server, tools in listed.items()
        for each, tool in tools.items()
    }
    waiting = sorted(name for name, accepted in states.items() if accepted is None or accepted.has_changed)
    if waiting:
        told = f"not accepted, or changed since: {', '.join(waiting)}"
        return Finding("mcp servers", "warning", told, "`opswarden mcp accept SERVER` shows what the server says")
    return Finding("mcp servers", "ok", f"{len(states)} foreign tools, all accepted" if states else "none configured")


def _stages() -> Finding:
    from ...policies.stage_records import StageBook, unrecorded  # noqa: PLC0415 - as above
    from ...policies.switches import INSTALLATION  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..stages import raised_by_configuration  # noqa: PLC0415 - as above

    with open_installation() as installation:
        book = StageBook(installation.database, installation.keys)
        wrong = unrecorded(book, installation.ledger, INSTALLATION)
        raised = raised_by_configuration(installation)
        is_production = installation.settings.environment == "production"
        steps = len(book.places())
    if wrong:
        text = f"the stored stage of {wrong[0].tool} is not what the ledger records, and {len(wrong) - 1} others"
        return Finding("stages", "failed", text, "`opswarden stages lower TOOL`, and `opswarden audit verify`")
    if raised:
        return Finding(
            "stages",
            "failed" if is_production else "warning",
            f"{raised[0]} acts by the configuration alone" + (f", and {len(raised) - 1} more" if raised[1:] else ""),
            "raise it with `opswarden stages propose`, and set `gate.raise_stages` to `recorded`",
        )
    return Finding("stages", "ok", f"{steps} recorded; nothing acts by the configuration alone")


def _emergency() -> Finding:
    from ...policies.emergencies import warning  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above

    with open_installation() as installation:
        emergencies = installation.emergencies
        found, waiting, missing = emergencies.open_now(), emergencies.unreviewed(), emergencies.unrecorded()
        late = [one for one in waiting if emergencies.is_overdue(one)]
    if missing:
        return Finding("emergency", "failed", f"{missing[0]} is in the ledger only", "`opswarden audit verify`")
    if found:
        return Finding("emergency", "warning", warning(found[0]), f"opswarden emergency close {found[0].id}")
    if waiting:
        text = f"{len(waiting)} not reviewed, {len(late)} of them too long"
        return Finding(
            "emergency", "failed" if late else "warning", text, f"opswarden emergency review {waiting[0].id}"
        )
    return Finding("emergency", "ok", "no emergency access is open or waits for a review")


def _redaction() -> Finding:
    from ..installation import open_installation  # noqa: PLC0415 - as above

    sample = "mail doctor.check@example.com card 4111 1111 1111 1111"
    with open_installation() as installation:
        cleaned = installation.redaction.scrub(sample)
    if "doctor.check" in cleaned or "4111" in cleaned:
        return Finding("redaction", "failed", "a planted e-mail or card came through", "do not use this installation")
    return Finding("redaction", "ok", "a planted e-mail and card were taken out")


def _runner() -> Finding:
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..runner.process import PROTECTIONS, look  # noqa: PLC0415 - as above
    from ..runner.refusals import Refusals  # noqa: PLC0415 - as above

    with open_installation() as installation:
        settings = installation.settings.runner
        if settings.mode == "embedded":
            text = "embedded: code of packages and graphs runs beside the keys; `opswarden runner check` tests apart"
            return Finding("runner", "ok", text)
        refusals = Refusals(installation.ledger, "installation")
        held = look(settings, installation.state.root, refusals, installation.clock)
    told = ", ".join(f"{name} {'apart' if name in held.protections else 'NOT apart'}" for name in PROTECTIONS)
    state: State = "failed" if settings.least - held.protections else "ok"
    if state == "ok" and len(held.protections) < len(PROTECTIONS):
        state = "warning"
    return Finding("runner", state, f"{told}; system calls are not filtered", "see docs/runner.md: what it takes")


def _extras() -> Finding:
    import importlib.util  # noqa: PLC0415 - as above

    def is_there(module: str) -> bool:
        try:
            return importlib.util.find_spec(module) is not None
        except ModuleNotFoundError:
            return False

    present = [name for name, module in _EXTRAS.items() if is_there(module)]
    return Finding("extras", "ok", ", ".join(present) if present else "none installed (none is needed)")


_CHECKS: tuple[tuple[str, Callable[[], Finding]], ...] = (
    ("python", _python),
    ("settings", _settings),
    ("state", _state),
    ("keys", _keys),
    ("database", _database),
    ("ledger", _ledger),
    ("policies", _policies),
    ("boundaries", _boundaries),
    ("stages", _stages),
    ("mcp servers", _servers),
    ("emergency", _emergency),
    ("redaction", _redaction),
    ("runner", _runner),
    ("extras", _extras),
)
