"""The cost agent: code computes every number, a model explains and drafts, and people decide."""
