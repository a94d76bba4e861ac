"""Cases, suites, scorers, importers of public incidents, and the sandbox world that makes labelled ones."""
