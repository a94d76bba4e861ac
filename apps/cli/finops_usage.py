"""`opswarden finops usage FLEET`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from .console import emit_json, out, steps

_RESOURCES = ["cpu", "memory", "gpu", "gpu_sm", "gpu_memory", "requests", "network", "latency_p99"]


@click.command("usage", short_help="What usage data are worth, and how one workload was used.")
@click.argument("fleet", type=click.Path(path_type=Path))
@click.option("--workload", help="One workload: its days and quantiles.")
@click.option("--resource", type=click.Choice(_RESOURCES), default="cpu", show_default=True)
@click.option("--days", type=click.IntRange(1, 730), default=28, show_default=True)
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(fleet: Path, workload: str | None, resource: str, days: int, style: str) -> int:
    """What the usage data of FLEET are worth: coverage, gaps, resizes, samples that cannot be used.

    With --workload, how it was used day by day. The history is kept in the state folder; only new days are read.
    """
    from ..finops.usage import open_usage  # noqa: PLC0415 - keeps `--help` light
    from ..installation import open_installation  # noqa: PLC0415 - the same

    with (
        open_installation() as installation,
        open_usage(installation, fleet) as usage,
        steps("usage", quiet=style == "json") as progress,
    ):
        progress("reading what is new")
        if workload is None:
            found = usage.ask("usage.coverage", {})
        else:
            found = usage.ask("usage.history", {"workload": workload, "resource": resource, "days": days})
    if style == "json":
        emit_json(found)
    elif workload is None:
        _print_coverage(found)
    else:
        _print_history(found)
    return 0


def _print_coverage(found: Mapping[str, Any]) -> None:
    from rich.table import Table  # noqa: PLC0415 - keeps `--help` light

    console = out()
    console.print(
        f"{found['workloads']} workloads, {found['series']} series, {found['first']} to {found['last']},"
        f" {found['coverage']:.1%} of the time watched"
    )
    console.print(
        f"{found['short']} series of less than two weeks, {found['with_gaps']} with gaps;"
        f" {found['unusable']} samples unusable, {found['repeated']} repeated, {found['disordered']} out of order;"
        f" {found['unreadable']} rows unreadable"
    )
    table = Table("workload", "resource", "days", "watched", "gaps", "unusable", "repeated", "resizes", "restarts")
    for one in found["worst"]:
        table.add_row(
            str(one["workload"]),
            one["resource"],
            str(one["days"]),
            f"{one['coverage']:.1%}",
            *(str(one[name]) for name in ("gaps", "unusable", "repeated", "resizes", "restarts")),
        )
    console.print(table)


def _print_history(found: Mapping[str, Any]) -> None:
    from rich.table import Table  # noqa: PLC0415 - as above

    console = out()
    reserved = "not known" if found["reserved"] is None else f"{found['reserved']:.4g}"
    console.print(
        f"{found['workload']}, {found['resource']}, {found['first']} to {found['last']},"
        f" {found['coverage']:.1%} of the time watched; reserved: {reserved}, {found['resizes']} resizes"
    )
    told = (("p50", "p50"), ("p95", "p95"), ("p99", "p99"), ("p99.5", "p99_5"), ("most", "most"))
    console.print("over time: " + ", ".join(f"{name} {found[key]:.4g}" for name, key in told))
    table = Table("day", "most", "at", "p95", "mean", "watched")
    for one in found["days"]:
        at, seen = str(one["most_at"])[11:19], f"{one['coverage']:.1%}"
        table.add_row(str(one["day"]), f"{one['most']:.4g}", at, f"{one['p95']:.4g}", f"{one['mean']:.4g}", seen)
    console.print(table)
