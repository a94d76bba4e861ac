"""Where the service catalogue comes from, one file per source."""
