"""Rules made ready to run, and the passes that run them over a text."""
