"""The suites, one file each, and where their cases come from."""
