"""What runs pipelines, one file per system."""
