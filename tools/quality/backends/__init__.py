"""Where tables that are watched are kept, one file per system."""
