"""Metrics as evidence: query a series, and find the series that shifted."""
