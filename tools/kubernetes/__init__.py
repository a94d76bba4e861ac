"""What runs in a cluster: workloads, their revisions, machines, and what the cluster says of them."""
