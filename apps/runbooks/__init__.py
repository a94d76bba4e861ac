"""Runbooks where people meet them: opened behind the gate, checked against the platform, reported on."""
