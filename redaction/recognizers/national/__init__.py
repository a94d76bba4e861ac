"""Numbers that states and banks give to people, one file each, gathered by region."""
