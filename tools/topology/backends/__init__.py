"""Where the call graph comes from, one file per system."""
