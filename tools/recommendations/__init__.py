"""Recommendations: what to change, what it saves and risks, and what became of it."""
