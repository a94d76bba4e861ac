"""Text in, text without personal data and secrets out; the vault that can restore what a run may restore."""
