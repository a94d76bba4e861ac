"""`opswarden redact`: the redaction of every exit, on a file or on standard input of any size."""

from __future__ import annotations

import codecs
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from .console import counted, note

if TYPE_CHECKING:
    from ...redaction.engine import Redaction
    from ...redaction.types import Span

_BLOCK_BYTES = 1 << 18
_SPOOL_BYTES = 1 << 20


@click.command("redact", short_help="Take personal data and secrets out of text.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default="-")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--explain", is_flag=True, help="Say on stderr which rule found what where, without the values.")
@click.option("--profile", type=click.Choice(["payments", "strict", "eu"]), help="Instead of the configured one.")
@click.option("--audience", help="As this audience would see it, by the rules of the configuration.")
@click.option("--encoding", default="utf-8", show_default=True, help="How the bytes of the input spell text.")
def command(file: Path, style: str, explain: bool, profile: str | None, audience: str | None, encoding: str) -> int:
    """Print FILE (or standard input) without personal data and secrets.

    A file of any size is read line by line at constant memory. Offsets in the JSON count Unicode code points of the
    input. Nothing is stored: the markers cannot be turned back.
    """
    from ...redaction.settings import audience_circumstances, redaction_of  # noqa: PLC0415 - light `--help`
    from ..packages import load_packages  # noqa: PLC0415 - the same
    from ..redaction_names import check_redaction_names  # noqa: PLC0415 - the same
    from ..settings import load_settings  # noqa: PLC0415 - the same

    settings = load_settings()
    wanted = settings.redaction.model_copy(update={"profile": profile}) if profile else settings.redaction
    packages = load_packages(settings.packages)
    check_redaction_names(settings, packages.senders)
    engine = redaction_of(wanted, packages.recognizers)
    if audience:
        engine = engine.under(audience_circumstances(audience))
        if not engine.minds_eyes(audience_circumstances(audience)):
            note("no rule of the configuration is for this audience")
    explanation = _Explanation() if explain else None
    with _opened(file) as handle:
        pieces = _pieces(engine, handle, encoding, explanation)
        if style == "json":
            _write_json(pieces, with_rules=explain)
        else:
            for text, _ in pieces:
                click.echo(text.encode("utf-8"), nl=False)
    if explanation is not None:
        explanation.sum_up()
    return 0


def _pieces(
    engine: Redaction, handle: IO[bytes], encoding: str, explanation: _Explanation | None
) -> Iterator[tuple[str, tuple[Span, ...]]]:
    with counted("bytes", quiet=explanation is not None) as progress:
        for text, spans in engine.scrub_stream(_decoded(handle, encoding, progress)):
            if explanation is not None:
                explanation.add(spans)
            yield text, spans


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    from ...core.errors import InputError  # noqa: PLC0415 - as above

    if str(file) == "-":
        if sys.stdin is None:
            raise InputError("standard input is closed", remedy="name a file, or pipe a text in")
        yield sys.stdin.buffer
        return
    try:
        handle = file.open("rb")
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}", remedy="name a file, or - for input") from error
    with handle:
        yield handle


def _decoded(handle: IO[bytes], encoding: str, progress: Callable[[int, int], None]) -> Iterator[str]:
    """The input as text, block by block.

    Raises:
        InputError: it cannot be read, or is not written in that encoding.
    """
    from ...core.errors import InputError  # noqa: PLC0415 - as above

    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError as error:
        raise InputError("there is no such encoding", remedy="name one such as utf-8, latin-1 or utf-16") from error
    total = _size(handle)
    done = 0
    while True:
        try:
            block = handle.read(_BLOCK_BYTES)
        except OSError as error:
            raise InputError(f"the input cannot be read: {error.strerror}", remedy="name a file") from error
        done += len(block)
        pending = len(decoder.getstate()[0])
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            raise InputError(
                f"the input is no {encoding.upper()} (byte {done - len(block) - pending + error.start})",
                remedy="say how it is written with --encoding, or convert it, for example with iconv",
            ) from error
        if text:
            yield text
        if not block:
            return
        progress(done, max(total, done))


def _size(handle: IO[bytes]) -> int:
    import os  # noqa: PLC0415 - as above

    try:
        return os.fstat(handle.fileno()).st_size
    except (OSError, ValueError):
        return 0


def _write_json(pieces: Iterator[tuple[str, tuple[Span, ...]]], *, with_rules: bool) -> None:
    """One document, written only when all of the input came clean; until then it waits in files without names."""
    with (
        tempfile.SpooledTemporaryFile(_SPOOL_BYTES, mode="w+", encoding="utf-8") as texts,
        tempfile.SpooledTemporaryFile(_SPOOL_BYTES, mode="w+", encoding="utf-8") as spans,
    ):
        for text, found in pieces:
            texts.write(json.dumps(text, ensure_ascii=False)[1:-1])
            for span in found:
                shown = {"start": span.start, "end": span.end, "entity_type": span.entity_type, "score": span.score}
                if with_rules:
                    shown["rule"] = span.rule
                spans.write(("," if spans.tell() else "") + "\n    " + json.dumps(shown))
        has_spans = spans.tell() > 0
        click.echo('{\n  "text": "', nl=False)
        _copy(texts)
        click.echo('",\n  "spans": [', nl=False)
        _copy(spans)
        click.echo("\n  ]\n}" if has_spans else "]\n}")


def _copy(spool: IO[str]) -> None:
    spool.seek(0)
    while block := spool.read(_BLOCK_BYTES):
        click.echo(block.encode("utf-8"), nl=False)


class _Explanation:
    """What was found where by which rule, never the value itself."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, spans: tuple[Span, ...]) -> None:
        for span in spans:
            self._counts[span.entity_type, span.rule] += 1
            note(f"{span.start}-{span.end} {span.entity_type} {span.score:.2f} {span.rule}")

    def sum_up(self) -> None:
        total = sum(self._counts.values())
        note(f"{total} found" + (":" if total else ""))
        for (entity_type, rule), count in sorted(self._counts.items(), key=lambda item: (-item[1], item[0])):
            note(f"{count:>8}  {entity_type:24} {rule}")
