"""`opswarden`: the commands, none of them imported before it is run, and the edge where errors become exit codes."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

import click

from .lazy_group import Entry, LazyGroup

_COMMANDS: dict[str, Entry] = {
    "demo": Entry("demo", "Make a sandbox incident, triage it, show the report."),
    "triage": Entry("triage", "Triage an incident: a snapshot or an alert goes in, a report comes out."),
    "resume": Entry("resume", "Go on with a run that stopped or waited for a person."),
    "ask": Entry("ask", "Ask about a triage that has ended, in the same run."),
    "capture": Entry("capture", "Save a window of live systems, or what a triage saw, as a snapshot."),
    "import": Entry("importing", "Turn a public incident data set into labelled cases."),
    "redact": Entry("redact", "Take personal data and secrets out of text."),
    "policy": Entry("policy", "Check and test the policies, or explain a decision."),
    "serve": Entry("serve", "Take alerts by webhook and work them off; health, readiness."),
    "worker": Entry("worker", "A further process that works off what `serve` takes."),
    "schedules": Entry("schedules", "What the service does again and again, and how it went."),
    "incidents": Entry("incidents", "List, show, acknowledge, resolve or cancel incidents."),
    "platform": Entry("platform", "Features, drift, models and rollouts of the ML platform."),
    "finops": Entry("finops", "What the platform costs, why, and what could be saved."),
    "slo": Entry("slo", "Error budgets, and objectives as Prometheus rules."),
    "approvals": Entry("approvals", "List, show, approve or deny what waits for a person."),
    "stop": Entry("stop", "Stop teams, tools, models or messages at once, even without the database."),
    "go": Entry("go", "Let go on what `stop` stopped."),
    "undo": Entry("undo", "Take an effect back that its tool can undo."),
    "stages": Entry("stages", "How far each tool may go, and the steps that change it."),
    "emergency": Entry("emergency", "Emergency access: loud, short and reviewed afterwards."),
    "reveal": Entry("reveal", "Show one value from the vault to a person who may see it; recorded."),
    "budget": Entry("budget", "Show what a day or a run has used of its budgets."),
    "audit": Entry("audit", "Read and verify the ledger."),
    "agent": Entry("agent", "Run an agent that a package adds."),
    "mcp": Entry("mcp", "Serve our tools to MCP clients, behind the gate."),
    "web": Entry("web", "Serve runs, approvals and the ledger to people's browsers."),
    "gateway": Entry("gateway", "Serve models to agents built elsewhere, by contract."),
    "slack": Entry("slack", "The Slack app: its manifest, its state, what its channels think of it."),
    "runner": Entry("runner", "Say what holds of agent processes on this machine."),
    "runbook": Entry("runbook", "Find runbooks, check that they still hold, report on them."),
    "docs": Entry("docs", "Write documents out of what systems say; what people wrote is kept."),
    "eval": Entry("evaluate", "Measure on labelled cases, beside baselines."),
    "data": Entry("data", "Show what is kept and until when; hold it, or erase it."),
    "doctor": Entry("doctor", "Check the installation and the systems it reads live."),
    "database": Entry("database", "Prepare a shared database; show its state, back it up, restore it."),
    "config": Entry("config", "Start, check or show the settings; back up and rotate the keys."),
}


@click.group(
    cls=LazyGroup,
    entries=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="opswarden", message="%(prog)s %(version)s")
def cli() -> None:
    """Agents that investigate, recommend and, when a person agrees, act on an ML platform.

    Every tool call, model request and message passes one gate: it decides by written policy, takes personal data and
    secrets out, and records what happens.
    """


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and exit with its code.

    0 done, 1 the answer is "no", 2 usage or configuration, 3 a backend failed, 4 denied by policy, 5 a person is asked.
    """
    from ...core.errors import OpswardenError  # noqa: PLC0415 - keeps `--help` free of everything but click

    if argv is None:
        from .console import guard_terminals  # noqa: PLC0415 - where the process is ours

        guard_terminals()
    words = sys.argv[1:] if argv is None else argv
    try:
        outcome = cli.main(args=list(argv) if argv is not None else None, prog_name="opswarden", standalone_mode=False)
        code = outcome if isinstance(outcome, int) else 0
    except OpswardenError as error:
        _complain(error.message, error.remedy, words)
        code = error.exit_code
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.Abort:
        _complain("stopped", "a run that had begun goes on with `opswarden resume RUN`")
        code = 130
    except click.ClickException as error:
        _complain_about_usage(error, words)
        code = 2
    except BrokenPipeError:
        # Whoever read the output has gone (`| head`); Python would complain once more while closing it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        code = _could_not_write(error)
    except Exception as error:  # noqa: BLE001 - the outermost edge: a traceback could show what redaction took out
        _complain(f"internal error: {_where(error)}", "this is a defect in opswarden; report the line above")
        code = 3
    _warn()
    if argv is None:
        sys.exit(code)
    return code


def _warn() -> None:
    """Say that emergency access is open, after every command that opened the installation."""
    if f"{(__package__ or '').rpartition('.')[0]}.installation" in sys.modules:
        from .emergency import warn  # noqa: PLC0415 - keeps `--help` free of everything but click

        warn()


def _could_not_write(error: OSError) -> int:
    """What a full disk did; whatever else the system refused is a defect of ours."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        _complain(f"internal error: {_where(error)}", "this is a defect in opswarden; report the line above")
        return 3
    _complain(f"the output cannot be written: {os.strerror(error.errno)}", "make space, or write elsewhere")
    # What is left in the buffer would fail once more while Python ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 3


def _complain_about_usage(error: click.ClickException, words: Sequence[str]) -> None:
    message, context = error.format_message(), getattr(error, "ctx", None)
    if context is not None and message == context.get_help():
        click.echo(message, err=True)  # a group without a command: its help says it all
        return
    name = context.command_path if context is not None else "opswarden"
    _complain(" ".join(message.split()), f"see `{name} --help`", words)


def _scrubbed(text: str, words: Sequence[str]) -> str:
    """An error's text is an exit like any other: a name in it may be one that an outsider chose."""
    from .typed import scrubbed  # noqa: PLC0415 - keeps `--help` light

    return scrubbed(text, withheld="the error's text is withheld: it could not be cleaned", words=words)


def _complain(message: str, remedy: str, words: Sequence[str] = ()) -> None:
    from .console import note  # noqa: PLC0415 - keeps `--help` light

    message, remedy = _scrubbed(message, words), _scrubbed(remedy, words)
    note(f"error: {message}")
    if remedy:
        note(f"  fix: {remedy}")


def _where(error: BaseException) -> str:
    """The type of an error and the line it came from, without its text."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    if frame is None:
        return type(error).__name__
    return f"{type(error).__name__} at {os.path.basename(frame.tb_frame.f_code.co_filename)}:{frame.tb_lineno}"  # noqa: PTH119 - pathlib costs an import here
