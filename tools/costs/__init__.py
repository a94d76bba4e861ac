"""What things cost: bills in the FOCUS format, prices, why a bill moved, and what a saving really saves."""
