"""Redaction: speed of the whole scan and of its passes, beside Presidio on the same lines, and hostile text."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import numpy as np

from opswarden.evals.redaction_data.catalogue import GENERATORS
from opswarden.evals.redaction_data.planting import PlantedLine, planted_lines
from opswarden.evals.scoring.intervals import wilson
from opswarden.evals.scoring.redaction import is_covered
from opswarden.evals.suites.presidio_baseline import PresidioDefaults
from opswarden.redaction.engine import Redaction
from opswarden.redaction.types import Span

from .measuring import Estimated, Figure
from .redaction_passes import cost_of_passes, without_memory
from .redaction_texts import HOSTILE, blocks_of, log_lines

_RUNS = 5
_SAMPLE_LINES = 600
_SAMPLE_PARTS = 20
_LINES_A_TEXT = (30, 100)
_ENGINE_LINES = 150
_SMALL, _TIMES_LARGER = 32_768, 4
# Presidio's default recognizers know these too.
_SHARED = frozenset(
    {"CREDIT_CARD", "IBAN_CODE", "EMAIL_ADDRESS", "IP_ADDRESS", "MAC_ADDRESS", "PHONE_NUMBER", "US_SSN", "CRYPTO"}
)
_Find = Callable[[str], Sequence[Span]]


def figures() -> Iterator[Figure | Estimated]:
    """Ours first, then beside Presidio, then hostile text."""
    source, lines = log_lines()
    blocks = blocks_of(lines)
    redaction = without_memory(Redaction())
    _seconds(redaction.analyze, blocks)  # expressions are compiled when they are first needed
    yield from _speed(redaction, source, lines, blocks)
    yield from _passes(redaction, blocks)
    yield from _vault(blocks)
    yield from _repeated(lines)
    yield from _beside_presidio(redaction, lines)
    yield from _hostile(redaction)


def _speed(redaction: Redaction, source: str, lines: tuple[str, ...], blocks: tuple[str, ...]) -> Iterator[Figure]:
    size_mb = sum(map(len, blocks)) / 1e6
    print(f"  on {source}: {len(lines)} lines, {size_mb:.2f} MB")
    whole = tuple(_rate(redaction.analyze, blocks) for _ in range(_RUNS))
    yield Figure("scan of texts of 64 kB, all passes", whole, "MB/s CPU", floor=1.5)
    yield Figure("the same line by line", tuple(_rate(redaction.analyze, lines) for _ in range(3)), "MB/s CPU")


def _rate(find: _Find, texts: Sequence[str]) -> float:
    """MB of text per CPU second."""
    return sum(map(len, texts)) / 1e6 / _seconds(find, texts)


def _seconds(find: _Find, texts: Sequence[str]) -> float:
    start = time.process_time()
    for text in texts:
        find(text)
    return time.process_time() - start


def _passes(redaction: Redaction, blocks: tuple[str, ...]) -> Iterator[Figure]:
    runs = [cost_of_passes(redaction, blocks) for _ in range(3)]
    whole = sum(runs[0][0].values())
    for name, first in runs[0][0].items():
        values = tuple(costs.get(name, 0.0) for costs, _ in runs)
        yield Figure(f"  pass {name} ({first / whole:.0%})", values, "ms/MB")
    yield Figure("  of which in rounds after the first", tuple(later for _, later in runs), "ms/MB")


def _vault(blocks: tuple[str, ...]) -> Iterator[Figure]:
    """Placeholders and vault: a run's cleaning less the scan alone, each value being new the first time."""
    import tempfile
    from pathlib import Path

    from opswarden.apps.installation import open_installation
    from opswarden.apps.settings import Settings

    few = blocks[:8]
    size_mb = sum(map(len, few)) / 1e6
    values = []
    with (
        tempfile.TemporaryDirectory(prefix="opswarden-bench-") as folder,
        open_installation(Settings(state_dir=Path(folder) / "state")) as installation,
    ):
        shared = without_memory(installation.redaction)
        _seconds(shared.analyze, few)
        for number in range(3):
            redactor = shared.for_run(f"run_bench{number}", vault=installation.vault)
            alone = _seconds(shared.analyze, few)
            start = time.process_time()
            for block in few:
                redactor.clean(block)
            values.append((time.process_time() - start - alone) * 1000 / size_mb)
    yield Figure("  placeholders, second look and vault of a run", tuple(values), "ms/MB")


def _repeated(lines: tuple[str, ...]) -> Iterator[Figure]:
    redaction = Redaction()
    text = "\n".join(lines[:300])
    again = lines[300:360] * 20
    redaction.analyze(text)
    yield Figure("the same text again", tuple(_rate(redaction.analyze, (text,)) for _ in range(_RUNS)), "MB/s CPU")
    yield Figure("60 lines, each 20 times, one by one", (_rate(redaction.analyze, again),), "MB/s CPU")


