"""`opswarden resume RUN`."""

from __future__ import annotations

import click

from .triage import finish, run


@click.command("resume", short_help="Go on with a run that stopped or waited for a person.")
@click.argument("run_id", metavar="RUN")
def command(run_id: str) -> int:
    """Go on with RUN where it stopped: after a crash, or once an approval was answered. Nothing is done twice."""
    from ..installation import open_installation  # noqa: PLC0415 - keeps `--help` light
    from ..runs import RunRequests  # noqa: PLC0415 - the same

    with open_installation() as installation:
        requests = RunRequests(installation.database)
        if requests.kind_of(run_id) == "finops":
            from ..finops.requests import FinopsRequest  # noqa: PLC0415 - the same
            from . import finops_analyze as finops  # noqa: PLC0415 - the same

            wanted = requests.recall_as(run_id, FinopsRequest)
            return finops.finish(finops.run(installation, wanted, run_id), wanted)
        request = requests.recall(run_id)
        outcome = run(installation, request, run_id)
    return finish(outcome, request)
