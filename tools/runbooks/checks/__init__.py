"""What is wrong with a runbook: pure functions of a page and of what is known of the platform."""
