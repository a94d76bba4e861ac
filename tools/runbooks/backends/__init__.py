"""Where runbooks come from, one file per source."""
