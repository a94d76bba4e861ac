"""Alerts as evidence: what was firing."""
