"""How workloads are used: read from systems and files, kept as a compact history that any window is a merge of."""
