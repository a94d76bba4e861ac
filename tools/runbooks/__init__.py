"""Runbooks: what is known about how to go on."""