def _beside_presidio(redaction: Redaction, lines: tuple[str, ...]) -> Iterator[Figure | Estimated]:
    from opswarden.redaction.presidio import analyzer_engine, find_with

    presidio = PresidioDefaults()
    presidio(lines[0] + " a@b.example 4111 1111 1111 1111 +55 11 91234-5678")
    chosen = _spread(lines, _SAMPLE_LINES)
    size_mb = sum(map(len, chosen)) / 1e6
    theirs, ours = _seconds_of_parts(presidio, redaction.analyze, chosen, 1)
    yield Figure(f"Presidio's defaults, {len(chosen)} of these lines", (size_mb / sum(theirs),), "MB/s CPU")
    yield Figure("ours on the same lines, one by one", (size_mb / sum(ours),), "MB/s CPU")
    yield _ratio("times as fast as Presidio, line by line", theirs, ours, floor=70)
    for size in _LINES_A_TEXT:
        many = _spread(lines, size * _SAMPLE_PARTS)
        theirs, ours = _seconds_of_parts(presidio, redaction.analyze, many, size)
        yield _ratio(f"times as fast, {size} lines a text", theirs, ours, floor=70)
    # What a text costs Presidio grows faster than the text: it does best with a few lines, ours with many.
    few_lines, _ = _seconds_of_parts(presidio, redaction.analyze, many, _LINES_A_TEXT[0])
    yield _ratio("times as fast, each with as many lines as suit it", few_lines, ours, floor=70)
    engine = analyzer_engine(redaction.definitions)
    few = chosen[:_ENGINE_LINES]
    rate = _rate(lambda text: find_with(engine, text, redaction.definitions), few)
    yield Figure("our recognizers inside of Presidio's AnalyzerEngine", (rate,), "MB/s CPU")
    yield from _recall(redaction.analyze, presidio)


def _spread(lines: tuple[str, ...], count: int) -> tuple[str, ...]:
    """So many of the lines, from all of them."""
    return lines[:: max(1, len(lines) // count)][:count]


def _seconds_of_parts(theirs: _Find, ours: _Find, lines: tuple[str, ...], size: int) -> tuple[list[float], list[float]]:
    """What each takes for every part of the lines, cut into texts of so many."""
    length = -(-len(lines) // _SAMPLE_PARTS)
    parts = [lines[at : at + length] for at in range(0, len(lines), length)]
    texts = [["\n".join(part[at : at + size]) for at in range(0, len(part), size)] for part in parts]
    return [_seconds(theirs, part) for part in texts], [min(_seconds(ours, part) for _ in range(3)) for part in texts]


def _ratio(name: str, slower: list[float], faster: list[float], floor: float | None = None) -> Estimated:
    """The ratio of the sums, parts drawn anew for its interval."""
    rng = np.random.default_rng(0)
    drawn = rng.integers(0, len(slower), size=(2_000, len(slower)))
    ratios = np.array(slower)[drawn].sum(axis=1) / np.array(faster)[drawn].sum(axis=1)
    low, high = np.quantile(ratios, (0.025, 0.975))
    return Estimated(name, sum(slower) / sum(faster), float(low), float(high), len(slower), "x", floor)


def _recall(ours: _Find, presidio: _Find) -> Iterator[Estimated]:
    shared = tuple(generator for generator in GENERATORS if generator.entity_types[0] in _SHARED)
    planted = list(planted_lines(shared, per_placement=4, seed=11))
    for name, find in (("ours", ours), ("Presidio", presidio)):
        found = sum(_is_found(line, find) for line in planted)
        low, high = wilson(found, len(planted))
        yield Estimated(
            f"recall of entities that both know: {name}", found / len(planted), low, high, len(planted), "share"
        )


def _is_found(line: PlantedLine, find: _Find) -> bool:
    text, start, end = line.placed
    return is_covered(text, start, end, find(text))


def _hostile(redaction: Redaction) -> Iterator[Figure]:
    """The power of the length that the time grows with: 1 is linear, 2 the square."""
    for name, make in HOSTILE:
        small, large = make(_SMALL), make(_SMALL * _TIMES_LARGER)
        times = [min(_hostile_seconds(redaction, text) for _ in range(2)) for text in (small, large)]
        power = math.log(max(times[1], 1e-9) / max(times[0], 1e-9)) / math.log(_TIMES_LARGER)
        rate = len(large) / 1e6 / times[1]
        yield Figure(f"hostile: {name} ({rate:.2f} MB/s): power", (power,), "", bound=1.3)


def _hostile_seconds(redaction: Redaction, text: str) -> float:
    """A text may be withheld for too much work: what counts is that it does not take long."""
    from opswarden.redaction.types import TextWithheld

    start = time.process_time()
    with suppress(TextWithheld):
        redaction.analyze(text)
    return time.process_time() - start
