"""Attacks on the agents: what outsiders plant, what a captured model does, and what came of it."""
