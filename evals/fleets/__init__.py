"""The invented fleet: weeks of a payments company's workloads, with planted situations and their labels beside it."""
