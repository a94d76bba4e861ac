"""The gate over a socket: the same door for a process that holds nothing else."""
