"""Runbooks and documents drafted from what tools found: every statement names its source, and code checks that."""
