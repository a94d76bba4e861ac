"""`opswarden slo rules|burn`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import emit_json, note, out
from .typed import typed

if TYPE_CHECKING:
    from ...tools.slo.types import BurnResult

_NOT_WITHIN = 1


@click.group("slo", short_help="Error budgets, and objectives as Prometheus rules.")
def command() -> None:
    """Service level objectives, as the service catalogue declares them."""


@command.command("rules")
@click.option("--entity-label", default="service", show_default=True, help="The label that names the entity.")
@click.option("--out", "target", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output.")
def rules(entity_label: str, target: Path | None) -> int:
    """Write recording and alerting rules for Prometheus. Exit 1 if an objective cannot become one."""
    import yaml  # noqa: PLC0415 - keeps `--help` light

    from ...core.errors import InputError  # noqa: PLC0415 - the same
    from ...tools.slo.rules import slo_rules  # noqa: PLC0415 - the same
    from ..handed_out import TERMINAL, hand_out, record_files  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..platform.objectives import declared_slos  # noqa: PLC0415 - the same

    with open_installation() as installation:
        slos = declared_slos(installation)
        entries = installation.catalogue.entries if installation.catalogue is not None else ()
    if not slos:
        raise InputError("no objective is declared", remedy="declare some under `slos` in the service catalogue")
    pages = {each.name: each.runbooks[0] for each in entries if each.runbooks and "://" in each.runbooks[0]}
    try:
        found = slo_rules(slos, entity_label, pages)
    except ValueError as error:
        raise InputError(f"--entity-label: {error}", remedy="name the label as your metrics have it") from error
    for entity, name, why in found.problems:
        note(f"no rule for {name!r} of {entity!r}: {why}")
    text = yaml.safe_dump({"groups": list(found.groups)}, sort_keys=False, width=1_000, allow_unicode=True)
    with open_installation() as installation:
        if target is not None:
            hand_out(installation, "objective-rules", {target: text})
        else:
            record_files(installation, "objective-rules", {TERMINAL: text})
    if target is not None:
        note(f"{len(found.groups)} groups in {typed(target)}")
    else:
        click.echo(text, nl=False)
    return _NOT_WITHIN if found.problems else 0


@command.command("burn")
@click.argument("snapshot", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--environment", help="Of the live systems; their only one if absent.")
@click.option("--entity", "entities", multiple=True, help="Of this entity; may be repeated. All if absent.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def burn(snapshot: Path | None, environment: str | None, entities: tuple[str, ...], style: str) -> int:
    """Show how fast error budgets burn and what is left of them: now, or in a snapshot.

    Exit 1 if one burns so fast that somebody should know.
    """
    from ..installation import current_person, open_installation  # noqa: PLC0415 - as above
    from ..platform.objectives import error_budgets  # noqa: PLC0415 - as above

    with open_installation() as installation:
        found = error_budgets(installation, snapshot, environment, f"person:{current_person()}", entities)
    if style == "json":
        emit_json(found.model_dump(mode="json") if found is not None else {"slos": 0, "objectives": []})
    elif found is None:
        click.echo("no service level objective is declared")
    else:
        _show(found)
    return _NOT_WITHIN if found is not None and found.paging + found.ticketing else 0


def _show(found: BurnResult) -> None:
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    from .approval_page import inert  # noqa: PLC0415 - as above

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("entity", "objective", "promised", "state", "left at most", "seen", "lasts", "fastest burn"):
        table.add_column(name)
    for each in found.objectives:
        fastest = max((rate.rate or 0.0 for rate in each.rates), default=0.0)
        cells = (
            each.entity,
            each.name,
            f"{100 * each.objective:.7g} % of {(each.window_s or 0) / 86_400:g} d"
            if each.objective is not None
            else "–",
            each.state if not each.problem else f"{each.state}: {each.problem}",
            f"{1 - each.budget_spent:.0%}" if each.budget_spent is not None else "–",
            f"{each.seen:.0%}" if each.seen is not None else "–",
            f"{each.left_s / 3_600:.1f} h" if each.left_s is not None else "–",
            f"{fastest:.1f}×" if each.rates else "–",
        )
        table.add_row(*(Text(inert(cell)) for cell in cells))
    out().print(table)
    rest = found.slos - len(found.objectives)
    if rest:
        note(f"{rest} objectives that burn less are not shown; name some with --entity")
