"""Checks for promoting a model, kept as code: what is asked of a version before it may answer."""
