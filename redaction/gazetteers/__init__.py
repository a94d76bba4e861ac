"""Lists of names of people and places, read when they are first needed."""
