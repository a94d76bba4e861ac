"""Slack: where incidents are told, asked about and answered."""
