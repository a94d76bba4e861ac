"""Readers of payment messages: pure functions from a text to the places of its fields."""
