"""What can go wrong in the sandbox world: one file per family, all of them listed in `catalogue`."""
