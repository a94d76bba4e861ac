"""The same text without its disguises, each view with a map back to the input."""
