"""`opswarden worker`."""

from __future__ import annotations

from .serve import worker_command as command

__all__ = ["command"]
