"""Payments as evidence: approved, declined, failed and charged back, by segment."""
