"""`opswarden platform fraud explain|chargebacks|programmes`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from .console import emit_json, note

_UNKNOWN = 3
_VERDICTS = {
    "model_broke": "the model broke",
    "own_rules": "our own rules decline more",
    "provider_down": "whoever stands behind us is down",
    "world_changed": "the world changed",
    "attack": "an attack",
    "nothing": "nothing goes on",
}


_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)
_PAYMENTS = click.option("--payments", metavar="NAME", help="Which payments; needed if there are several.")


@click.group("fraud", short_help="Why payments are declined, what comes back of them, and programmes of schemes.")
def command() -> None:
    """Payments: why they are declined, of which weeks more comes back, and what schemes make of it."""


@command.command("explain")
@click.argument("snapshot", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_FORMAT
def explain(snapshot: Path, style: str) -> int:
    """Tell apart why payments of SNAPSHOT go as they do, against its quiet time. Exit 1 if anything goes on."""
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..logs import protect_logs  # noqa: PLC0415 - the same
    from ..platform.features import summary_of  # noqa: PLC0415 - keeps `--help` light
    from ..platform.fraud import explain_payments  # noqa: PLC0415 - the same

    with open_installation() as installation:
        protect_logs(installation.redaction)
        asked = explain_payments(installation, snapshot.resolve())
    found = summary_of(asked)
    if style == "json":
        emit_json({"run_id": asked.run_id, "fraud": found})
    elif found is None:
        note(asked.result.message or "there is nothing to compare")
    else:
        _show(found)
    return 1 if found is not None and found["verdict"] != "nothing" else 0


@command.command("chargebacks")
@click.option("--weeks", default=40, type=click.IntRange(6, 104), show_default=True, help="Of payments looked at.")
@click.option("--fraud-reports", is_flag=True, help="Reports of fraud in the place of chargebacks.")
@_PAYMENTS
@_FORMAT
def chargebacks(weeks: int, fraud_reports: bool, payments: str | None, style: str) -> int:
    """What came back of the payments of each week, against earlier weeks at equal age. Exit 1 if one is worse."""
    counts = "fraud_report" if fraud_reports else "chargeback"
    found = _asked(payments, "outcomes.chargebacks", {"weeks": weeks, "counts": counts}, style)
    if found is None:
        return _UNKNOWN
    if style == "terminal":
        _show_weeks(found)
    return 1 if found["worse_weeks"] else 0


@command.command("programmes")
@_PAYMENTS
@_FORMAT
def programmes(payments: str | None, style: str) -> int:
    """Whether this month and the next close over a line of a scheme. Exit 1 if one may, 3 if one cannot be told."""
    found = _asked(payments, "outcomes.programmes", {}, style)
    if found is None:
        return _UNKNOWN
    if style == "terminal":
        _show_programmes(found)
    return 1 if found["in_trouble"] else _UNKNOWN if found["unknown"] else 0


def _asked(payments: str | None, tool: str, args: Mapping[str, Any], style: str) -> Mapping[str, Any] | None:
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..logs import protect_logs  # noqa: PLC0415 - the same
    from ..platform.fraud import ask_payments  # noqa: PLC0415 - keeps `--help` light

    with open_installation() as installation:
        protect_logs(installation.redaction)
        found = ask_payments(installation, payments, tool, args)
    if style == "json":
        emit_json({tool.partition(".")[2]: found})
    elif found is None:
        note("there is nothing to tell from: fewer than two weeks of payments, or no programme")
    return found


def _show_weeks(found: Mapping[str, Any]) -> None:
    _say(f"{found['judged_weeks']} weeks judged, {found['worse_weeks']} worse than earlier ones at equal age")
    _say("  week of     payments  came back  usual by then  in the end (95 %)     come so far")
    for each in found["cohorts"]:
        usual = "-" if each["expected"] is None else f"{each['expected']:.1f}"
        end = f"{each['ultimate']:.0f} ({each['ultimate_low']:.0f} to {each['ultimate_high']:.0f})"
        mark = "  worse" if each["is_worse"] else ""
        _say(
            f"  {each['week']}  {each['payments']:>8}  {each['returned']:>9}  {usual:>13}  {end:<20}  "
            f"{each['developed']:>6.0%}{mark}"
        )
    for each in found["worse"]:
        where = f"{each['condition']['name']}={each['condition']['value']}"
        _say(
            f"  worse: {each['week']} {where}: {each['returned']} of {each['payments']} payments came back, "
            f"earlier weeks had {each['expected']:.1f} by then"
        )
    if found["development"]:
        ages = ", ".join(f"{each['share']:.0%} after {each['weeks']}" for each in found["development"])
        _say(f"  of all that comes back within {found['longest_delay_weeks']} weeks: {ages} weeks")
    for line in found["not_looked_at"]:
        _say(f"  not looked at: {line}")


def _show_programmes(found: Mapping[str, Any]) -> None:
    _say(f"as of {found['until']}: {found['in_trouble']} in trouble, {found['unknown']} unknown")
    for each in found["forecasts"]:
        head = f"  {each['month'][:7]} {each['programme']} {each['tier']}: {each['state']}"
        if each["state"] == "unknown":
            _say(f"{head}: {each['why']}")
            continue
        ratio = f"{each['ratio']:.3%}" if each["ratio"] is not None else "-"
        _say(f"{head}, closes over with {each['probability']:.1%}")
        _say(
            f"    {each['counted']} so far, {each['counted_low']:.0f} to {each['counted_high']:.0f} expected (90 %), "
            f"{ratio} of about {each['payments']:.0f} payments"
        )
        left = f"{each['allowed']} more may come" if each["allowed"] >= 0 else f"{-each['allowed']} too many"
        _say(f"    line: {each['limit_ratio']:.3%} and {each['limit_count']} counted; {left}")


def _show(found: Mapping[str, Any]) -> None:
    before, after = f"{found['rate_before']:.1%}", f"{found['rate_after']:.1%}"
    _say(f"{_VERDICTS[found['verdict']]}; approved {before} before, {after} in the window")
    for each in found["situations"]:
        where = " ".join(f"{one['name']}={one['value']}" for one in each["conditions"]) or "all payments"
        money = "".join(f", {one['amount_minor'] / 100:,.0f} {one['currency']}" for one in each["money"])
        since = f", since {each['since'][11:16]}" if each["since"] else ""
        low, high = each["payments_low"], each["payments_high"]
        between = f" ({low} to {high})" if low != high else ""
        _say(f"  {each['name']}: {where}: {each['payments']} payments{between}{money}{since}")
        for line in each["evidence"]:
            _say(f"    {line}")
        if each["named"]:
            _say(f"    as named there: {', '.join(each['named'])}")
    lost = found["false_declines"]
    if lost:
        _say(
            f"  declined by ourselves beyond the usual: {lost['payments']} payments "
            f"({lost['payments_low']} to {lost['payments_high']})"
        )
        _say(f"    {lost['bias']}")
    for line in found["not_looked_at"]:
        _say(f"  not looked at: {line}")


def _say(line: str) -> None:
    from .approval_page import inert  # noqa: PLC0415 - as above

    click.echo(inert(line))
