"""`opswarden slack manifest|check|refresh|usage`."""

from __future__ import annotations

import click

from .console import emit_json

_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)


@click.group("slack", short_help="The Slack app: its manifest, its state, what its channels think of it.")
def command() -> None:
    """Set the Slack app up and see how it is. `opswarden serve` is what answers Slack."""


@command.command("manifest")
@click.option("--address", metavar="URL", help="Where `opswarden serve` is reached: https://host[:port].")
@click.option("--socket-mode", "is_socket", is_flag=True, help="Slack needs no way in: we open the connection.")
def manifest(address: str | None, is_socket: bool) -> int:
    """Print the app manifest as JSON, to be pasted at api.slack.com/apps under "From a manifest"."""
    from ...core.errors import InputError  # noqa: PLC0415 - keeps `--help` light
    from ..settings import load_settings  # noqa: PLC0415 - the same
    from ..slack.manifest import manifest as manifest_of  # noqa: PLC0415 - the same

    if is_socket == (address is not None):
        raise InputError("Slack has one way to reach us", remedy="give --address, or --socket-mode")
    if address is not None and (not address.startswith("https://") or any(each.isspace() for each in address)):
        raise InputError("Slack reaches an app over TLS only", remedy="write --address as https://host[:port]")
    emit_json(manifest_of(load_settings().slack, address))
    return 0


@command.command("check")
@_FORMAT
def check(style: str) -> int:
    """Ask Slack whether the token works and whether the app can speak in every listed channel.

    Ends with 1 if something is in the way.
    """
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..slack.checks import checks  # noqa: PLC0415 - the same
    from ..slack.opening import slack_of  # noqa: PLC0415 - the same

    with open_installation() as installation:
        found = checks(slack_of(installation).parts)
    if style == "json":
        emit_json([{"what": each.what, "ok": each.is_ok, "told": each.told} for each in found])
    else:
        for each in found:
            click.echo(f"{'ok     ' if each.is_ok else 'problem'}  {each.what}: {each.told}")
    return 0 if all(each.is_ok for each in found) else 1


@command.command("refresh")
def refresh() -> int:
    """Show questions that were answered elsewhere or have expired as they stand, as a worker does every half minute.

    A message that a process was about to post when it died is posted now.
    """
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..slack.opening import slack_of  # noqa: PLC0415 - the same

    with open_installation() as installation:
        looked = slack_of(installation).parts.refresh()
    click.echo(f"looked at {looked} {'message' if looked == 1 else 'messages'}")
    return 0


@command.command("usage")
@_FORMAT
def usage(style: str) -> int:
    """What was told in each channel, how often it was muted, and what people thought of the reports."""
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..slack.book import Book  # noqa: PLC0415 - the same

    with open_installation() as installation:
        book = Book(installation.database, installation.clock)
        channels = installation.settings.slack.channels
        found = {name: book.usage(channel.id) for name, channel in channels.items()}
    if style == "json":
        emit_json(found)
        return 0
    for name, counted in found.items():
        click.echo(f"{name}: {', '.join(f'{count} {what}' for what, count in counted.items())}")
    if not found:
        click.echo("no channel is listed under [slack.channels.NAME]")
    return 0
