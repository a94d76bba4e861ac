"""What a workload needs of CPU, memory, GPUs and replicas, and with what risk."""
