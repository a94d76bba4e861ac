"""Where the rows that models scored are kept, one file per system."""
