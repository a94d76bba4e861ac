"""A real Prometheus for tests, filled with rows of a metrics table by promtool."""

from __future__ import annotations

import http.client
import math
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def why_missing() -> str:
    """Why there is no server to be had here; empty if there is."""
    if shutil.which("prometheus") is None or shutil.which("promtool") is None:
        return "Prometheus is not installed: the tests against a real one are left out"
    return ""


class PrometheusPeer:
    """One server on a port of its own that holds exactly these rows.

    Args:
        rows: of a metrics table; the entity becomes the label `service`.
        flags: further ones of the server.
        config: what stands in its file.
    """

    def __init__(
        self, rows: Sequence[Mapping[str, Any]], flags: Sequence[str] = (), config: str = "global: {}\n"
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="opswarden-prometheus-"))
        blocks = self._folder / "blocks"
        blocks.mkdir()
        if rows:
            text = self._folder / "samples.txt"
            text.write_text(open_metrics(rows))
            self._run("promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(text), str(blocks))
        written = self._folder / "prometheus.yml"
        written.write_text(config)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._log = (self._folder / "log").open("w")
        self._process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={written}",
                f"--storage.tsdb.path={blocks}",
                "--storage.tsdb.retention.time=100y",
                f"--web.listen-address=127.0.0.1:{self.port}",
                *flags,
            ],
            stdout=self._log,
            stderr=self._log,
        )
        self._wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._process.kill()
        self._process.wait(10)
        self._log.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/-/ready")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass
            finally:
                connection.close()
            time.sleep(0.05)
        raise RuntimeError((self._folder / "log").read_text()[-2000:])

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
