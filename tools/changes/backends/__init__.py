"""Where changes come from, one file per system."""
