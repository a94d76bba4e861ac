"""What runs, how it is used and what it costs, as a folder: the input of every FinOps analysis."""
