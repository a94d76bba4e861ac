"""Where past incidents are kept, one file per place."""
