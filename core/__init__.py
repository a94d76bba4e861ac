"""What every other folder stands on: errors, ids, clock, configuration, canonical JSON, keys, state, telemetry."""
