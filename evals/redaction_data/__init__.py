"""Invented text to measure redaction on: values by their published rules, and what an engineer needs to keep."""
