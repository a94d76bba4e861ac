"""Where the objects of a cluster come from, one file per system."""
