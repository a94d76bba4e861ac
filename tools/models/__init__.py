"""Models as evidence: which version answers, what it scores, and since when."""
