"""What was promised, and how fast the allowance for breaking it is used up."""
