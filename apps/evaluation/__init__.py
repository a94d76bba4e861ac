"""Suites that need a whole installation: triages, attacks, models under the eyes of Inspect."""
