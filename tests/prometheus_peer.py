"""A real Prometheus for tests, filled with rows of a metrics table by promtool."""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from opswarden.tests.peer_process import PeerProcess


def why_missing() -> str:
    """Why there is no server to be had here; empty if there is."""
    if shutil.which("prometheus") is None or shutil.which("promtool") is None:
        return "Prometheus is not installed: the tests against a real one are left out"
    return ""


class PrometheusPeer(PeerProcess):
    """One server on a port of its own that holds exactly these rows.

    Args:
        rows: of a metrics table; the entity becomes the label `service`.
        flags: further ones of the server.
        config: what stands in its file.
    """

    def __init__(
        self, rows: Sequence[Mapping[str, Any]], flags: Sequence[str] = (), config: str = "global: {}\n"
    ) -> None:
        super().__init__("prometheus")
        blocks = self._folder / "blocks"
        blocks.mkdir()
        if rows:
            text = self._folder / "samples.txt"
            text.write_text(open_metrics(rows))
            self._run("promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(text), str(blocks))
        written = self._folder / "prometheus.yml"
        written.write_text(config)
        self._start(
            [
                "prometheus",
                f"--config.file={written}",
                f"--storage.tsdb.path={blocks}",
                "--storage.tsdb.retention.time=100y",
                f"--web.listen-address=127.0.0.1:{self.port}",
                *flags,
            ],
        )

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stderr[-2000:]}")


def open_metrics(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows in the OpenMetrics text format, family by family, in order of time."""
    families: dict[str, list[tuple[str, float, float]]] = {}
    for row in rows:
        labels = [("service", row["entity"]), *row["labels"]]
        text = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels)
        families.setdefault(row["metric"], []).append((text, row["ts"].timestamp(), row["value"]))
    lines = []
    for metric, samples in sorted(families.items()):
        for text, at, value in sorted(samples, key=lambda sample: sample[:2]):
            lines.append(f"{metric}{{{text}}} {_number(value)} {at:.3f}")
    return "\n".join([*lines, "# EOF", ""])


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return repr(value) if math.isfinite(value) else ("+Inf" if value > 0 else "-Inf")
