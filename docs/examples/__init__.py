"""Examples that the documentation builds and CI runs."""
