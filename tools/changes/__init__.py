"""Changes as evidence: what people and pipelines altered, and when."""
