"""What an installation keeps, for how long, and how it lets go of it."""
