"""Signs from the artifact of `traces.latency`."""
from __future__ import annotations
import pyarrow as pa
from .evidence import Evidence
def read_latency(table: pa.Table, evidence: Evidence) -> None:
    """TODO"""
