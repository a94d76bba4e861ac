"""The systems that shift traffic and those that count it."""
