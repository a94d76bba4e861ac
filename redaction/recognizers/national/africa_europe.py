"""Identifiers of Africa and Europe."""

from __future__ import annotations

from ...definition import Definition

AFRICA_EUROPE: tuple[Definition, ...] = ()
