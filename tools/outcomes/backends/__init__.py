"""Where payments come from, one file per system."""
