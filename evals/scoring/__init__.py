"""Scorers, intervals and baselines."""
