"""When a workload can be off: by its own hours of the week, with what it costs to wake it up."""
