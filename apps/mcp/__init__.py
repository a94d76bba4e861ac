"""Our tools for clients of the Model Context Protocol, behind the gate."""
