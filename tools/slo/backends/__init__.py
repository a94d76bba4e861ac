"""Where promises are declared, one file per system."""
