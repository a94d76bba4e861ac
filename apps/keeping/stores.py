"""Everything that an installation keeps: which stores there are, what lies in them, how much, and until when."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ...core.clock import to_iso
from ...core.database import STATEMENT_ERRORS, Connection, Database
from ...core.errors import BackendError
from ...tools.spec import DataClass

if TYPE_CHECKING:
    from ..installation import Installation

Protection = Literal["encrypted", "signed", "sealed", "plain"]
"""`encrypted`: nobody reads it without our keys. `signed` and `sealed`: readable, and no change goes unseen.
`plain`: readable by whoever can read the state directory; what was redacted before it came here is said so."""


@dataclass(frozen=True)
class Store:
    """A kind of thing that is kept.

    Args:
        holds: what lies in it.
        classes: what data that can be.
        tables: of the database; the first one is counted.
        files: below the state directory: names or patterns.
        moment: SQL for when a row of the first table was written; empty where no row says.
        setting: what says how long it is kept; empty where nothing does.
    """

    name: str
    holds: str
    classes: tuple[DataClass, ...]
    protection: Protection
    tables: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    moment: str = ""
    setting: str = ""
    kept: str = "for good"


QUEUE_TABLE = "opswarden_queue.workflow_status"
"""Where the queue is in a shared database; in a schema of its own."""

STORES: tuple[Store, ...] = (
    Store(
        "ledger",
        "every decision and outcome; arguments and texts lie apart",
        ("operational",),
        "signed",
        tables=("entry", "checkpoint", "frontier"),
        moment="json_extract(body, '$.ts')",
    ),
    Store(
        "payloads",
        "what records say at length, redacted",
        ("operational", "personal"),
        "sealed",
        tables=("payload",),
        setting="ledger.payload_days",
    ),
    Store(
        "vault",
        "values behind placeholders",
        ("personal", "financial"),
        "encrypted",
        tables=("vault_values", "vault_counters"),
        setting="redaction.vault_ttl_s",
    ),
    Store(
        "artifacts",
        "full results of tools, not redacted",
        ("operational", "personal", "financial"),
        "encrypted",
        files=("artifacts/*",),
        setting="gate.artifact_ttl_s",
    ),
    Store(
        "shared-artifacts",
        "the same, for other machines; with a shared database",
        ("operational", "personal", "financial"),
        "encrypted",
        tables=("shared_artifact",),
        setting="gate.artifact_ttl_s",
    ),
    Store(
        "kept-answers",
        "which artifacts a live run can become a snapshot from",
        ("operational",),
        "plain",
        tables=("kept_answer",),
        setting="gate.artifact_ttl_s",
        kept="its artifacts expire",
    ),
    Store(
        "answers",
        "answers of live systems that processes share",
        ("operational", "personal"),
        "encrypted",
        files=("answers/*",),
        kept="seconds, as each system's `cache_s` says",
    ),
    Store(
        "arrivals",
        "what came in from outside; its content goes once it is worked off",
        ("operational", "personal"),
        "encrypted",
        tables=("arrival",),
        moment="received_at",
        setting="retention.arrivals_days",
    ),
    Store(
        "incidents",
        "incidents, their alerts and what was done about them, redacted",
        ("operational", "personal"),
        "plain",
        tables=("incident", "incident_alert", "incident_event"),
        moment="opened_at",
        setting="retention.incidents_days",
    ),
    Store(
        "posts",
        "where something was told in Slack, and what people thought of it",
        ("operational", "personal"),
        "plain",
        tables=("slack_post", "slack_incident", "slack_mute", "slack_opinion", "slack_asked", "slack_opened"),
        moment="began",
        setting="retention.posts_days",
    ),
    Store(
        "runs",
        "whose each run is and what was asked for, redacted",
        ("operational", "personal"),
        "plain",
        tables=("run", "run_request", "run_ticket"),
        moment="started_at",
    ),
    Store(
        "checkpoints",
        "where each run stands, for a resume",
        ("operational", "personal"),
        "plain",
        files=("checkpoints.sqlite", "checkpoints.sqlite-*"),
        setting="retention.checkpoints_days",
    ),
    Store(
        "positions",
        "where each run stands, for a resume on another machine; with a shared database",
        ("operational", "personal"),
        "plain",
        tables=("run_position", "run_position_write"),
        setting="retention.checkpoints_days",
    ),
    Store(
        "journal",
        "what each call came to, redacted, so that none is made twice",
        ("operational", "personal"),
        "plain",
        tables=("journal_call", "call_trail", "effect_undo"),
        moment="changed_at",
    ),
    Store(
        "approvals",
        "questions to people with redacted arguments, and their answers",
        ("operational", "personal"),
        "sealed",
        tables=("approval", "approval_notice", "endorsement"),
    ),
    Store(
        "past-runs",
        "what finished triages said, for similar incidents; labels",
        ("operational",),
        "plain",
        tables=("past_run", "incident_label", "measured_score"),
        moment="began",
        setting="retention.past_runs_days",
    ),
    Store(
        "budgets",
        "how much was used; numbers only",
        ("operational",),
        "plain",
        tables=("budget_use", "budget_time", "budget_day"),
    ),
    Store(
        "guards",
        "kill switch, emergency access, stages, holds, schedules, checks of systems, schema numbers",
        ("operational", "personal"),
        "plain",
        tables=("switch", "emergency", "stage_step", "data_hold", "schedule", "system_conformance", "schema_version"),
    ),
    Store(
        "web",
        "sessions and tokens of the web view, as hashes",
        ("personal", "credential"),
        "plain",
        tables=("web_token", "web_session", "web_fresh", "web_flow"),
    ),
    Store(
        "kept-reports",
        "reports as they were told, redacted, for other machines and surfaces",
        ("operational",),
        "plain",
        tables=("kept_report",),
        moment="told_at",
        setting="ledger.payload_days",
    ),
    Store(
        "recommendations",
        "what could be saved, redacted, and what people have said of it",
        ("operational", "personal"),
        "plain",
        tables=("recommendation", "recommendation_move", "recommendation_measure", "finops_week"),
        moment="first_seen",
    ),
    Store(
        "histories",
        "how much of CPU, memory and GPUs the workloads of each fleet used, by day; names of workloads and numbers",
        ("operational",),
        "plain",
        files=("histories/*",),
    ),
    Store(
        "models",
        "who moved and signed off versions of models, and traffic that was given back; names and numbers",
        ("operational", "personal"),
        "plain",
        tables=("model_moves", "model_sign_offs", "model_locks", "rollout_aborts"),
    ),
    Store(
        "backfills",
        "intervals of feature views that were written again; names of views and numbers",
        ("operational",),
        "plain",
        tables=("backfill", "backfill_chunk"),
        moment="begun_at",
    ),
    Store(
        "queue",
        "which incident is triaged by whom and how far; ids, and what ended a step",
        ("operational",),
        "plain",
        files=("queue.sqlite", "queue.sqlite-*"),
        setting="retention.queue_days",
    ),
    Store(
        "shared-queue",
        "the same, with a shared database",
        ("operational",),
        "plain",
        tables=(QUEUE_TABLE, "opswarden_queue.operation_outputs"),
        setting="retention.queue_days",
    ),
    Store(
        "live",
        "incidents as they were opened, redacted",
        ("operational",),
        "plain",
        files=("live/*",),
        setting="retention.live_days",
    ),
    Store(
        "shared-live",
        "the same, for other machines; with a shared database",
        ("operational",),
        "plain",
        tables=("live_incident",),
        moment="opened_at",
        setting="retention.live_days",
    ),
    Store(
        "reports",
        "reports as they were told, redacted",
        ("operational",),
        "plain",
        files=("reports/*",),
        setting="retention.reports_days",
    ),
    Store("demo", "sandbox incidents; nothing real", ("public",), "plain", files=("demo/*",)),
    Store("mcp-servers", "accepted tools of other MCP servers", ("operational",), "plain", files=("mcp-servers.json",)),
    Store(
        "fallback-journal",
        "records of reads while the ledger was down",
        ("operational",),
        "signed",
        files=("fallback-journal.jsonl*",),
        kept="the ledger takes them over",
    ),
    Store(
        "runbooks",
        "the index of the runbooks: their texts as they are in the source, and vectors of them where embeddings are "
        "configured; can be made again",
        ("operational",),
        "plain",
        files=("runbooks.sqlite", "runbooks.sqlite-*"),
    ),
    Store("stop", "what operators have stopped, and why", ("operational",), "plain", files=("stop", "stop.*")),
    Store("keys", "the keys of the installation", ("credential",), "plain", files=("keys.json*", "keys.wrapped.json*")),
)
"""Gateway conversations are in the journal and the vault: it keeps nothing of its own."""

SOONER = {
    "vault": "vault_days",
    "artifacts": "artifacts_days",
    "shared-artifacts": "artifacts_days",
    "kept-answers": "artifacts_days",
}
"""Settings of `retention` by which what can be read in full goes before its general time."""
_OF_NO_RUN = frozenset({"arrivals"})
_DATABASE = ("opswarden.sqlite", "opswarden.sqlite-*", "locks")
OTHER = Store("other", "files that no store knows", ("operational",), "plain")


@dataclass(frozen=True)
class Measured:
    """A store as it was found.

    Args:
        size_bytes: of the content of rows, or of files.
        oldest: ISO 8601, where anything says so.
        kept: until when.
        kept_in: the same for what runs have read of a country's data, where that is another time.
    """

    store: Store
    count: int
    size_bytes: int
    oldest: str
    newest: str
    kept: str
    kept_in: Mapping[str, str] = field(default_factory=dict)


def inventory(installation: Installation) -> tuple[Measured, ...]:
    """Every store that is there, and last the files that belong to none.

    Raises:
        BackendError: the database or a file cannot be read.
    """
    return tuple(replace(one, kept_in=_kept_in(installation, one)) for one in _measured(installation))


def existing(database: Database, tables: Iterable[str]) -> tuple[str, ...]:
    """Those of the tables that this installation has."""
    connection = database.connection()
    if database.dialect == "sqlite":
        sql = "SELECT name FROM sqlite_master WHERE type = 'table'"
    else:
        sql = (
            "SELECT tablename AS name FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"
            " UNION SELECT schemaname || '.' || tablename FROM pg_catalog.pg_tables"
            " WHERE schemaname = 'opswarden_queue'"
        )
    there = {row["name"] for row in connection.execute(sql)}
    return tuple(name for name in tables if name in there)


def files_of(root: Path, store: Store) -> list[Path]:
    """The files of a store; a folder stands for itself."""
    return [path for pattern in store.files for path in sorted(root.glob(pattern))]


def _measured(installation: Installation) -> Iterator[Measured]:
    root = installation.state.root
    try:
        for store in STORES:
            kept = _kept(installation, store)
            if store.tables:
                tables = existing(installation.database, store.tables)
                if store.tables[0] in tables:
                    yield _rows(installation.database, store, tables, kept)
                continue
            paths = files_of(root, store)
            if store.name == "checkpoints" and paths:
                yield _checkpoints(paths, store, kept)
            elif paths:
                yield _files(paths, store, kept)
        ours = [pattern.partition("/")[0] for store in STORES for pattern in store.files] + list(_DATABASE)
        rest = [path for path in sorted(root.iterdir()) if not any(fnmatch(path.name, one) for one in ours)]
        if rest := [path for path in rest if path.is_file() or any(path.iterdir())]:
            yield _files(rest, OTHER, "for good")
    except (OSError, *STATEMENT_ERRORS) as error:
        raise BackendError(
            "what is kept cannot be looked at", remedy="check the database and the rights of the state directory"
        ) from error


def _kept(installation: Installation, store: Store, countries: tuple[str, ...] = ()) -> str:
    if not store.setting:
        return store.kept
    section, _, name = store.setting.partition(".")
    own = getattr(getattr(installation.settings, section), name)
    days = None if own is None else own / 86_400 if name.endswith("_s") else own
    if store.name in SOONER:
        sooner = installation.settings.retention.days_of(SOONER[store.name], store.classes, countries)
        days = days if days is None or sooner is None else min(days, sooner)
    elif section == "retention" or name == "payload_days":
        classes = store.classes if section == "retention" else ()
        days = installation.settings.retention.days_of(name, classes, countries, own)
    if days is None:
        return "for good"
    return f"{days:g} days" if store.kept == "for good" else f"{store.kept} ({days:g} days)"


def _kept_in(installation: Installation, one: Measured) -> dict[str, str]:
    countries = installation.settings.retention.countries
    if one.store.name in _OF_NO_RUN:
        return {}
    found = {country: _kept(installation, one.store, (country,)) for country in sorted(countries)}
    return {country: kept for country, kept in found.items() if kept != one.kept}


def _rows(database: Database, store: Store, tables: tuple[str, ...], kept: str) -> Measured:
    connection, first = database.connection(), tables[0]
    row = connection.execute(f"SELECT COUNT(*) AS n FROM {first}").fetchone()  # noqa: S608 - a name of ours
    oldest = newest = None
    if store.moment:
        moments = f"SELECT MIN({store.moment}) AS a, MAX({store.moment}) AS b FROM {first}"  # noqa: S608 - as above
        ends = connection.execute(moments).fetchone()
        oldest, newest = ends["a"], ends["b"]
    size = sum(_size(connection, database, name) for name in tables)
    return Measured(store, int(row["n"]), size, oldest or "", newest or "", kept)


def _size(connection: Connection, database: Database, table: str) -> int:
    if database.dialect != "sqlite":
        return int(connection.execute("SELECT pg_total_relation_size(?::regclass) AS n", (table,)).fetchone()["n"])
    columns = [row["name"] for row in connection.execute(f"PRAGMA table_info({table})")]
    length = " + ".join(f"COALESCE(LENGTH(CAST({name} AS BLOB)), 0)" for name in columns)
    return int(connection.execute(f"SELECT COALESCE(SUM({length}), 0) AS n FROM {table}").fetchone()["n"])  # noqa: S608 - as above


def _checkpoints(paths: list[Path], store: Store, kept: str) -> Measured:
    found = _files(paths, store, kept)
    with closing(sqlite3.connect(f"file:{paths[0]}?mode=ro", uri=True)) as connection:
        try:
            count = connection.execute("SELECT COUNT(DISTINCT thread_id) FROM checkpoints").fetchone()[0]
        except sqlite3.OperationalError:
            count = 0  # no run has stored anything yet
    return Measured(store, count, found.size_bytes, "", found.newest, kept)


def _files(paths: list[Path], store: Store, kept: str) -> Measured:
    inner = [one for path in paths for one in ([path] if path.is_file() else path.rglob("*")) if one.is_file()]
    stats = [path.stat() for path in inner]
    moments = sorted(to_iso(datetime.fromtimestamp(stat.st_mtime, UTC)) for stat in stats)
    size = sum(stat.st_size for stat in stats)
    return Measured(store, len(paths), size, moments[0] if moments else "", moments[-1] if moments else "", kept)
