"""Where traces come from, one file per system."""
