"""`opswarden platform fraud SNAPSHOT`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from .console import emit_json, note

_VERDICTS = {
    "model_broke": "the model broke",
    "own_rules": "our own rules decline more",
    "provider_down": "whoever stands behind us is down",
    "world_changed": "the world changed",
    "attack": "an attack",
    "nothing": "nothing goes on",
}


@click.command("fraud", short_help="Why payments are declined: model, rules, provider, attack, or the world.")
@click.argument("snapshot", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(snapshot: Path, style: str) -> int:
    """Tell apart why payments of SNAPSHOT go as they do, against its quiet time. Exit 1 if anything goes on."""
    from ..features import summary_of  # noqa: PLC0415 - keeps `--help` light
    from ..fraud import explain_payments  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..logs import protect_logs  # noqa: PLC0415 - the same

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
