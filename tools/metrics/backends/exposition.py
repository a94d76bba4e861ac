"""Reading a page of metrics: its samples, and the types that it declares.

Format: OpenMetrics 1.0 and Prometheus' text format 0.0.4, which differ in nothing that is read here but the end: a page
of OpenMetrics says where it is, so one that was cut off is told from a short one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_TYPE = re.compile(r"# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) ([a-z]+)")
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.ASCII)
_LABEL = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"\s*(,|(?=\}))', re.ASCII)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TOTALS = ("_total", "_count", "_sum")


@dataclass(frozen=True)
class Sample:
    """One line of a page.

    Args:
        metric: its name.
        labels: all of them.
        value: may be no number.
        type: as the page declares it for the metric or its family; empty where it does not.
    """

    metric: str
    labels: Mapping[str, str]
    value: float
    type: str

    @property
    def kind(self) -> str:
        """`counter`, `gauge`, or `histogram` for the quantiles of a summary; by its name where nothing is declared."""
        if self.type in ("counter", "gauge"):
            return self.type
        if self.type == "summary" and "quantile" in self.labels:
            return "histogram"
        return "counter" if self.metric.endswith(_TOTALS) else "gauge"

    @property
    def bound(self) -> float | None:
        """The upper bound of a bucket of a histogram; `None` for everything else.

        Raises:
            ValueError: it is no number.
        """
        if not self.metric.endswith("_bucket") or "le" not in self.labels or self.type in ("counter", "gauge"):
            return None
        return float(self.labels["le"])


def samples(text: str, *, must_end: bool) -> Iterator[Sample]:
    """The samples of a page, in its order.

    Args:
        text: the page.
        must_end: whether it has to say where it ends.

    Raises:
        ValueError: it is no page of metrics, or was cut off.
    """
    types: dict[str, str] = {}
    has_ended = False
    for line in text.split("\n"):
        if not line.strip():
            continue
        if has_ended:
            raise ValueError("more after the end")
        if line.startswith("#"):
            has_ended = line.strip() == "# EOF"
            if found := _TYPE.fullmatch(line.strip()):
                types[found[1]] = found[2]
            continue
        metric, labels, value = sample_of(line.strip())
        yield Sample(metric, labels, value, types.get(metric) or types.get(_family(metric), ""))
    if must_end and not has_ended:
        raise ValueError("no end")


def _family(metric: str) -> str:
    return next((metric.removesuffix(end) for end in ("_total", "_bucket") if metric.endswith(end)), metric)


def sample_of(line: str) -> tuple[str, dict[str, str], float]:
    """Name, labels and value of a line; braces may stand in the text of a label.

    Raises:
        ValueError: it is no sample.
    """
    name = _NAME.match(line)
    if name is None:
        raise ValueError("no name")
    at, labels = name.end(), dict[str, str]()
    if line.startswith("{", at):
        at += 1
        while found := _LABEL.match(line, at):
            labels[found[1]] = _ESCAPE.sub(lambda char: "\n" if char[1] == "n" else char[1], found[2])
            at = found.end()
        if not line.startswith("}", at):
            raise ValueError("no end of the labels")
        at += 1
    value, *_ = line[at:].split() or [""]
    return name[0], labels, float(value)
