"""The runner: what holds credentials and tools, apart from the process that runs graphs and packages' agents."""
