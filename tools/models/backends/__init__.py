"""Where scores come from, one file per system."""
