"""Backfills of feature views: what is missing, the order to write it in, and a book of what is written."""
