"""Traces as evidence: which operations became slow or began to fail, by their own doing or by their callees'."""
