"""`opswarden redact`: the redaction of every exit, on a file or on standard input."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .console import emit_json, note


@click.command("redact", short_help="Take personal data and secrets out of text.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default="-")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--explain", is_flag=True, help="Say on stderr what was found where, without the values.")
def command(file: Path, style: str, explain: bool) -> int:
    """Print FILE (or standard input) without personal data and secrets.

    Offsets in the JSON count Unicode code points of the input. Nothing is stored: the markers cannot be turned back.
    """
    from ...core.errors import InputError  # noqa: PLC0415 - keeps `--help` light
    from ...redaction.engine import Redaction  # noqa: PLC0415 - the same
    from ..packages import load_packages  # noqa: PLC0415 - the same
    from ..settings import load_settings  # noqa: PLC0415 - the same

    settings = load_settings()
    limit = settings.redaction.size_limit_bytes
    try:
        raw = sys.stdin.buffer.read(limit + 1) if str(file) == "-" else _read(file, limit)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}", remedy="name a file, or - for input") from error
    if len(raw) > limit:
        raise InputError(
            f"the input is larger than {limit} bytes",
            remedy="split it, or raise redaction.size_limit_bytes in opswarden.toml",
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"the input is no UTF-8 (byte {error.start})", remedy="convert it first, for example with iconv"
        ) from error
    engine = Redaction(load_packages(settings.packages).recognizers, size_limit_bytes=limit)
    spans, cleaned = engine.analyze(text), engine.scrub(text)
    if explain:
        for span in spans:
            note(f"{span.start}-{span.end} {span.entity_type} {span.score:.2f}")
    if style == "json":
        emit_json(
            {
                "text": cleaned,
                "spans": [
                    {"start": s.start, "end": s.end, "entity_type": s.entity_type, "score": s.score} for s in spans
                ],
            }
        )
    else:
        click.echo(cleaned, nl=False)
    return 0


def _read(file: Path, limit: int) -> bytes:
    with file.open("rb") as handle:
        return handle.read(limit + 1)
