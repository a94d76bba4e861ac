"""Where bills and prices come from, one file per system."""
