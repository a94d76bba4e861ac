"""`opswarden runbook search|show|check|draft|publish|take|steps|list|index|report`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from . import runbook_draft, runbook_publish, runbook_show, runbook_take
from .command_names import command_names
from .console import emit_json, note

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...policies.types import CallResult
    from ...tools.runbooks.checks.findings import Finding
    from ..runbooks.opened import Where
    from ..runbooks.reporting import RunbookReport

_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)
_FOLDER = click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), help="Runbooks in this folder instead of `runbooks`."
)
_SNAPSHOT = click.option(
    "--snapshot",
    type=click.Path(path_type=Path, file_okay=False),
    help="A snapshot; its runbooks, where no others are.",
)
_LIVE = click.option("--live", "is_live", is_flag=True, help="Ask the configured systems.")
_DAYS = click.option(
    "--days", type=click.IntRange(1, 3_650), default=180, show_default=True, help="How long a page may go unverified."
)
_DASHBOARDS = click.option(
    "--dashboards", type=click.Path(path_type=Path, file_okay=False), help="Dashboards as Grafana exports them."
)


@click.group("runbook", short_help="Find runbooks, check that they still hold, report on them.")
def command() -> None:
    """Find the runbook of an alert, check what pages say against the platform, report what is missing or rots."""


command.add_command(runbook_draft.command, "draft")
command.add_command(runbook_publish.command, "publish")
command.add_command(runbook_show.command, "show")
command.add_command(runbook_take.take, "take")
command.add_command(runbook_take.steps, "steps")


@command.command("search")
@click.argument("words", nargs=-1)
@click.option(
    "--alert", type=click.File("rb"), help="An alert as Alertmanager or Prometheus hands it over, as JSON; - is stdin."
)
@click.option("--limit", type=click.IntRange(1, 5), default=3, show_default=True)
@click.option("--incidents", "past", is_flag=True, help="Search past incidents instead of runbooks.")
@_FOLDER
@_SNAPSHOT
@_FORMAT
def search(
    words: tuple[str, ...],
    alert: BinaryIO | None,
    limit: int,
    past: bool,
    folder: Path | None,
    snapshot: Path | None,
    style: str,
) -> int:
    """Find the runbook for WORDS, in English, Spanish or Portuguese, or for an --alert.

    Exit code 1: there is no suitable one; the nearest are then shown as such.
    """
    from ..installation import open_installation  # noqa: PLC0415 - keeps `--help` light
    from ..runbooks.opened import Where, opened  # noqa: PLC0415 - the same

    if bool(words) == (alert is not None):
        raise click.UsageError("Say what to look for, in WORDS or as an --alert.")
    with open_installation() as installation, opened(installation, Where(folder, snapshot, past=past)) as runbooks:
        args: dict[str, Any] = {"query": " ".join(words), "limit": limit}
        if alert is not None:
            args = _alert_args(alert)
        result = runbooks.call("runbooks.match" if alert is not None else "runbooks.search", args, "search")
        runbooks.gate.end("answered")
        if installation.embedding is not None and result.message:
            note(_inert(result.message))
    if style == "json":
        emit_json(
            {
                "tool": result.tool,
                "status": result.status,
                "suitable": _is_suitable(result),
                "message": result.message,
                "result": result.summary,
            }
        )
    elif alert is not None:
        _show_match(result)
    else:
        _show_hits(result)
    return 0 if _is_suitable(result) else 1


def _alert_args(file: BinaryIO) -> dict[str, Any]:
    from ...tools.alerts.notification import SIZE_LIMIT_BYTES, read_notification  # noqa: PLC0415 - as above

    first = read_notification(file.read(SIZE_LIMIT_BYTES + 1))[0]
    args = {
        "alert": first.name[:256],
        "summary": first.summary[:4_000],
        "links": [first.runbook_url] if first.runbook_url else [],
        "entities": [first.labels[name] for name in ("service", "job", "deployment") if first.labels.get(name)],
        "indicators": [first.metric] if first.metric else [],
    }
    return {name: value for name, value in args.items() if value}


def _is_suitable(result: CallResult) -> bool:
    summary = result.summary if isinstance(result.summary, dict) else {}
    if result.tool == "runbooks.match":
        return result.status == "ok" and summary.get("matched_by") != "elsewhere"
    return bool(summary.get("suitable"))


def _show_match(result: CallResult) -> None:
    found: dict[str, Any] | None = result.summary if isinstance(result.summary, dict) else None
    if found is None:
        click.echo(_inert(result.message or "no suitable runbook"))
        return
    if found["matched_by"] == "elsewhere":
        click.echo(_inert(f"the alert names a page that is not among these {found['runbooks']}: {found['name']}"))
        return
    click.echo(_inert(f"{found['title']} ({found['name']}), by {_BY[found['matched_by']]}"))
    for label, key in (("step", "step"), ("section", "section"), ("shared", "shared")):
        if found.get(key):
            click.echo(_inert(f"  {label}: {found[key]}"))
    if found.get("or_else"):
        click.echo(_inert(f"  or: {found['or_else']}, which fits about as well: {found['or_else_purpose']}"))
    click.echo(f"  {_age(found)}")


_BY = {"label": "the alert's own link", "name": "its name", "declared": "the page's list of alerts", "words": "words"}


def _show_hits(result: CallResult) -> None:
    found: dict[str, Any] | None = result.summary if isinstance(result.summary, dict) else None
    if found is None:
        click.echo(_inert(f"no suitable runbook: {result.message}"))
        return
    if not found["suitable"]:
        click.echo(f"no suitable runbook among {found['runbooks']}; the nearest:")
    if found["alike"] > 1:
        click.echo(f"the first {found['alike']} fit about alike; words do not say which is the right one:")
    for hit in found["hits"]:
        click.echo(_inert(f"{hit['title']} ({hit['name']}){'' if hit['is_suitable'] else '  [nearest]'}"))
        if hit["purpose"] and not hit["snippet"].startswith(hit["purpose"]):
            click.echo(_inert(f"  for: {hit['purpose']}"))
        section = f"{hit['section']}: " if hit["section"] else ""
        click.echo(_inert(f"  {section}{hit['snippet']}"))
        click.echo(_inert(f"  shared: {hit['shared'] or 'nothing that tells much'}; {_age(hit)}"))


def _age(found: dict[str, Any]) -> str:
    parts = [f"verified {found['verified']}" if found.get("verified") else "never verified"]
    parts += [f"changed {str(found['changed'])[:10]}"] if found.get("changed") else []
    return ", ".join(parts)


@command.command("list")
@_FOLDER
@_SNAPSHOT
@_FORMAT
def list_pages(folder: Path | None, snapshot: Path | None, style: str) -> int:
    """List the runbooks: what they are for, whose they are, when they were verified."""
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..runbooks.opened import Where, opened  # noqa: PLC0415 - as above
    from ..runbooks.platform import pages_of  # noqa: PLC0415 - as above

    with open_installation() as installation, opened(installation, Where(folder, snapshot)) as runbooks:
        clean = installation.redaction.scrub
        rows = [
            {
                "name": clean(page.runbook.name),
                "title": clean(page.front.title or page.runbook.title),
                "alerts": list(map(clean, page.front.alerts)),
                "services": list(map(clean, page.front.services)),
                "owner": page.front.owner and clean(page.front.owner),
                "severity": page.front.severity,
                "risk": page.front.risk,
                "last_verified": page.front.last_verified,
                "steps": len(page.steps),
                "blocks": sum(len(step.blocks) for step in page.steps),
                "is_checked": page.is_ours,
            }
            for page in pages_of(runbooks)
        ]
        runbooks.gate.end("answered")
    if style == "json":
        emit_json(rows)
        return 0
    for row in rows:
        verified = f"verified {row['last_verified']}" if row["last_verified"] else "never verified"
        click.echo(_inert(f"{row['name']}  {row['title']}  ({row['owner'] or 'no owner'}, {verified})"))
    click.echo(f"{len(rows)} runbooks")
    return 0


@command.command("index")
@_FOLDER
@_FORMAT
def index_pages(folder: Path | None, style: str) -> int:
    """Bring the index up to date; only what changed is read. Every search does so by itself.

    Exit code 1: something could not be read, or parts of pages have no vector yet where embeddings are configured.
    """
    from ...tools.runbooks.backends.folder import FolderRunbooks  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..runbooks.filling import fill  # noqa: PLC0415 - as above
    from ..runbooks.opened import Where, opened  # noqa: PLC0415 - as above

    with open_installation() as installation, opened(installation, Where(folder)) as runbooks:
        synced = runbooks.library.sync(runbooks.deadline())
        backend = runbooks.library.backend
        clean = installation.redaction.scrub
        refused = tuple(map(clean, backend.refused)) if isinstance(backend, FolderRunbooks) else ()
        problems = tuple(map(clean, runbooks.library.rules.problems))
        rules = len(runbooks.library.rules.rules)
        vectors = fill(runbooks)
        runbooks.gate.end("answered")
    document: dict[str, Any] = {
        "pages": synced.pages,
        "read": synced.read,
        "removed": synced.removed,
        "rules": rules,
        "refused": list(refused),
        "problems": list(problems),
    }
    if vectors is not None:
        document["embeddings"] = vectors.as_json()
        note(_inert(vectors.told))
    if style == "json":
        emit_json(document)
    else:
        click.echo(
            f"{synced.pages} runbooks, {synced.read} of them read, {synced.removed} gone; {rules} alerting rules"
        )
        for line in (*refused, *problems):
            note(_inert(f"not read: {line}"))
    return 1 if refused or problems or not (vectors is None or vectors.is_whole) else 0


@command.command("check")
@click.argument("names", nargs=-1, metavar="[PAGE]...")
@_FOLDER
@_SNAPSHOT
@_LIVE
@_DAYS
@_DASHBOARDS
@click.option("--no-calls", is_flag=True, help="Do not make the calls that pages name; only look at them.")
@_FORMAT
def check(
    names: tuple[str, ...],
    folder: Path | None,
    snapshot: Path | None,
    is_live: bool,
    days: int,
    dashboards: Path | None,
    no_calls: bool,
    style: str,
) -> int:
    """Check runbooks: all, or each PAGE by its name. Exit code 1: something is wrong with one.

    Structure, links, commands, secrets and personal data are always looked at; queries and calls where a --snapshot or
    --live says against what. Reads are made through the gate; what would change something is only held against the
    policies.
    """
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ...tools.runbooks.checks.pages import check_page  # noqa: PLC0415 - as above
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..runbooks.opened import opened  # noqa: PLC0415 - as above
    from ..runbooks.platform import Checking, pages_of, platform_of  # noqa: PLC0415 - as above

    where = _where(folder, snapshot, is_live)
    with open_installation() as installation, opened(installation, where) as runbooks:
        pages = pages_of(runbooks)
        known = {page.runbook.name for page in pages}
        if unknown := set(names) - known:
            raise InputError(f"there is no page {sorted(unknown)[0]!r}", remedy="see `opswarden runbook list`")
        platform = platform_of(runbooks, pages, Checking(days, dashboards, command_names(), not no_calls))
        chosen = [page for page in pages if not names or page.runbook.name in names]
        clean = installation.redaction.scrub
        found = [
            replace(finding, page=clean(finding.page), text=clean(finding.text))
            for page in chosen
            for finding in check_page(page, platform)
        ]
        runbooks.gate.end("answered")
    ours = sum(page.is_ours for page in chosen)
    _emit_findings(found, len(chosen), ours, against=_against(where), style=style)
    return 1 if found else 0


def _emit_findings(found: list[Finding], pages: int, ours: int, *, against: str, style: str) -> None:
    if style == "json":
        rows = [
            {"page": each.page, "line": each.line, "step": each.step, "code": each.code, "text": each.text}
            for each in found
        ]
        failed = len({each.page for each in found})
        emit_json({"pages": pages, "of_the_form": ours, "failed": failed, "against": against, "findings": rows})
        return
    for each in found:
        click.echo(_inert(f"{each.page}:{each.line}: {each.code}: {each.text}"))
    held = f"{pages} runbooks, {ours} of them of the checked form, held against {against}"
    click.echo(f"{held}: {len(found)} findings on {len({each.page for each in found})} of them")


def _where(folder: Path | None, snapshot: Path | None, is_live: bool) -> Where:
    from ..runbooks.opened import Where  # noqa: PLC0415 - as above

    if snapshot is not None and is_live:
        raise click.UsageError("Name a --snapshot or ask --live, one of them.")
    return Where(folder, snapshot, is_live)


def _against(where: Where) -> str:
    return "the snapshot" if where.snapshot else "the live systems" if where.is_live else "themselves"


@command.command("report")
@_FOLDER
@_SNAPSHOT
@_LIVE
@_DAYS
@_DASHBOARDS
@_FORMAT
def report(
    folder: Path | None, snapshot: Path | None, is_live: bool, days: int, dashboards: Path | None, style: str
) -> int:
    """Say which alerts have no page, which pages no longer hold or did not help, and which contradict each other.

    Exit code 1: there is something to do.
    """
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..runbooks.opened import opened  # noqa: PLC0415 - as above
    from ..runbooks.platform import Checking  # noqa: PLC0415 - as above
    from ..runbooks.reporting import report_on  # noqa: PLC0415 - as above

    where = _where(folder, snapshot, is_live)
    with open_installation() as installation, opened(installation, where) as runbooks:
        found = report_on(runbooks, Checking(days, dashboards, command_names()))
        runbooks.gate.end("answered")
        clean = installation.redaction.scrub
        if style == "json":
            emit_json(_clean_json(found.as_json(), clean))
        else:
            _show_report(found, clean)
    return 0 if found.is_clean else 1


def _clean_json(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {name: _clean_json(item, clean) for name, item in value.items()}
    return [_clean_json(item, clean) for item in value] if isinstance(value, list | tuple) else value


def _show_report(found: RunbookReport, clean: Callable[[str], str]) -> None:
    for title, lines in found.sections():
        click.echo(f"{title}: {len(lines) or 'none'}")
        for line in lines:
            click.echo(_inert(f"  {clean(line)}"))
    for line in found.notes:
        note(clean(line))


def _inert(text: str) -> str:
    """Text that no terminal obeys."""
    from .approval_page import inert  # noqa: PLC0415 - as above

    return inert(text)
