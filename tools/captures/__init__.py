"""What live systems answered, kept as it was read and written as a snapshot: cleaned, bounded, and told in full."""
