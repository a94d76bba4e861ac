"""What each pass of the scan costs, timed from outside: the product carries no clock for it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from opswarden.redaction import engine as engine_module
from opswarden.redaction.engine import Redaction
from opswarden.redaction.scanning import scan as scan_module
from opswarden.redaction.scanning.memo import Memo

# Functions that a module calls by name; methods of the scan that begin with `_by_`, and its parts that have a `find`,
# are passes of their own.
_FUNCTIONS: tuple[tuple[Any, str, str], ...] = (
    (scan_module, "views", "views"),
    (scan_module, "blobs", "blobs"),
    (scan_module, "_lower", "lower case"),
    (engine_module, "united", "uniting spans"),
)


class Passes:
    """Exclusive CPU seconds per pass: what a pass calls that is timed itself does not count twice."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.later_rounds_s = 0.0
        self._inner: list[float] = []

    def timed(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call, measured; a generator is run to its end inside, so that its work is seen."""

        def run(*args: Any, **options: Any) -> Any:
            start = time.process_time()
            self._inner.append(0.0)
            found = call(*args, **options)
            if isinstance(found, Iterator):
                found = list(found)
            whole = time.process_time() - start
            self.seconds[name] += whole - self._inner.pop()
            if self._inner:
                self._inner[-1] += whole
            return found

        return run

    def round_timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """One round over a text; those that look again around what was found are added up."""

        def run(text: str, *args: Any, **options: Any) -> Any:
            start = time.process_time()
            found = call(text, *args, **options)
            if len(text) < self.text_length or self.is_again:
                self.later_rounds_s += time.process_time() - start
            self.is_again = True
            return found

        return run

    text_length = 0
    is_again = False


class _Timed:
    """A part of the scan that has a `find` of its own, measured; everything else of it is as it was."""

    def __init__(self, part: Any, find: Callable[..., Any]) -> None:
        self._part = part
        self.find = find

    def __getattr__(self, name: str) -> Any:
        return getattr(self._part, name)


@contextmanager
def watched(redaction: Redaction) -> Iterator[Passes]:
    """While inside, every pass of this redaction is timed."""
    passes = Passes()
    scan = redaction._scan
    methods = [name for name in dir(scan_module.Scan) if name.startswith("_by_")]
    parts = {name: part for name, part in vars(scan).items() if callable(getattr(part, "find", None))}
    kept = [(module, name, getattr(module, name)) for module, name, _ in _FUNCTIONS if hasattr(module, name)]
    try:
        for module, name, said in _FUNCTIONS:
            if hasattr(module, name):
                setattr(module, name, passes.timed(said, getattr(module, name)))
        for name in methods:
            setattr(scan, name, passes.timed(name.removeprefix("_by_"), getattr(scan, name)))
        for name, part in parts.items():
            setattr(scan, name, _Timed(part, passes.timed(name.lstrip("_"), part.find)))
        if hasattr(redaction, "_once"):
            redaction._once = passes.round_timed(redaction._once)  # type: ignore[method-assign]
        yield passes
    finally:
        for module, name, original in kept:
            setattr(module, name, original)
        for name in methods:
            delattr(scan, name)
        for name, part in parts.items():
            setattr(scan, name, part)
        redaction.__dict__.pop("_once", None)


def without_memory(redaction: Redaction) -> Redaction:
    """The redaction, which from now on remembers no text: every time is the first time."""
    redaction._memo = Memo(entries=0)
    return redaction


def cost_of_passes(redaction: Redaction, blocks: tuple[str, ...]) -> tuple[dict[str, float], float]:
    """CPU milliseconds per MB of every pass, dearest first, and of the rounds after the first (inside of those)."""
    size_mb = sum(map(len, blocks)) / 1e6
    with watched(redaction) as passes:
        start = time.process_time()
        for block in blocks:
            passes.text_length, passes.is_again = len(block), False
            redaction.analyze(block)
        whole = time.process_time() - start
    seconds = {**passes.seconds, "everything else": whole - sum(passes.seconds.values())}
    ordered = sorted(seconds.items(), key=lambda entry: -entry[1])
    return {name: spent * 1000 / size_mb for name, spent in ordered}, passes.later_rounds_s * 1000 / size_mb
