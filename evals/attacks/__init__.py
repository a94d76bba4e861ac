"""Attacks: a model that obeys whoever writes to it, against the real gate."""
