"""`opswarden config init|check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import emit_json, note
from .typed import typed

if TYPE_CHECKING:
    from ..releases import Obstacle

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("init")
@click.option("--prometheus", metavar="URL", help="Anything that speaks Prometheus' API.")
@click.option("--alertmanager", metavar="URL")
@click.option("--loki", metavar="URL")
@click.option("--git", type=click.Path(path_type=Path, file_okay=False), help="A clone on this machine.")
@click.option("--kubeconfig", type=_FILE, help="A kubeconfig; its current context, unless --context names one.")
@click.option("--context", metavar="NAME", help="Of the kubeconfig.")
@click.option("--environment", default="production", show_default=True, metavar="NAME", help="Of all these systems.")
@click.option("--team", default="platform", show_default=True, metavar="NAME")
@click.option("--token-env", metavar="NAME", help="Variable with the bearer token of those with a URL.")
@click.option("--token-file", type=_FILE, help="File with the bearer token of those with a URL.")
@click.option("--out", type=_FILE, default=Path("opswarden.toml"), show_default=True, help="A new file.")
def init(
    prometheus: str | None,
    alertmanager: str | None,
    loki: str | None,
    git: Path | None,
    kubeconfig: Path | None,
    context: str | None,
    environment: str,
    team: str,
    token_env: str | None,
    token_file: Path | None,
    out: Path,
) -> int:
    """Write a commented configuration file to start from.

    Only the systems that you name are asked, with questions that change nothing; what they say stands beside them.
    """
    import tempfile  # noqa: PLC0415 - keeps `--help` light

    from ...core.clock import SystemClock  # noqa: PLC0415 - the same
    from ..config_init import (  # noqa: PLC0415 - the same
        Named,
        cluster_in,
        over_http,
        starting_file,
        surroundings_for,
        worries,
        write_new,
    )

    if token_env and token_file:
        raise click.UsageError("--token-env or --token-file, one of them.")
    if context and not kubeconfig:
        raise click.UsageError("--context belongs to a --kubeconfig.")
    credential = {"token_env": token_env} if token_env else {"token_file": str(token_file)} if token_file else {}
    urls = (("metrics", "prometheus", prometheus), ("pager", "alertmanager", alertmanager), ("logs", "loki", loki))
    named = [over_http(name, kind, url, credential) for name, kind, url in urls if url is not None]
    if git is not None:
        named.append(Named("changes", "git", {"path": str(git.resolve())}))
    if kubeconfig is not None:
        named.append(cluster_in(kubeconfig, context))
    with tempfile.TemporaryDirectory() as folder:
        text = starting_file(named, environment, team, surroundings_for(Path(folder), SystemClock(), team))
    write_new(out, text)
    for told in worries(text):
        note(told)
    note(f"written: {typed(out)}; next: opswarden config check, then opswarden doctor")
    return 0


@click.command("check")
@click.argument("file", type=_FILE, required=False)
@click.option("--for", "release", metavar="VERSION", help="Also whether that version could use it.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def check(file: Path | None, release: str | None, style: str) -> int:
    """Explain everything that is wrong with FILE, or with the file in force, line by line. Exit 1 if it cannot be used.

    The files, variables and addresses that it names are looked at as well; no system is asked.
    """
    from ...core.config import find_file  # noqa: PLC0415 - as above
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ...redaction.engine import Redaction  # noqa: PLC0415 - as above
    from ..config_check import check_file  # noqa: PLC0415 - as above

    path = file or find_file(Path.cwd())
    if path is None:
        raise InputError("there is no opswarden.toml here", remedy="`opswarden config init`, or name a file")
    found = check_file(path)
    scrub = Redaction().scrub  # a mistyped line may hold what no screen should show
    rows = [
        {
            "state": each.state,
            "line": each.problem.line,
            "setting": scrub(each.problem.setting),
            "text": scrub(each.problem.text),
            "remedy": scrub(each.problem.remedy),
        }
        for each in found
    ]
    if release is not None:
        rows += [
            {"state": one.state, "line": None, "setting": "", "text": one.what, "remedy": one.remedy}
            for one in _obstacles(path, release)
        ]
    if style == "json":
        emit_json(rows)
    else:
        for row in rows:
            place = f"{path.name}:{row['line']}" if row["line"] else path.name
            told = f"{row['setting']}: {row['text']}" if row["setting"] else row["text"]
            click.echo(f"{place}: {'warning: ' if row['state'] == 'warning' else ''}{told}")
            click.echo(f"  fix: {row['remedy']}")
        if not rows:
            click.echo(f"{path.name}: nothing to mend")
    return 1 if any(row["state"] == "failed" for row in rows) else 0


def _obstacles(path: Path, release: str) -> list[Obstacle]:
    import tomllib  # noqa: PLC0415 - as above

    from ...core.database import numbers_of  # noqa: PLC0415 - as above
    from ..installation import open_state_only  # noqa: PLC0415 - as above
    from ..releases import in_use, obstacles, release_of  # noqa: PLC0415 - as above

    known = release_of(release)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        values = {}  # told above
    with open_state_only() as database:
        return obstacles(known, in_use(values), numbers_of(database))


COMMANDS: tuple[click.Command, ...] = (init, check)
