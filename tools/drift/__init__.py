"""Drift of a model's inputs and answers: what moved, what it did to the model, and what performance to expect."""
