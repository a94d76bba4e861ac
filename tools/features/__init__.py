"""Features as evidence: nulls, constants, ages, and values unlike those of before or of the training."""
