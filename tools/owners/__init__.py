"""Whose an entity is, and how its owners are reached: the service catalogue."""
