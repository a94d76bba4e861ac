"""Rollouts: whether a canary does harm, told while it runs, and the way back."""
