"""Which entity, which of its indicators and which change explain the incident best: ranking over the evidence."""
