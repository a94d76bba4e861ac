"""What is known about the incident itself."""
