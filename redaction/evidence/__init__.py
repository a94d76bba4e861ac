"""What speaks for a bare number, and what for its being something else."""
