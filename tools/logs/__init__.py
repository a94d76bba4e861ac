"""Logs as evidence: search lines, read them whole, and find the patterns that came, went or surged."""
