"""Signs from the artifact of `logs.patterns`."""
from __future__ import annotations
import pyarrow as pa
from .evidence import Evidence
def read_patterns(table: pa.Table, evidence: Evidence) -> None:
    """TODO"""
