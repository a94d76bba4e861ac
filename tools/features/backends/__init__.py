"""Where served features come from, one file per system."""
