"""Incident triage: statistics first, a model second, every claim checked by code."""
