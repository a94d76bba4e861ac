"""Data quality: what a table is like day by day, rules learned from that, and what is wrong with a new day."""
