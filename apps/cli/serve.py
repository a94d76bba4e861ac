"""`opswarden serve`: the service."""

from __future__ import annotations

import click

from .console import note


@click.command("serve", short_help="Take alerts by webhook and work them off; health, readiness.")
@click.option(
    "--http",
    "listen",
    metavar="HOST:PORT",
    default="127.0.0.1:8484",
    show_default=True,
    help="Where; port 0 takes any.",
)
def command(listen: str) -> int:
    """Take alerts by webhook, keep them before they are acknowledged, and work them off.

    `[webhooks.NAME]` lists who may send; each is at /webhooks/NAME. /healthz says whether the process lives, /readyz
    whether it takes what is sent. SIGTERM ends it in order: nothing more is taken, and nothing that was taken is lost.
    """
    from ..http_server import address  # noqa: PLC0415 - keeps `--help` light
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..logs import protect_logs  # noqa: PLC0415 - the same
    from ..service.front import Front, path_of  # noqa: PLC0415 - the same
    from ..service.running import Stop  # noqa: PLC0415 - the same

    need_extra()
    host, port = address(listen)
    stop = Stop()
    with open_installation() as installation, stop.on_signals():
        protect_logs(installation.redaction)
        front = Front(installation)
        with front.server(host, port) as server:
            note(f"serving on {host} port {server.port}; stop it with Ctrl-C")
            for name in installation.settings.webhooks:
                note(f"  {path_of(name)}")
            stop.wait()
            front.stop()
        note("stopped")
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
