"""Identifiers of Asia and the Pacific, and of Turkey."""

from __future__ import annotations

from ...definition import Definition

ASIA: tuple[Definition, ...] = ()
