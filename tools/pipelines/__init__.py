"""Pipelines: what runs, what failed and why, what will be late, and a retry that is safe."""
