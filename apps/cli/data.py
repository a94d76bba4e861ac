"""`opswarden data`: what is kept, for how long, what may not go yet, and what is to go now."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import click

from .console import emit_json, note, out

if TYPE_CHECKING:
    from ..installation import Installation
    from ..keeping.erase import DataErasures, Wiped

_FORMAT = click.option(
    "--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True
)
_MOST_BYTES = 20_000


@click.group("data", short_help="Show what is kept and until when; hold it, or erase it.")
def command() -> None:
    """Show what is kept and until when; hold it, or erase it."""


@command.command("inventory")
@_FORMAT
def inventory(style: str) -> int:
    """Show every store: what lies in it, how much, how old, until when, by which setting, and how it is protected."""
    from ..installation import open_installation  # noqa: PLC0415 - the same
    from ..keeping.stores import inventory as look  # noqa: PLC0415 - keeps `--help` light

    with open_installation() as installation:
        found, holds = look(installation), installation.holds.standing()
    if style == "json":
        stores = [
            {
                "store": one.store.name,
                "holds": one.store.holds,
                "classes": list(one.store.classes),
                "count": one.count,
                "size_bytes": one.size_bytes,
                "oldest": one.oldest or None,
                "newest": one.newest or None,
                "kept": one.kept,
                "kept_in": dict(one.kept_in),
                "setting": one.store.setting or None,
                "protection": one.store.protection,
            }
            for one in found
        ]
        emit_json({"stores": stores, "holds": [{**vars(hold)} for hold in holds]})
        return 0
    from rich.table import Table  # noqa: PLC0415 - the same
    from rich.text import Text  # noqa: PLC0415 - the same

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("store", "classes", "count", "bytes", "oldest", "newest", "kept", "in", "by", "protection"):
        table.add_column(name, justify="right" if name in ("count", "bytes") else "left", no_wrap=name == "store")
    for one in found:
        store = one.store
        where = "\n".join(f"{country} {kept}" for country, kept in one.kept_in.items())
        ages, counts = (one.oldest[:10], one.newest[:10]), (str(one.count), str(one.size_bytes))
        cells = (store.name, " ".join(store.classes), *counts, *ages, one.kept, where, store.setting, store.protection)
        table.add_row(*(Text(cell) for cell in cells))
    out().print(table)
    for hold in holds:
        what = "everything" if hold.run_id == "*" else hold.run_id
        click.echo(f"on hold until {hold.until:%Y-%m-%d}: {what} ({hold.set_by}: {hold.reason})")
    return 0


@command.command("hold")
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--all", "is_all", is_flag=True, help="Hold all data.")
@click.option("--until", metavar="DATE", help="Until then: 2027-06-30, or a moment with a zone.")
@click.option("--release", is_flag=True, help="Let it expire again.")
@click.option("--reason", required=True, help="Why, in one sentence; it is recorded.")
@_FORMAT
def hold(run_id: str | None, is_all: bool, until: str | None, release: bool, reason: str, style: str) -> int:
    """Keep all data of RUN, whatever its time: nothing of it expires, and nobody can erase it.

    You need one of the roles in `ledger.erase_roles`. Holding and releasing are recorded.
    """
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from .audit_erase import moment_of  # noqa: PLC0415 - as above

    if is_all == (run_id is not None):
        raise click.UsageError("name either RUN or --all")
    if release == (until is not None):
        raise click.UsageError("name either --until or --release")
    name = run_id or "*"
    with open_installation() as installation:
        person, roles = _who(installation)
        if until is None:
            seq = installation.holds.release(name, person=person, roles=roles, reason=reason)
        else:
            end = moment_of(until, "--until")
            seq = installation.holds.place(name, end, person=person, roles=roles, reason=reason)
    if style == "json":
        emit_json({"run": name, "until": until, "seq": seq})
    else:
        click.echo(f"{'released' if until is None else f'held until {until}'}; entry {seq} says so")
    return 0


@command.command("erase")
@click.option("--run", "run_id", help="Everything of this run; with --placeholder, the run that shows it.")
@click.option("--value-file", type=click.File("rb"), help="A value or a name, in a file; - is the standard input.")
@click.option("--placeholder", help="The value behind it, as it was shown: '<EMAIL_ADDRESS_1·k3f9>'.")
@click.option("--reason", required=True, help="Why, in one sentence; it is recorded.")
@_FORMAT
def erase(run_id: str | None, value_file: IO[bytes] | None, placeholder: str | None, reason: str, style: str) -> int:
    """Erase a run, or a value wherever it lies, from every store where that is possible, and say what stays.

    You need one of the roles in `ledger.erase_roles`. The value itself is recorded nowhere, so it is never an argument.
    """
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..keeping.erase import DataErasures  # noqa: PLC0415 - as above

    if value_file is not None and (run_id or placeholder):
        raise click.UsageError("--value-file goes with neither --run nor --placeholder")
    if value_file is None and run_id is None:
        raise click.UsageError("name one of --run, --value-file, and --run with --placeholder")
    with open_installation() as installation:
        person, roles = _who(installation)
        erasures = DataErasures(installation, person=person, roles=roles)
        if value_file is not None:
            found = erasures.value(_read(value_file), reason)
        elif placeholder is not None:
            erasures.check_role(reason)
            found = erasures.value(_behind(erasures, str(run_id), placeholder), reason)
        else:
            found = erasures.run(str(run_id), reason)
    return _tell(found, style)


@command.command("tidy")
def tidy() -> int:
    """Let go of everything whose time is over and that is not on hold. For a timer; a triage does it as well."""
    from ..installation import open_installation  # noqa: PLC0415 - as above
    from ..keeping.tidying import tidy as let_go  # noqa: PLC0415 - as above

    with open_installation() as installation:
        let_go(installation)
    click.echo("tidied")
    return 0


def _who(installation: Installation) -> tuple[str, frozenset[str]]:
    from ..people.roles import who_answers  # noqa: PLC0415 - as above

    person, held = who_answers(installation, None)
    for problem in held.problems:
        note(f"warning: {problem}")
    return person.principal, held.roles


def _read(file: IO[bytes]) -> str:
    from ...core.errors import InputError  # noqa: PLC0415 - as above

    content = file.read(_MOST_BYTES + 1)
    try:
        return content.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise InputError("the value is no text", remedy="hand it in as UTF-8") from None


def _behind(erasures: DataErasures, run_id: str, placeholder: str) -> str:
    from ...core.errors import InputError  # noqa: PLC0415 - as above
    from ...redaction.placeholders import read_placeholder  # noqa: PLC0415 - as above

    wanted = read_placeholder(placeholder)
    if wanted is None or wanted.number is None:
        raise InputError(
            "this is not how a placeholder is written",
            remedy="copy it in quotes as it was shown: '<EMAIL_ADDRESS_1·k3f9>'",
        )
    return erasures.behind(run_id, wanted.entity_type, wanted.number)


def _tell(found: Wiped, style: str) -> int:
    from ..keeping.erase import STAYS  # noqa: PLC0415 - as above

    if style == "json":
        steps = [{**vars(step)} for step in found.steps]
        emit_json({"seq": found.seq, "runs": list(found.runs), "stores": steps, "stays": list(STAYS)})
        return 0
    for step in found.steps:
        if step.erased or step.stays:
            click.echo(f"{step.store}: {step.erased} erased{f'; {step.stays}' if step.stays else ''}")
    for line in STAYS:
        click.echo(f"stays: {line}")
    click.echo(f"entry {found.seq} says so")
    return 0
