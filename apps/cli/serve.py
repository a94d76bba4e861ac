"""`opswarden serve` and `opswarden worker`: the service."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from .console import note

if TYPE_CHECKING:
    from ..installation import Installation
    from ..service.service import Worker
    from ..stopping import Stop


@click.command("serve", short_help="Take alerts by webhook and work them off; health, readiness.")
@click.option(
    "--http",
    "listen",
    metavar="HOST:PORT",
    default="127.0.0.1:8484",
    show_default=True,
    help="Where; port 0 takes any.",
)
@click.option("--only-take", is_flag=True, help="Keep what is sent, and leave the work to `opswarden worker`.")
@click.option("--web", "web_listen", metavar="HOST:PORT", help="Serve the web view there as well.")
def command(listen: str, only_take: bool, web_listen: str | None) -> int:
    """Take alerts by webhook, keep them before they are acknowledged, and work them off.

    `[webhooks.NAME]` lists who may send; each is at /webhooks/NAME. /healthz says whether the process lives, /readyz
    whether it takes what is sent. SIGTERM ends it in order: nothing more is taken, and nothing that was taken is lost.
    """
    from ..http.server import address  # noqa: PLC0415 - keeps `--help` light
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..logs import protect_logs  # noqa: PLC0415 - the same
    from ..service.front import Front, path_of  # noqa: PLC0415 - the same
    from ..slack.opening import listened, mounted  # noqa: PLC0415 - the same
    from ..stopping import Stop  # noqa: PLC0415 - the same

    need_extra()
    host, port = address(listen)
    stop = Stop()
    with open_installation() as installation, stop.on_signals():
        protect_logs(installation.redaction, installation.settings.telemetry.log_format)
        worker = None if only_take else open_worker(installation, stop)
        front = Front(installation, worker.why_not_ready if worker else lambda: "", mounted(installation))
        with ExitStack() as served:
            server = served.enter_context(front.server(host, port))
            served.enter_context(listened(installation))
            if web_listen is not None:
                from ..web.opening import web_server  # noqa: PLC0415 - as above

                pages = served.enter_context(web_server(installation, web_listen))
                note(f"web view on port {pages.port}")
            if worker is not None:
                worker.start()
            note(f"serving on {host} port {server.port}; stop it with Ctrl-C")
            for name in installation.settings.webhooks:
                note(f"  {path_of(name)}")
            for path in mounted(installation):
                note(f"  {path}")
            stop.wait()
            front.stop()
        end(worker)
    return leave()


@click.command("worker", short_help="A further process that works off what `serve` takes.")
def worker_command() -> int:
    """Work off what `opswarden serve` takes, in a process of its own beside it, on the same state directory."""
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..logs import protect_logs  # noqa: PLC0415 - as above
    from ..stopping import Stop  # noqa: PLC0415 - as above

    need_extra()
    stop = Stop()
    with open_installation() as installation, stop.on_signals():
        protect_logs(installation.redaction, installation.settings.telemetry.log_format)
        worker = open_worker(installation, stop)
        worker.start()
        note("working; stop it with Ctrl-C")
        stop.wait()
        end(worker)
    return leave()


def open_worker(installation: Installation, stop: Stop) -> Worker:
    """What works in this process."""
    from ..service.performers import PERFORMERS  # noqa: PLC0415 - as above
    from ..service.performing import Performers  # noqa: PLC0415 - as above
    from ..service.service import Worker  # noqa: PLC0415 - as above

    return Worker(installation, stop, Performers(PERFORMERS))


def end(worker: Worker | None) -> None:
    """Stop working within the time for it."""
    if worker is not None:
        worker.close()
    note("stopped")


def leave() -> int:
    """End the process although something of it may still run: whoever goes on finds it as a dead worker left it."""
    mine = threading.current_thread()
    if any(each is not mine and not each.daemon for each in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
    return 0


def need_extra() -> None:
    """Refuse to start without the packages of the service.

    Raises:
        ConfigError: they are not installed.
    """
    from importlib.util import find_spec  # noqa: PLC0415 - as above

    from ...core.errors import ConfigError  # noqa: PLC0415 - as above

    missing = [name for name in ("starlette", "uvicorn", "dbos") if find_spec(name) is None]
    if missing:
        raise ConfigError(f"{', '.join(missing)} is not installed", remedy="install opswarden with the extra `service`")
