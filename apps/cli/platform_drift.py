"""`opswarden platform drift`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import emit_json, note, out

if TYPE_CHECKING:
    from ...tools.drift.types import CompareResult

_FILES = click.Path(exists=True, path_type=Path)
_HARMED = 1


@click.command("drift", short_help="What drift did to a model, feature by feature.")
@click.option("--reference", "-r", multiple=True, required=True, type=_FILES, help="Files of the period to measure by.")
@click.option("--window", "-w", multiple=True, required=True, type=_FILES, help="Files of what came since.")
@click.option("--score", required=True, help="Column with the probability of the positive class.")
@click.option("--label", help="Column with the truth (0, 1 or nothing), in the rows or in --labels.")
@click.option("--labels", multiple=True, type=_FILES, help="Files with truths that came later.")
@click.option("--key", help="Column that names a row, in the rows and in --labels.")
@click.option("--time", help="Column with the moment of a row.")
@click.option("--segment", "segments", multiple=True, help="Column by which results are told apart; may be repeated.")
@click.option("--ignore", "ignored", multiple=True, help="Column that is no feature; may be repeated.")
@click.option("--from", "start", type=click.DateTime(), help="Start of the window, UTC; needs --time.")
@click.option("--to", "end", type=click.DateTime(), help="End of the window, UTC.")
@click.option("--margin", type=click.FloatRange(0.0001, 0.5), default=0.01, show_default=True, help="Of the AUC.")
@click.option("--limit", type=click.IntRange(1, 100), default=8, show_default=True, help="Features that are shown.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(
    reference: tuple[Path, ...],
    window: tuple[Path, ...],
    score: str,
    label: str | None,
    labels: tuple[Path, ...],
    key: str | None,
    time: str | None,
    segments: tuple[str, ...],
    ignored: tuple[str, ...],
    start: datetime | None,
    end: datetime | None,
    margin: float,
    limit: int,
    style: str,
) -> int:
    """Compare the rows that a model scored with a reference period.

    Features are ranked by what their drift does to the model: by how much its AUC would change on the reference, if it
    had this feature as the window has it. Exit 1 if the model fell by more than the margin, or a feature harms it.
    """
    from ...tools.drift.backends.files import ScoredFiles  # noqa: PLC0415 - keeps `--help` light
    from ..installation import current_person, open_installation  # noqa: PLC0415 - the same
    from ..platform.drift import drift_now  # noqa: PLC0415 - the same

    files = ScoredFiles(reference, window, score, label, labels, key, time, segments, ignored)
    with open_installation() as installation:
        found = drift_now(
            installation,
            files,
            (start, end),
            margin=margin,
            limit=limit,
            by=f"person:{current_person()}",
        )
    if style == "json":
        emit_json(found.model_dump(mode="json"))
    else:
        _show(found)
    return _HARMED if found.falls or found.alarms else 0


def _show(found: CompareResult) -> None:
    from rich.table import Table  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    from .approval_page import inert  # noqa: PLC0415 - as above

    click.echo(f"{found.rows} rows against {found.reference_rows} of the reference")
    for name, area in (("realised", found.realised), ("expected", found.expected)):
        if area is not None:
            click.echo(f"AUC {name}: {area.value:.4f} [{area.low:.4f}, {area.high:.4f}] on {area.rows} rows")
    if found.before is not None:
        click.echo(f"AUC of the reference: {found.before:.4f}; the model {'fell' if found.falls else 'did not fall'}")
    if found.expected is not None and not found.expectation_holds:
        note("the expected AUC says little: the model answers many values that it never saw")
    if found.expected is None:
        note("the reference has too few labels to say what performance to expect")
    click.echo(
        f"mean score {found.mean_score_before:.4g} → {found.mean_score_after:.4g}; the window is told from the "
        f"reference with AUC {found.domain:.3f} (0.5: not at all)"
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("feature", "", "harm", "by chance", "most by", "unseen", "PSI", "distance", "nulls"):
        table.add_column(name)
    for each in found.features:
        cells = (
            each.feature,
            "alarm" if each.is_alarm else "moved" if each.has_moved else "",
            f"{each.harm:+.4f}" if each.harm is not None else "–",
            f"±{each.noise:.4f}" if each.noise is not None else "–",
            each.values,
            f"{each.unseen:.1%}" if each.unseen is not None else "–",
            f"{each.psi:.3f}",
            f"{each.distance:.3f}",
            f"{each.nulls_before:.1%} → {each.nulls_after:.1%}",
        )
        table.add_row(*(Text(inert(cell)) for cell in cells))
    out().print(table)
    for part in found.segments:
        if part.is_alarm:
            where = inert(f"{part.segment}={part.value}")
            click.echo(f"alarm: {where}: AUC {part.before:.4f} → {part.expected.value:.4f} expected")
