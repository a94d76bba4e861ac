"""Topology as evidence: who calls whom."""
