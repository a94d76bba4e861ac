"""Where proposed files go: a clone of their repository."""
