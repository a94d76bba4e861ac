"""Where metrics come from, one file per system."""
