"""The service: what comes in from outside is kept first, acknowledged at once, and worked off by workers."""
