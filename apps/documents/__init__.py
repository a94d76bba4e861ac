"""Drafts where people meet them: gathered behind the gate, checked against their sources, never written over a page."""
