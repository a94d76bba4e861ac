"""Where logs come from, one file per system."""
