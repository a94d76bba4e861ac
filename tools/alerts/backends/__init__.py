"""Where alerts come from, one file per system."""
